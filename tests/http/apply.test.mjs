/*
 * Registering apps from files: permiso apply, and permiso client.  Everything
 * is tried on a database with a client in it; what is refused must leave it as
 * it was.
 */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
	from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { register } from "../support/app.mjs";
import { setUp } from "../support/people.mjs";
import { Server, root } from "../support/server.mjs";

const SECRET = "0123456789abcdef0123456789abcdef";
let server, scratch, refresh_token, count = 0;

before(async () => {
	scratch = mkdtempSync(join(tmpdir(), "permiso-apply-"));
	server = await Server.start();
	const ada = await setUp(server);
	const { probe } = await register(server, [{ client_id: "probe",
		grant_types: ["authorization_code", "refresh_token"] }]);
	({ refresh_token } = await probe.redeem(
		await probe.signIn(await ada.signIn(), ada)));
});
after(async () => {
	rmSync(scratch, { recursive: true, force: true });
	await server?.stop();
});

const registration = (client_id, more = {}) => ({ client_id,
	client_name: client_id.toUpperCase(),
	redirect_uris: ["https://rp.example/cb"],
	grant_types: ["authorization_code", "refresh_token"], ...more });

/* A folder with these files: a text as it is, anything else as JSON. */
function folder(files)
{
	const path = join(scratch, String(count++));

	mkdirSync(path);
	for (const [name, content] of Object.entries(files))
		writeFileSync(join(path, name), typeof content === "string" ?
			content : JSON.stringify(content));
	return path;
}

const apply = (files, ...more) => server.cli(["apply",
	typeof files === "string" ? files : folder(files), ...more]);
const client = (...args) => server.cli(["client", ...args]);

async function applied(files, ...more)
{
	const { code, stdout, stderr } = await apply(files, ...more);

	assert.equal(code, 0, stderr);
	assert.equal(stderr, "");
	return stdout;
}

/* All that apply could have changed. */
const state = async () => JSON.stringify(await server.sql(
	"SELECT c::text FROM clients c UNION ALL " +
	"SELECT s::text FROM client_secrets s UNION ALL " +
	"SELECT id::text || event FROM audit ORDER BY 1"));

const shown = async (client_id) => {
	const { code, stdout, stderr } = await client("show", client_id);

	assert.equal(code, 0, stderr);
	return JSON.parse(stdout);
};

/* What the token endpoint says to this secret, with another app's token. */
async function authenticate(client_id, secret)
{
	const reply = await server.post("/oauth/token", { form: {
		grant_type: "refresh_token", refresh_token }, headers: {
		Authorization: "Basic " + Buffer.from(`${client_id}:${secret}`)
			.toString("base64") } });

	return reply.json().error;
}

const works = async (client_id, secret) =>
	assert.equal(await authenticate(client_id, secret), "invalid_grant");
const worksNot = async (client_id, secret) =>
	assert.equal(await authenticate(client_id, secret), "invalid_client");

/* Refused with this code; says all of "words"; nothing has changed. */
async function refused(run, code, ...words)
{
	const old = await state();
	const reply = await run();

	assert.equal(reply.code, code, reply.stdout + reply.stderr);
	assert.equal(reply.stdout, "");
	for (const word of words)
		assert.ok(reply.stderr.includes(word),
			`no "${word}" in: ${reply.stderr}`);
	assert.equal(await state(), old);
}

/* --- apply ----------------------------------------------------------------- */

test("create, unchanged, update", async () => {
	const path = folder({ "one.json": registration("one"),
		"two.json": [registration("two"), registration("three",
			{ token_endpoint_auth_method: "none" })],
		"readme.txt": "not read", ".hidden.json": "not read" });
	const first = await applied(path);

	assert.match(first, /^create +one\n +client_secret \S+\ncreate +two\n +client_secret \S+\ncreate +three\n$/);
	assert.deepEqual((await shown("one")).redirect_uris,
		["https://rp.example/cb"]);
	assert.equal((await shown("one")).version, 1);

	const old = await state();
	assert.match(await applied(path),
		/^unchanged +one\nunchanged +two\nunchanged +three\n$/);
	assert.equal(await state(), old);

	writeFileSync(join(path, "one.json"), JSON.stringify(
		registration("one", { client_name: "Eins" })));
	assert.match(await applied(path),
		/^update +one\nunchanged +two\nunchanged +three\n$/);
	assert.equal((await shown("one")).name, "Eins");
	assert.equal((await shown("one")).version, 2);
	assert.equal((await shown("two")).version, 1);
	assert.deepEqual(await server.sql("SELECT event, count(*) FROM audit " +
		"WHERE event LIKE 'client\\_c%' GROUP BY 1 ORDER BY 1"),
		[["client_changed", "1"], ["client_created", "4"]]);
});

test("--dry-run says what would be done, and does nothing", async () => {
	const old = await state();
	const out = await applied({ "a.json": registration("dry"),
		"b.json": registration("one", { client_name: "Uno" }),
		"c.json": registration("two") }, "--dry-run");

	assert.match(out, /^create +dry\n +a client_secret will be made\nupdate +one\nunchanged +two\nNothing was written \(--dry-run\)\.\n$/);
	assert.equal(await state(), old);
});

test("many files", async () => {
	const files = {};
	for (let i = 10; i < 50; i++)
		files[`many${i}.json`] = registration(`many${i}`);
	const out = await applied(files);

	assert.equal(out.match(/^create /gm).length, 40);
	assert.equal(await server.value("SELECT count(*) FROM clients " +
		"WHERE client_id LIKE 'many%'"), "40");
});

/* Each beside a good file that is read before and one that is read after. */
test("a bad registration: the file, the member, nothing written", async () => {
	for (const [bad, code, ...words] of [
		[registration("bad", { redirect_url: [] }), 65,
			"redirect_url: there is no such member"],
		['{"client_id": "bad", "client_id": "bad"}', 65, ":1:", "client_id"],
		[registration("aaa"), 65, "client_id aaa is in", "/a.json already"],
		[[registration("bad"), registration("bad")], 65,
			"client_id bad is in"],
		[registration("bad", { redirect_uris: ["http://rp.example/"] }),
			65, "redirect_uris: "],
		[registration("bad", { redirect_uris: ["https://rp.example/#x"] }),
			65, "redirect_uris: "],
		[registration("bad", { redirect_uris: ["com.example:/cb"] }),
			65, "redirect_uris: a private scheme needs"],
		[registration("bad", { client_secret: SECRET.slice(1) }), 65,
			"client_secret: a text of 32 to 512 bytes"],
		[registration("bad", { client_secret: "" }), 65,
			"client_secret: "],
		[registration("b/d"), 65, "client_id: "],
		[{ client_id: "bad" }, 65, "client_name: is missing"],
		["{", 65, ":1:"], ["", 65, ":1:"], ["7", 65, ":1:"],
		['{"client_id": "bad"}\n{}', 65, ":2:"],
		["[7]", 65, "a registration is a JSON object"],
		['{"client_id": "\\ud800"}', 65, ":1:"],
		[" ".repeat(1024 * 1024 + 1), 65, "is too long"],
	]) {
		await refused(() => apply({ "a.json": registration("aaa"),
			"bad.json": bad, "z.json": registration("zzz") }), code,
			"permiso apply: ", "/bad.json", ...words);
	}
	const path = folder({ "a.json": registration("aaa") });
	mkdirSync(join(path, "bad.json"));
	await refused(() => apply(path), 66, "/bad.json: Is a directory");
});

test("a folder that is empty, missing, a file; a wrong command line", async () => {
	const file = join(folder({ "a.json": registration("aaa") }), "a.json");

	await refused(() => apply({}), 66, "no registration in a *.json file");
	await refused(() => apply({ "a.json": [] }), 66, "no registration");
	await refused(() => apply(join(scratch, "none")), 66, "/none: ",
		"No such file");
	await refused(() => apply(file), 66, "Not a directory");
	await refused(() => server.cli(["apply"]), 64, "usage: permiso apply");
	await refused(() => server.cli(["apply", scratch, scratch]), 64, "usage");
	await refused(() => server.cli(["apply", scratch, "--force"]), 64,
		"no option --force");
});

test("what the database refuses is refused whole", async () => {
	await server.sql("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql " +
		"AS 'BEGIN RAISE EXCEPTION ''no''; END'; CREATE TRIGGER no BEFORE " +
		"INSERT ON clients FOR EACH ROW WHEN (NEW.client_id = 'zzz') " +
		"EXECUTE FUNCTION no()");
	await refused(() => apply({ "a.json": registration("aaa"),
		"z.json": registration("zzz") }), 69, "clients: ");
	await server.sql("DROP TRIGGER no ON clients; DROP FUNCTION no()");
});

test("docs/clients.md: its example and its commands, as they stand", async () => {
	const text = readFileSync(join(root, "docs/clients.md"), "utf8");
	const block = (kind) => new RegExp("```" + kind + "\n([^]*?)```")
		.exec(text)[1];
	const path = folder({ "wiki.json": block("json") });
	const commands = block("sh").trim().split("\n").map((line) =>
		line.replace(/ +#.*/, "").replace("clients/", path)
			.replace("CLIENT_ID", "wiki").split(" "));

	assert.equal(commands.length, 8);
	for (const [program, ...args] of commands) {
		const { code, stderr } = await server.cli(args);

		assert.equal(program, "permiso");
		assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
	}
	await applied(join(root, "clients"));
	assert.equal((await client("delete", "demo")).code, 0);
});

/* --- secrets --------------------------------------------------------------- */

test("a secret that is made is told once and works", async () => {
	const path = folder({ "made.json": registration("made") });
	const [, secret] = /client_secret (\S+)\n/.exec(await applied(path));

	assert.ok(secret.length >= 32, secret);
	await works("made", secret);
	await worksNot("made", secret.slice(1));
	assert.equal((await applied(path)).includes(secret), false);
	await works("made", secret);
	assert.equal((await state()).includes(secret), false);
	assert.equal(JSON.stringify(await shown("made")).includes("secret\":"),
		false);
});

test("a secret that is given is not told, and replaces all", async () => {
	const given = (client_secret) => ({ "given.json":
		registration("given", { client_secret }) });
	const other = SECRET.replaceAll("0", "x");

	assert.match(await applied(given(SECRET)), /^create +given\n$/);
	await works("given", SECRET);
	assert.match(await applied(given(SECRET)), /^unchanged +given\n$/);

	const beside = (await client("secret", "given")).stdout.trim();
	await works("given", beside);
	await works("given", SECRET);

	const old = await state();
	assert.match(await applied(given(other), "--dry-run"), /^update +given\n/);
	assert.equal(await state(), old);
	assert.match(await applied(given(other)), /^update +given\n$/);
	await works("given", other);
	await worksNot("given", SECRET);
	await worksNot("given", beside);
	assert.equal((await state()).includes(other), false);
	assert.equal(await server.value("SELECT count(*) FROM audit a " +
		"JOIN clients c ON c.id = a.client_id " +
		"WHERE c.client_id = 'given' AND event = 'client_secret_created'"),
		"2");
});

test("a client that becomes public has no secret any more", async () => {
	const turn = (more) => applied({ "turn.json": registration("turn", more) });

	await turn({ client_secret: SECRET });
	await works("turn", SECRET);
	assert.match(await turn({ token_endpoint_auth_method: "none" }),
		/^update +turn\n$/);
	await worksNot("turn", SECRET);
	assert.match(await turn({}), /^update +turn\n +client_secret \S+\n$/);
	await worksNot("turn", SECRET);
});

/* --- permiso client -------------------------------------------------------- */

test("client list and show", async () => {
	const { code, stdout } = await client("list");

	assert.equal(code, 0);
	assert.match(stdout, /^one +client_secret_basic +1 secret +Eins$/m);
	assert.match(stdout, /^three +none +0 secrets +THREE$/m);
	assert.equal((await shown("three")).auth_method, "none");
});

test("client secret: two at a time, the third takes the older's place", async () => {
	const [, first] = /client_secret (\S+)\n/.exec(
		await applied({ "s.json": registration("rolled") }));
	const second = (await client("secret", "rolled")).stdout;
	assert.match(second, /^\S{32,}\n$/);
	await works("rolled", first);
	await works("rolled", second.trim());

	const third = (await client("secret", "rolled")).stdout.trim();
	await worksNot("rolled", first);
	await works("rolled", second.trim());
	await works("rolled", third);
	await refused(() => client("secret", "three"), 77,
		"client three is public: it has no secret");
});

test("client disable and enable", async () => {
	await applied({ "off.json": registration("off",
		{ client_secret: SECRET }) });
	assert.equal((await client("disable", "off")).code, 0);
	await worksNot("off", SECRET);
	assert.match((await client("list")).stdout, /^off .*\(disabled\)$/m);
	assert.match((await client("disable", "off")).stdout,
		/off is disabled already/);

	/* Applying does not enable. */
	await applied({ "off.json": registration("off",
		{ client_name: "Still off" }) });
	await worksNot("off", SECRET);

	assert.equal((await client("enable", "off")).code, 0);
	await works("off", SECRET);
	assert.match((await client("enable", "off")).stdout,
		/off is enabled already/);
});

test("client delete", async () => {
	await applied({ "gone.json": registration("gone",
		{ client_secret: SECRET }) });
	assert.equal((await client("delete", "gone")).code, 0);
	await worksNot("gone", SECRET);
	await refused(() => client("delete", "gone"), 67,
		"there is no client gone");
	assert.equal(await server.value("SELECT count(*) FROM audit " +
		"WHERE event = 'client_deleted' AND detail->>'client_id' = 'gone'"),
		"1");
});

test("client: an unknown one, a wrong command line", async () => {
	for (const what of ["delete", "disable", "enable", "secret", "show"]) {
		await refused(() => client(what, "nobody"), 67,
			"permiso client: there is no client nobody");
		await refused(() => client(what), 64, "usage: permiso client");
		await refused(() => client(what, "one", "two"), 64, "usage");
	}
	await refused(() => client(), 64, "usage: permiso client");
	await refused(() => client("list", "one"), 64, "usage");
	await refused(() => client("fly", "one"), 64, "there is no `client fly`");
	await refused(() => client("show", ""), 67, "there is no client");
});
