/*
 * People from the command line: permiso user, permiso login-link.  What a
 * disabled person or a removed passkey can still do is in signin.test.mjs.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";

import { addPerson, setUp, useLink } from "../support/people.mjs";
import { Server } from "../support/server.mjs";

let server;

before(async () => {
	server = await Server.start();
	await setUp(server);
});
after(() => server?.stop());

const user = (...args) => server.cli(["user", ...args]);
const link = (...args) => server.cli(["login-link", ...args]);

async function done(run)
{
	const { code, stdout, stderr } = await run;

	assert.equal(code, 0, stderr);
	return { stdout, stderr };
}

/* All that these commands could have changed. */
const state = async () => JSON.stringify(await server.sql(
	"SELECT u::text FROM users u UNION ALL " +
	"SELECT l::text FROM login_links l UNION ALL " +
	"SELECT id::text || event FROM audit " +
	"WHERE event NOT LIKE 'signing_key%' ORDER BY 1"));

/* Refused with this code and all of "words"; nothing has changed. */
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

const events = async (name) => (await server.sql("SELECT event FROM audit a " +
	"JOIN users u ON u.id = a.user_id WHERE u.username = '" + name +
	"' ORDER BY a.at, a.id")).flat();

test("add and show", async () => {
	const { stdout, stderr } = await done(user("add", "Grace",
		"--email", "Grace@example.com", "--first-name=Grace",
		"--last-name", "Hopper"));
	assert.equal(stdout, "grace\n");
	assert.match(stderr, /`permiso login-link grace`/);

	const shown = (await done(user("show", "GRACE"))).stdout;
	assert.match(shown, /^username: +grace$/m);
	assert.match(shown, /^name: +Grace Hopper$/m);
	assert.match(shown, /^email: +Grace@example\.com$/m);
	assert.match(shown, /^administrator: +no$/m);
	assert.match(shown, /^state: +active$/m);
	assert.match(shown, /^passkeys: +0$/m);
	assert.deepEqual(await events("grace"), ["account_created"]);
});

test("add: what is taken, in whatever case, and what is wrong", async () => {
	await refused(() => user("add", "GRACE"), 65, "username grace already");
	await refused(() => user("add", "grace2", "--email",
		"gRACE@EXAMPLE.com"), 65, "address", "already");
	for (const [args, ...words] of [
		[["a b"], "the username"], [[""], "the username is empty"],
		[[".grace"], "the username"], [["gr\u00e4ce"], "the username"],
		[["a".repeat(300)], "the username is too long"],
		[["eve", "--email", "eve"], "--email"],
		[["eve", "--email", ""], "--email is empty"],
		[["eve", "--email"], "--email needs a value"],
		[["eve", "--first-name", "E\nve"], "--first-name"],
		[["eve", "--last-name", "x".repeat(1000)],
			"--last-name is too long"],
		[["eve", "--admin", "--admin"], "--admin is a flag, given once"],
		[["eve", "--administrator"], "no option --administrator"],
		[["eve", "eva"], "usage: permiso user"],
	])
		await refused(() => user("add", ...args), 64, ...words);
});

test("eight at once with one name: one person", async () => {
	const names = Array.from({ length: 8 }, (_, i) => i % 2 ? "twin" : "TWIN");
	const codes = (await Promise.all(names.map((name) =>
		user("add", name)))).map(({ code }) => code).sort();

	assert.deepEqual(codes, [0, 65, 65, 65, 65, 65, 65, 65]);
});

test("list: all people, beyond one page", async () => {
	await server.sql("INSERT INTO users (id, sub, user_handle, username, " +
		"display_name, given_name, family_name) " +
		"SELECT gen_random_uuid(), gen_random_uuid()::text, " +
		"sha256(n::text::bytea), " +
		"'many' || to_char(n, 'FM000'), 'M', 'M', '' " +
		"FROM generate_series(1, 250) n");
	const { stdout } = await done(user("list"));
	const lines = stdout.trimEnd().split("\n");

	assert.match(lines[0], /^USERNAME +EMAIL +PASSKEYS +STATE$/);
	assert.equal(lines.length - 1, Number(await server.value(
		"SELECT count(*) FROM users")));
	const names = lines.slice(1).map((line) => line.split(" ")[0]);
	assert.deepEqual(names, [...new Set(names)].sort());
	assert.match(stdout, /^ada +ada@example\.com +1  active, administrator$/m);
	assert.match(stdout, /^many250 +- +0  active$/m);
});

test("disable, enable, promote, demote: once, again, and nobody", async () => {
	for (const [what, pattern, already] of [
		["disable", /^state: +disabled$/m, "is disabled already"],
		["enable", /^state: +active$/m, "is active already"],
		["promote", /^administrator: +yes$/m,
			"is an administrator already"],
		["demote", /^administrator: +no$/m,
			"is no administrator already"],
	]) {
		await done(user(what, "grace"));
		assert.match((await done(user("show", "grace"))).stdout, pattern);
		const old = await state();
		assert.match((await done(user(what, "Grace"))).stderr,
			new RegExp(`grace ${already}`));
		assert.equal(await state(), old);
		await refused(() => user(what, "nobody"), 67,
			"permiso user: there is no user nobody");
		await refused(() => user(what), 64, "usage: permiso user");
		await refused(() => user(what, "grace", "ada"), 64, "usage");
	}
	assert.deepEqual(await events("grace"), ["account_created",
		"user_disabled", "user_enabled", "user_promoted",
		"user_demoted"]);
});

test("the last administrator stays, and is told why", async () => {
	for (const what of ["demote", "disable"])
		await refused(() => user(what, "ada"), 77, "permiso user: user " +
			"ada: refused, because it would leave nobody who can " +
			"administer");
	/* One who is disabled is none to lean on. */
	const third = await addPerson(server, "third", { cli: ["--admin"] });
	await done(user("disable", "third"));
	await refused(() => user("demote", "ada"), 77, "nobody who can");

	await done(user("enable", "third"));
	await done(user("demote", "ada"));
	await refused(() => user("disable", "third"), 77, "nobody who can");
	await done(user("promote", "ada"));
	await third.signIn();
});

test("passkeys and remove-passkey", async () => {
	const bob = await addPerson(server, "bob");
	const { stdout } = await done(user("passkeys", "BOB"));
	const [, id] = /^([0-9a-f-]{36}) \d{4}-\d\d-\d\d /m.exec(stdout);

	await refused(() => user("remove-passkey", "ada", id), 67, "passkey",
		"of user ada");
	await refused(() => user("remove-passkey", "bob", "1"), 65,
		"`permiso user passkeys bob`");
	await refused(() => user("remove-passkey", "bob"), 64, "usage");
	const gone = await done(user("remove-passkey", "bob", id));
	assert.match(gone.stderr, /That was the last one: `permiso login-link bob`/);
	assert.equal((await bob.tab.get("/")).location?.pathname, "/login");
	await refused(() => user("remove-passkey", "bob", id), 67, "there is no");
	assert.ok((await events("bob")).includes("passkey_removed"));
});

/* --- login links ----------------------------------------------------------- */

test("login-link: told once, kept as a digest, for as long as was asked", async () => {
	const { stdout, stderr } = await done(link("Grace"));
	const url = new URL(stdout.trim());
	const code = url.pathname.slice("/lc/".length);

	assert.equal(stdout, `${server.issuer}/lc/${code}\n`);
	assert.match(stderr, /^Works once, for \d+ hours?, for grace\./);
	assert.equal((await state()).includes(code), false);

	for (const args of [["--hours", "2"], ["--hours=2"]]) {
		const { stderr } = await done(link("grace", ...args));
		assert.match(stderr, /^Works once, for 2 hours, for grace\./);
		assert.equal(await server.value("SELECT round(extract(epoch " +
			"FROM l.expires_at - now()) / 60) FROM login_links l " +
			"JOIN users u ON u.id = l.user_id " +
			"WHERE username = 'grace'"), "120");
	}
	assert.equal((await server.get(url.pathname)).text.includes("<form method=\"post\" action=\"/lc/"),
		false);
	const { tab } = await useLink(server, "grace");
	assert.equal((await tab.get("/passkey/add")).status, 200);
});

test("login-link: nobody, a disabled person, a wrong command line", async () => {
	await refused(() => link("nobody"), 67, "there is no user nobody");
	await done(user("disable", "grace"));
	await refused(() => link("grace"), 77, "user grace is disabled; " +
		"`permiso user enable grace` comes first");
	await done(user("enable", "grace"));
	for (const hours of ["0", "169", "-1", "1.5", "x", "", "9".repeat(30)])
		await refused(() => link("grace", "--hours", hours), 64,
			"--hours takes a whole number from 1 to 168");
	await refused(() => link(), 64, "usage: permiso login-link");
	await refused(() => link("grace", "ada"), 64, "usage");
});

test("the database is away: 69, and a sentence", async () => {
	const env = { DB_CONNECTION_STRING: "host=/nowhere dbname=x" };

	for (const args of [["user", "list"], ["user", "add", "x"],
		["login-link", "ada"], ["client", "list"]]) {
		const { code, stdout, stderr } = await server.cli(args, { env });
		assert.equal(code, 69, stderr);
		assert.equal(stdout, "");
		assert.match(stderr, /^permiso (user|login-link|client): ./m);
	}
});
