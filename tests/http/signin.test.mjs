/*
 * Getting in and out of a whole server: set-up, passkeys, login links, and
 * what each session may do.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { addBegin, addPasskey, details, formToken, loginLink, newPerson,
	passkey, setUp, setUpBegin, setupPath, signIn, signInBegin, useLink,
	whoIs } from "../support/accounts.mjs";
import { Server } from "../support/server.mjs";

let server, admin;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

const code = (reply) => reply.json().code;

/* Every row of these tables, as text: to see that nothing was changed.  When a
 * session was last used is written seconds later, for many at once. */
const tables = () => server.value("SELECT md5(string_agg(t::text, '' ORDER BY " +
	"t::text)) FROM (SELECT u::text AS t FROM users u UNION ALL " +
	"SELECT p::text FROM passkeys p UNION ALL " +
	"SELECT (to_jsonb(s) - 'last_active_at')::text FROM sessions s " +
	"UNION ALL SELECT l::text FROM login_links l UNION ALL " +
	"SELECT c::text FROM challenges c) AS all_rows (t)");

test("before set-up every way in leads there", async () => {
	const tab = server.browser();

	assert.equal((await tab.get("/")).location.pathname, "/login");
	assert.equal((await tab.get("/login")).location.pathname, "/setup");
});

test("set-up needs the printed code, and good details", async () => {
	const tab = server.browser();
	const page = await tab.get("/setup");
	const csrf = formToken(page, "/setup");
	const wrong = await tab.form("/setup", { ...details, csrf,
		code: "0".repeat(32) });

	assert.equal(wrong.status, 422);
	assert.match(wrong.text, /This code is not right/);
	assert.equal(wrong.field("username"), "admin");
	const path = await setupPath(server);
	const good = await tab.form("/setup", { ...details, csrf,
		code: path.slice(-32) });
	const press = { csrf: good.field("csrf"), setup: good.field("setup") };
	const again = await tab.form("/setup/passkey", { ...press, hint: "any" });
	assert.equal(again.status, 200);
	assert.equal(again.attribute("data-pressed"), "any");
	assert.equal(again.attribute("data-setup"), press.setup);
	assert.match(again.text, /Ada Lovelace/);
	for (const setup of [undefined, "x", press.setup.replace(/.$/, "!")])
		assert.equal((await tab.form("/setup/passkey",
			{ ...press, setup })).status, 403);
	const bad = await tab.form("/setup", { csrf, username: "a b",
		email: "x", code: path.slice(-32) });
	assert.equal(bad.status, 422);
	assert.match(bad.text, /role="alert"/);
	assert.equal(await server.value("SELECT count(*) FROM users"), "0");
});

test("set-up of 20 at once makes one administrator", async () => {
	const tries = await Promise.all(Array.from({ length: 20 }, async (_, n) => {
		const tab = server.browser(), key = passkey(server);
		const begun = await setUpBegin(server, tab, key,
			{ ...details, username: n === 0 ? "admin" : `a${n}`,
				email: `a${n}@example.com` });
		return { tab, key, ...begun };
	}));
	const replies = await Promise.all(tries.map(({ tab, body, csrf }) =>
		tab.script("/setup/verify", body, csrf)));
	const won = replies.findIndex((r) => r.status === 200);

	assert.equal(replies.filter((r) => r.status === 200).length, 1);
	assert.ok(replies.every((r) => r.status === 200 || code(r) === "expired"));
	assert.equal(await server.value("SELECT count(*) FROM users"), "1");
	assert.equal(await server.value("SELECT administrators FROM installation"), "1");
	admin = { tab: tries[won].tab, key: tries[won].key,
		username: won === 0 ? "admin" : `a${won}` };
	assert.equal(await whoIs(admin.tab), "Ada Lovelace");
});

test("set-up is over for good", async () => {
	const tab = server.browser();
	const path = await setupPath(server);

	assert.equal((await tab.get(path)).status, 403);
	assert.equal((await tab.get("/login")).status, 200);
	await server.restart();
	assert.equal((await tab.get(path)).status, 403);
	assert.equal(await whoIs(admin.tab), "Ada Lovelace");
});

test("sign-in, sign-out, sign-in again", async () => {
	const tab = server.browser();
	const reply = await signIn(tab, admin.key);

	assert.equal(reply.status, 200);
	assert.equal(reply.json().location, "/");
	assert.equal(reply.json().signal.allAcceptedCredentialIds.length, 1);
	assert.equal(await whoIs(tab), "Ada Lovelace");

	const page = await tab.get("/logout");
	const old = new Map(tab.jar);
	const out = await tab.form("/logout", { csrf: formToken(page, "/logout") });
	assert.equal(out.location.pathname, "/signed-out");
	assert.equal(out.headers["clear-site-data"], '"cache", "storage"');
	assert.equal(tab.jar.has("session"), false);
	assert.equal(tab.jar.has("browser"), true);
	assert.equal((await tab.follow(out)).status, 200);
	assert.equal(await whoIs(tab), undefined);

	/* The old cookie is nobody's, and is taken back. */
	tab.jar = old;
	assert.equal(await whoIs(tab), undefined);
	assert.equal(tab.jar.has("session"), false);
	assert.equal((await signIn(tab, admin.key)).status, 200);
});

test("sign out on all devices", async () => {
	const here = server.browser(), there = server.browser();
	assert.equal((await signIn(here, admin.key)).status, 200);
	assert.equal((await signIn(there, admin.key)).status, 200);
	const page = await here.get("/logout?everywhere=1");
	assert.match(page.text, /Sign out on all devices\?/);
	const done = await here.form("/logout", { everywhere: "1",
		csrf: formToken(page, "/logout") });
	assert.equal(done.location.pathname, "/signed-out");
	assert.equal(await whoIs(here), undefined);
	assert.equal(await whoIs(there), undefined);
	assert.equal(await whoIs(admin.tab), undefined);
});

test("R10.2: a new cookie at every sign-in; a planted one stays nobody's", async () => {
	const tab = server.browser();

	tab.jar.set("session", "A".repeat(43));
	await signIn(tab, admin.key);
	const first = tab.jar.get("session");
	assert.notEqual(first, "A".repeat(43));
	const id = "SELECT id FROM sessions WHERE ended_at IS NULL ORDER BY created_at DESC LIMIT 1";
	const session = await server.value(id);
	await signIn(tab, admin.key, { other: "1" });
	assert.notEqual(tab.jar.get("session"), first);
	/* The same person in the same browser keeps the session's id. */
	assert.equal(await server.value(id), session);
	const thief = server.browser();
	thief.jar.set("session", first);
	assert.equal(await whoIs(thief), undefined);
});

test("R5.14: a challenge is used once, from any browser, by anybody", async () => {
	const tab = server.browser();
	const { csrf, body } = await signInBegin(tab, admin.key);

	assert.equal((await tab.script("/login/verify", body, csrf)).status, 200);
	const again = await tab.script("/login/verify", body, csrf);
	assert.equal(again.status, 400);
	const state = body.state;
	const fresh = await signInBegin(server.browser(), admin.key);
	assert.equal(code(await tab.script("/login/verify",
		{ ...fresh.body, state }, csrf)), "server");
});

test("AZ15, R10.1: a challenge of another browser is refused", async () => {
	const mine = server.browser(), other = server.browser();
	const { body } = await signInBegin(mine, admin.key);
	const { csrf } = await signInBegin(other, admin.key);
	const reply = await other.script("/login/verify", body, csrf);

	assert.equal(reply.status, 400);
	assert.equal(code(reply), "expired");
	assert.equal(await whoIs(other), undefined);
});

// A press that no script took posts the button's form: the page comes again
// and says that it was pressed.
test("a press without its script: the page again, and nothing else", async () => {
	const before = await tables();
	const tab = server.browser();
	const page = await tab.get("/login?to=passkey");
	const form = { csrf: page.field("csrf"), to: "passkey" };

	for (const [hint, pressed] of [["any", "any"], [undefined, "any"],
		["hybrid", "hybrid"], ["security-key,hybrid", "security-key,hybrid"],
		["\"><script>", "any"], ["x".repeat(5000), "any"]]) {
		const reply = await tab.form("/login", { ...form, hint });
		assert.equal(reply.status, 200);
		assert.equal(reply.attribute("data-pressed"), pressed);
		assert.equal(reply.attribute("data-to"), "passkey");
	}
	assert.equal(page.attribute("data-pressed"), "");
	for (const [fields, status] of [
		[{ hint: "any" }, 403],
		[{ csrf: form.csrf.replace(/.$/, "!") }, 403],
		[[["csrf", form.csrf], ["hint", "any"], ["hint", "any"]], 400],
		[[["csrf", form.csrf], ["i", "x"]], 400],
		[[["csrf", form.csrf], ["i", "x"], ["i", "x"]], 400],
	])
		assert.equal((await tab.form("/login", fields)).status, status);
	assert.equal((await server.browser().form("/login", form)).status, 403);
	assert.equal((await tab.form("/passkey/add", form)).status, 403);
	assert.equal(await tables(), before);

	const hers = server.browser();
	assert.equal((await signIn(hers, admin.key)).status, 200);
	const add = await hers.get("/passkey/add");
	const again = await hers.form("/passkey/add", { csrf: add.field("csrf"),
		hint: "hybrid" });
	assert.equal(again.status, 200);
	assert.equal(again.attribute("data-pressed"), "hybrid");
	assert.equal((await hers.form("/passkey/add", { hint: "any" })).status, 403);

	const offer = await hers.get("/passkey/offer");
	assert.equal(offer.status, 200);
	const press = { csrf: offer.field("csrf") };
	assert.equal((await hers.form("/passkey/offer", { ...press, hint: "any" }))
		.attribute("data-pressed"), "any");
	const never = await hers.form("/passkey/offer", { ...press, never: "1" });
	assert.equal(never.location.href, new URL("/", server.issuer).href);
	assert.match(never.cookies.join(), /passkey_offer=never/);
	assert.equal((await hers.get("/passkey/offer?i=%0d%0ax")).status, 400);
	assert.equal((await hers.form("/passkey/offer",
		{ ...press, never: "1", i: "x" })).status, 400);
	assert.equal((await hers.form("/passkey/offer", { never: "1" })).status, 403);
	assert.equal((await server.get("/passkey/offer")).location.pathname, "/login");
});

test("R10.4: no token, another site's Origin, Sec-Fetch-Site: refused", async () => {
	const tab = server.browser();
	const { csrf, body } = await signInBegin(tab, admin.key);

	for (const [token, headers] of [
		[undefined, {}],
		["1.AAAA", {}],
		[csrf, { "Sec-Fetch-Site": "cross-site" }],
		[csrf, { "Sec-Fetch-Site": "same-site" }],
	]) {
		const reply = await tab.script("/login/verify", body, token, { headers });
		assert.equal(reply.status, 403);
	}
	const { jar } = tab;
	const reply = await tab.request("POST", "/login/verify", { json: body,
		headers: { "X-CSRF": csrf, "Origin": "https://evil.example" } });
	assert.equal(reply.status, 403);
	tab.jar = jar;
	assert.equal((await tab.script("/login/verify", body, csrf)).status, 200);
});

test("refused passkeys change nothing and get the right word", async () => {
	const stranger = passkey(server);
	const bob = await newPerson(server, "bob0");
	const tab = server.browser();
	const unchanged = await tables();

	stranger.create({ rp: { id: "localhost", name: "x" },
		user: { id: Buffer.alloc(32, 1).toString("base64url"), name: "x", displayName: "x" },
		challenge: "AAAA", pubKeyCredParams: [{ type: "public-key", alg: -7 }] });
	for (const [key, fault, word] of [
		[stranger, {}, "unknown_passkey"],
		[admin.key, { uv: false }, "uv"],
		[admin.key, { up: false }, "server"],
		[admin.key, { origin: "https://evil.example" }, "server"],
		[admin.key, { rpId: "evil.example" }, "server"],
		[admin.key, { type: "webauthn.create" }, "server"],
		[admin.key, { challenge: Buffer.alloc(32).toString("base64url") }, "server"],
		[admin.key, { crossOrigin: true }, "server"],
		[admin.key, { signature: Buffer.alloc(70, 1) }, "server"],
		[admin.key, { userHandle: null }, "unknown_passkey"],
		/* R9.2: another person's handle with this passkey */
		[admin.key, { userHandle: Buffer.alloc(32, 9) }, "unknown_passkey"],
		[bob.key, { be: true }, "server"],
	]) {
		const reply = await signIn(tab, key, {}, fault);
		assert.equal(reply.status, 400, JSON.stringify(fault));
		assert.equal(code(reply), word, JSON.stringify(fault));
		assert.match(reply.json().reference, /^[0-9a-f]{16}$/);
	}
	assert.equal(await tables(), unchanged);
	assert.equal(await whoIs(tab), undefined);
});

test("a counter that goes back is refused, and is in the audit log", async () => {
	const bob = await newPerson(server, "bob1");
	const tab = server.browser();

	assert.equal((await signIn(tab, bob.key, {}, { counter: 50 })).status, 200);
	const reply = await signIn(server.browser(), bob.key, {}, { counter: 50 });
	assert.equal(code(reply), "clone");
	assert.equal(code(await signIn(server.browser(), bob.key, {}, { counter: 0 })), "clone");
	assert.equal((await signIn(tab, bob.key, { other: "1" }, { counter: 51 })).status, 200);
});

test("another person's sign-in ends the browser's session", async () => {
	const bob = await newPerson(server, "bob2");
	const tab = server.browser();

	await signIn(tab, admin.key);
	const old = tab.jar.get("session");
	await signIn(tab, bob.key, { other: "1" });
	assert.equal(await whoIs(tab), "bob2");
	const thief = server.browser();
	thief.jar.set("session", old);
	assert.equal(await whoIs(thief), undefined);
});

/* --- login links ----------------------------------------------------------- */

test("RC2: looking at a link five times changes nothing; its button works once", async () => {
	const bob = await newPerson(server, "bob3");
	const path = await loginLink(server, "bob3");
	const unchanged = await tables();

	for (let i = 0; i < 5; i++) {
		const page = await server.get(path);
		assert.equal(page.status, 200);
		assert.match(page.text, /b•••@example\.com/);
		assert.equal(page.headers["referrer-policy"], "no-referrer");
		assert.match(page.headers["cache-control"], /no-store/);
	}
	assert.equal((await server.request("HEAD", path)).status, 200);
	assert.equal(await tables(), unchanged);

	const tab = server.browser();
	const used = await useLink(tab, path);
	assert.equal(used.status, 303);
	assert.equal(used.location.pathname, "/passkey/add");

	/* RC9: used and unknown are told alike. */
	const gone = await server.get(path);
	const unknown = await server.get("/lc/" + "B".repeat(42) + "A");
	const plain = (page) => page.text.replace(/<footer.*/s, "");
	assert.equal(gone.status, 410);
	assert.equal(unknown.status, 410);
	assert.equal(plain(gone), plain(unknown));
	const other = server.browser();
	const fresh = await loginLink(server, "bob3");
	const page = await other.get(fresh);
	const again = await other.form(path, { csrf: formToken(page, fresh) });
	assert.equal(again.status, 410);
	assert.equal(await whoIs(other), undefined);
	assert.ok(bob);
});

test("RC4: a new link voids the old; disabling voids it", async () => {
	await newPerson(server, "bob4");
	const old = await loginLink(server, "bob4");
	const link = await loginLink(server, "bob4", "--hours", "2");

	assert.equal((await server.get(old)).status, 410);
	assert.equal((await server.get(link)).status, 200);
	assert.equal((await server.cli(["user", "disable", "bob4"])).code, 0);
	assert.equal((await server.get(link)).status, 410);
	assert.equal((await server.cli(["login-link", "bob4"])).code, 77);
	assert.equal((await server.cli(["user", "enable", "bob4"])).code, 0);
	assert.equal((await server.get(link)).status, 410);
});

test("RC4: a newer link, a passkey or another rank ends the session of an old link", async () => {
	/* Somebody else spends the link first; the person asks for another. */
	for (const [name, recover] of [
		["late1", async () => {
			await loginLink(server, "late1");
		}],
		["late2", async () => {
			const tab = server.browser();
			await useLink(tab, await loginLink(server, "late2"));
			assert.equal((await addPasskey(tab, passkey(server)))
				.status, 200);
			await server.sql("DELETE FROM login_links");
		}],
		["late3", async () => {
			for (const change of ["promote", "demote"])
				assert.equal((await server.cli(["user", change,
					"late3"])).code, 0);
		}],
	]) {
		await newPerson(server, name);
		const thief = server.browser(), key = passkey(server);
		await useLink(thief, await loginLink(server, name));
		const begun = await addBegin(thief, key);

		await recover();
		const reply = await thief.script("/passkey/add/verify",
			begun.body, begun.csrf);
		assert.equal(code(reply), "expired", name);
		assert.equal((await thief.get("/passkey/add")).location.pathname,
			"/login");
		assert.equal((await signIn(server.browser(), key)).status, 400);
	}
});

test("R7.7: an expired link is refused by the statement itself", async () => {
	await newPerson(server, "bob5");
	const path = await loginLink(server, "bob5");
	const tab = server.browser();
	const page = await tab.get(path);

	await server.sql("UPDATE login_links SET expires_at = now() - interval '1 s' WHERE used_at IS NULL");
	assert.equal((await tab.form(path, { csrf: formToken(page, path) })).status, 410);
	assert.equal(await whoIs(tab), undefined);
});

test("RC5: a link's session adds a passkey or signs out, nothing else", async () => {
	await newPerson(server, "bob6");
	const tab = server.browser(), key = passkey(server);

	await useLink(tab, await loginLink(server, "bob6"));
	for (const path of ["/", "/login", "/login?to=passkey"])
		assert.equal((await tab.get(path)).location.pathname, "/passkey/add");
	const limited = tab.jar.get("session");
	const begun = await addBegin(tab, key);
	const reply = await tab.script("/passkey/add/verify", begun.body, begun.csrf);
	assert.equal(reply.status, 200);
	assert.notEqual(tab.jar.get("session"), limited);
	assert.equal(await whoIs(tab), "bob6");
	const thief = server.browser();
	thief.jar.set("session", limited);
	assert.equal(await whoIs(thief), undefined);
	assert.equal((await signIn(server.browser(), key)).status, 200);

	const second = server.browser();
	await useLink(second, await loginLink(server, "bob6"));
	const page = await second.get("/passkey/add");
	const out = await second.form("/logout", { csrf: formToken(page, "/logout") });
	assert.equal(out.location.pathname, "/signed-out");
	assert.equal((await second.get("/passkey/add")).location.pathname, "/login");
});

test("a link does not lower the session that a passkey made: that one ends", async () => {
	const bob = await newPerson(server, "bob7");
	const tab = server.browser();

	await signIn(tab, bob.key);
	const old = tab.jar.get("session");
	await useLink(tab, await loginLink(server, "bob7"));
	assert.equal((await tab.get("/")).location.pathname, "/passkey/add");
	const thief = server.browser();
	thief.jar.set("session", old);
	assert.equal(await whoIs(thief), undefined);
});

/* --- passkeys -------------------------------------------------------------- */

test("LG9: adding a passkey takes one that was used just now", async () => {
	const bob = await newPerson(server, "bob8");
	const { tab } = bob, key = passkey(server);

	assert.equal((await addPasskey(tab, key)).status, 200);
	await server.sql("UPDATE sessions SET auth_time = now() - interval '11 min'");
	const page = await tab.get("/passkey/add");
	assert.equal(page.location.pathname + page.location.search, "/login?to=passkey");
	const confirm = await tab.get("/login?to=passkey");
	assert.match(confirm.text, /Confirm it&#39;s you|Confirm it's you/);
	const reply = await signIn(tab, bob.key, { to: "passkey" });
	assert.equal(reply.json().location, "/passkey/add");
	assert.equal(reply.json().signal.allAcceptedCredentialIds.length, 2);
	assert.equal((await tab.get("/passkey/add")).status, 200);
});

test("R9.3: the same passkey twice is refused", async () => {
	const bob = await newPerson(server, "bob9");
	const { tab } = bob, key = passkey(server);
	const first = await addBegin(tab, key);

	assert.equal((await tab.script("/passkey/add/verify", first.body, first.csrf)).status, 200);
	const again = await tab.script("/passkey/add/verify", first.body, first.csrf);
	assert.equal(again.status, 409);
	assert.equal(await server.value("SELECT passkeys FROM users WHERE username = 'bob9'"), "2");
});

test("removing a passkey ends its sessions at once", async () => {
	const bob = await newPerson(server, "bob10");

	assert.equal(await whoIs(bob.tab), "bob10");
	const list = await server.cli(["user", "passkeys", "bob10"]);
	const id = /^[0-9a-f-]{36}/m.exec(list.stdout)[0];
	assert.equal((await server.cli(["user", "remove-passkey", "bob10", id])).code, 0);
	assert.equal(await whoIs(bob.tab), undefined);
	assert.equal(code(await signIn(server.browser(), bob.key)), "unknown_passkey");
	assert.equal((await server.cli(["user", "remove-passkey", "bob10", id])).code, 67);
	assert.equal((await server.cli(["user", "remove-passkey", "bob10", "x"])).code, 65);
});

/* --- people ---------------------------------------------------------------- */

test("R6.2: a disabled person gets in by no way, and nothing revives", async () => {
	const bob = await newPerson(server, "bob11");

	assert.equal((await server.cli(["user", "disable", "bob11"])).code, 0);
	assert.equal(await whoIs(bob.tab), undefined);
	const reply = await signIn(server.browser(), bob.key);
	assert.equal(reply.status, 403);
	assert.equal(code(reply), "disabled");
	assert.equal((await server.cli(["user", "enable", "bob11"])).code, 0);
	assert.equal(await whoIs(bob.tab), undefined);
	assert.equal((await signIn(bob.tab, bob.key)).status, 200);
});

test("AD7: the last administrator stays", async () => {
	for (const what of ["demote", "disable"]) {
		const { code, stderr } = await server.cli(["user", what, admin.username]);
		assert.equal(code, 77, stderr);
	}
	const show = await server.cli(["user", "show", admin.username]);
	assert.match(show.stdout, /administrator:\s+yes/);
	assert.match(show.stdout, /state:\s+active/);
});

test("the command line tells mistakes apart", async () => {
	for (const [args, want] of [
		[["user"], 64], [["user", "fly"], 64], [["user", "add"], 64],
		[["user", "add", "a b"], 64], [["user", "add", "admin2", "--email", "x"], 64],
		[["user", "add", admin.username], 65],
		[["user", "show", "nobody"], 67], [["login-link", "nobody"], 67],
		[["login-link"], 64], [["login-link", "admin", "--hours", "169"], 64],
		[["login-link", "admin", "--hours", "0"], 64],
		[["user", "list", "x"], 64],
	]) {
		const { code, stderr } = await server.cli(args);
		assert.equal(code, want, `${args.join(" ")}: ${stderr}`);
	}
	const list = await server.cli(["user", "list"]);
	assert.equal(list.code, 0);
	assert.match(list.stdout, new RegExp(`^${admin.username} .*administrator$`, "m"));
});

test("no link, code, cookie or challenge is in the log", async () => {
	const path = await loginLink(server, admin.username);
	const tab = server.browser();

	await tab.get(path);
	await useLink(tab, path);
	await signIn(tab, admin.key, { other: "1" }).catch(() => {});
	const log = server.log();
	assert.equal(log.includes(path.slice(4)), false);
	for (const value of tab.jar.values())
		assert.equal(log.includes(value), false);
});
