// Passkeys against the whole server: the groups webauthn_3_2 that need
// a database, a session or HTTP.  Those of bytes alone are in tests/webauthn.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Authenticator } from "../support/authenticator.mjs";
import { addPerson, create, get, setUp, useLink } from "../support/people.mjs";
import { Server } from "../support/server.mjs";

let server, ada, eve;

before(async () => {
	server = await Server.start();
	ada = await setUp(server);
	eve = await addPerson(server, "eve");
});
after(() => server?.stop());

const code = (reply) => `${reply.status} ${reply.json().code ?? "ok"}`;
const count = async (table) => Number(await server.value(`SELECT count(*) FROM ${table}`));
const software = () => new Authenticator({ origin: server.issuer });

// A verify request of its own, spoiled by "change", never sent as it was.
async function prepared(person = ada, how)
{
	const tab = server.browser();
	const page = await tab.get("/login");
	const asked = await tab.script("/login/options", {}, page.attribute("data-csrf"));
	const { publicKey, state } = asked.json();

	return { tab, csrf: page.attribute("data-csrf"), options: publicKey,
		body: { state, credential: person.key.get(publicKey, how), i: "", to: "" } };
}

const send = ({ tab, body, csrf }, options) => tab.script("/login/verify", body, csrf, options);

describe("webauthn_3_2_017: what is not our page's JSON", () => {
	test("the good request", async () => {
		assert.equal(code(await send(await prepared())), "200 ok");
	});
	for (const type of ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""])
		test(`Content-Type ${type || "none"}`, async () => {
			const reply = await send(await prepared(), { headers: { "Content-Type": type } });
			assert.equal(reply.status, 400);
			assert.equal(reply.cookies.some((c) => c.startsWith("session=")), false);
		});
	for (const [what, token] of [["no", undefined], ["an empty", ""], ["a wrong", "AAAA"]])
		test(`${what} X-CSRF`, async () => {
			const one = await prepared();
			assert.equal((await send({ ...one, csrf: token })).status, 403);
		});
	test("another browser's X-CSRF", async () => {
		const other = await prepared();
		assert.equal((await send({ ...await prepared(), csrf: other.csrf })).status, 403);
	});
	for (const [site, origin] of [["cross-site", ""], ["same-site", ""], ["none", ""], ["", "https://evil.example"]])
		test(`from elsewhere: ${site} ${origin}`, async () => {
			const reply = await send(await prepared(), { headers: {
				"Sec-Fetch-Site": site, Origin: origin || server.issuer } });
			assert.equal(reply.status, 403);
		});
});

describe("one challenge, one success", () => {
	test("webauthn_3_2_018: of two at the same time exactly one", async () => {
		for (let round = 0; round < 20; round++) {
			const one = await prepared();
			const replies = await Promise.all([send(one), send(one)]);
			assert.deepEqual(replies.map((r) => r.status === 200).sort(), [false, true],
			    replies.map((r) => r.text).join());
		}
	});
	test("webauthn_3_2_032: not again after success", async () => {
		const one = await prepared();
		assert.equal(code(await send(one)), "200 ok");
		const before_sessions = await count("sessions");
		const again = await send(one);
		assert.equal(again.status >= 400, true, again.text);
		assert.equal(await count("sessions"), before_sessions);
	});
	// What fails before the database does not spend a sealed
	// challenge; it lives on in its browser until it is used or expires.
	test("webauthn_3_2_033: after a failed try once more, not twice", async () => {
		const bad = await prepared(ada, { uv: false });
		assert.equal(code(await send(bad)), "400 uv");
		const good = { ...bad, body: { ...bad.body, credential: ada.key.get(bad.options) } };
		assert.equal(code(await send(good)), "200 ok");
		assert.equal((await send(good)).status >= 400, true);
	});
});

test("webauthn_3_2_045: challenges outstanding are stored nowhere", async () => {
	const tab = server.browser();
	const csrf = (await tab.get("/login")).attribute("data-csrf");
	const stored = async () => [await count("challenges"), await count("sessions"), await count("passkeys")];
	const rows = await stored();
	const seen = new Set();

	for (let i = 0; i < 300; i++)
		seen.add((await tab.script("/login/options", {}, csrf)).json().publicKey.challenge);
	assert.equal(seen.size, 300);
	assert.deepEqual(await stored(), rows);
});

test("webauthn_3_2_046: options are never cached", async () => {
	const tab = server.browser();
	const page = await tab.get("/login");
	const options = await tab.script("/login/options", {}, page.attribute("data-csrf"));

	assert.match(page.headers["cache-control"], /no-store/);
	assert.match(options.headers["cache-control"], /no-store/);
	assert.equal(options.headers["content-type"], "application/json");
});

test("webauthn_3_2_054: what the browser calls itself changes nothing", async () => {
	for (const agent of ["Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36", ""]) {
		const one = await prepared(ada, { origin: "https://evil.example" });
		assert.equal(code(await send(one, { headers: { "User-Agent": agent } })), "400 server");
	}
});

test("webauthn_3_2_055: nor does the host it asks", async () => {
	for (const [headers, origin] of [
		[{ Host: "evil.example" }, "http://evil.example"],
		[{ "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https" }, "https://evil.example"],
		[{ Forwarded: "host=evil.example;proto=https" }, "https://evil.example"],
	]) {
		const one = await prepared(ada, { origin, rpId: "evil.example" });
		const reply = await send(one, { headers });
		assert.equal(reply.status >= 400 && reply.status < 500, true, reply.text);
		assert.equal(reply.cookies.some((c) => c.startsWith("session=")), false);
	}
});

describe("faults of the ceremony, each alone", () => {
	for (const [what, fault, want] of [
		["user presence missing", { up: false }, "400 server"],
		["user verification missing", { uv: false }, "400 uv"],
		["another origin", { origin: "https://evil.example" }, "400 server"],
		["another RP ID", { rpId: "evil.example" }, "400 server"],
		["another type", { type: "webauthn.create" }, "400 server"],
		["another challenge", { challenge: "AAAAAAAAAAAAAAAAAAAAAA" }, "400 server"],
		["framed elsewhere", { crossOrigin: true }, "400 server"],
		["a top origin", { topOrigin: "https://evil.example" }, "400 server"],
		["backed up, not eligible", { bs: true }, "400 server"],
		["eligible since today", { be: true }, "400 server"],
		["a signature of zeros", { signature: Buffer.alloc(70) }, "400 server"],
		["no user handle", { userHandle: null }, "400 unknown_passkey"],
		["another's user handle", { userHandle: Buffer.alloc(32, 1) }, "400 unknown_passkey"],
		["counter going back", { counter: 1 }, "400 clone"],
	])
		test(what, async () => {
			const sessions = await count("sessions");
			assert.equal(code(await send(await prepared(ada, fault))), want);
			assert.equal(await count("sessions"), sessions);
			assert.equal(code(await send(await prepared())), "200 ok");
		});
});

describe("webauthn_3_2_111: whoever it is not, the answer is the same", () => {
	const known = async (change) => {
		const one = await prepared();
		change(one.body.credential);
		const reply = await send(one);
		const { reference, ...told } = reply.json();
		assert.match(reference, /^[0-9a-f]+$/);
		return [reply.status, JSON.stringify(told)];
	};
	const unknown_id = Buffer.alloc(32, 7).toString("base64url");
	const cases = {
		"unknown id, real handle": (c) => { c.id = c.rawId = unknown_id; },
		"real id, eve's handle": (c) => { c.response.userHandle = eve.key.passkeys[0].userHandle.toString("base64url"); },
		"real id, unknown handle": (c) => { c.response.userHandle = unknown_id; },
		"eve's id, ada's handle": (c) => { c.id = c.rawId = eve.key.passkeys[0].id.toString("base64url"); },
		"no handle": (c) => { delete c.response.userHandle; },
		"empty handle": (c) => { c.response.userHandle = ""; },
		"65 bytes of handle": (c) => { c.response.userHandle = Buffer.alloc(65).toString("base64url"); },
	};
	for (const [what, change] of Object.entries(cases))
		test(what, async () => {
			assert.deepEqual(await known(change), [400, '{"code":"unknown_passkey"}']);
		});
});

describe("webauthn_3_2_112: passkeys and people that are not in use", () => {
	test("removed passkey", async () => {
		const bob = await addPerson(server, "bob");
		await server.sql("DELETE FROM passkeys USING users WHERE users.id = user_id AND username = 'bob'");
		assert.equal(code((await bob.tryToSignIn(server.browser())).reply), "400 unknown_passkey");
	});
	test("disabled account", async () => {
		const carol = await addPerson(server, "carol");
		const { code: status, stderr } = await server.cli(["user", "disable", "carol"]);
		assert.equal(status, 0, stderr);
		const { reply } = await carol.tryToSignIn(server.browser());
		assert.equal(reply.json().code, "disabled");
		assert.equal(reply.cookies.length, 0);
	});
});

describe("webauthn_3_2_114: counters", () => {
	test("two parallel assertions with one count", async () => {
		const dan = await addPerson(server, "dan");
		for (let round = 0; round < 10; round++) {
			const both = [await prepared(dan, { counter: 100 + round }), await prepared(dan, { counter: 100 + round })];
			const replies = await Promise.all(both.map((one) => send(one)));
			assert.deepEqual(replies.map((r) => r.status === 200).sort(), [false, true],
			    replies.map((r) => r.text).join());
		}
	});
	test("a passkey that never counts", async () => {
		const fay = await addPerson(server, "fay", { counts: false, backup: true });
		await fay.signIn();
		await fay.signIn();
	});
});

describe("webauthn_3_2_118: one id, one passkey", () => {
	const adding = async (person, tab, key, fault) => {
		const page = await (tab ?? await person.signIn()).get("/passkey/add");
		return (await create(tab ?? person.tab, "/passkey/add", page, key, { fault })).reply;
	};
	test("held by oneself, and by another", async () => {
		const taken = ada.key.passkeys[0].id;
		const mine = await ada.signIn(), hers = await eve.signIn();
		const passkeys = await count("passkeys");
		assert.equal(code(await adding(ada, mine, software(), { id: taken })), "409 already");
		assert.equal(code(await adding(eve, hers, software(), { id: taken })), "409 already");
		assert.equal(await count("passkeys"), passkeys);
		await ada.signIn();
	});
	test("two at the same time", async () => {
		const id = Buffer.alloc(32, 0x51);
		const tabs = [await ada.signIn(), await eve.signIn()];
		const replies = await Promise.all(tabs.map((tab) => adding(null, tab, software(), { id })));
		assert.deepEqual(replies.map((r) => r.status).sort(), [200, 409]);
	});
});

test("webauthn_3_2_119: for nobody but the session's person", async () => {
	const tab = await ada.signIn();
	const page = await tab.get("/passkey/add");
	const key = software();
	const [[id, sub]] = await server.sql("SELECT id, sub FROM users WHERE username = 'eve'");
	const { reply } = await create(tab, "/passkey/add", page, key,
	    { send: { user: "eve", user_id: id, sub, username: "eve" } });

	assert.equal(reply.status, 200, reply.text);
	assert.equal(await server.value("SELECT username FROM users JOIN passkeys ON users.id = user_id " +
	    `WHERE credential_id = '\\x${key.passkeys[0].id.toString("hex")}'`), "ada");

	// nor with a challenge that another person was given
	const hers = await eve.signIn();
	const other = await hers.get("/passkey/add");
	const asked = (await hers.script("/passkey/add/options", {}, other.attribute("data-csrf"))).json();
	const stolen = await tab.script("/passkey/add/verify",
	    { state: asked.state, credential: software().create(asked.publicKey) }, page.attribute("data-csrf"));
	assert.equal(stolen.status >= 400, true, stolen.text);
});

describe("webauthn_3_2_120: only right after a passkey was used", () => {
	test("nobody signed in", async () => {
		const tab = server.browser();
		const csrf = (await (await ada.signIn()).get("/passkey/add")).attribute("data-csrf");
		assert.equal((await tab.get("/passkey/add")).status, 303);
		assert.equal((await tab.script("/passkey/add/options", {}, csrf)).status, 403);
		assert.equal((await tab.script("/passkey/add/verify", {}, csrf)).status, 403);
	});
	test("eleven minutes ago", async () => {
		const tab = await ada.signIn();
		const page = await tab.get("/passkey/add");
		const csrf = page.attribute("data-csrf");
		const asked = (await tab.script("/passkey/add/options", {}, csrf)).json();
		const passkeys = await count("passkeys");

		await server.sql("UPDATE sessions SET auth_time = now() - interval '11 minutes' WHERE ended_at IS NULL");
		const again = await tab.get("/passkey/add");
		assert.equal(again.status, 303);
		assert.match(again.headers.location, /\/login\?to=passkey$/);
		const options = await tab.script("/passkey/add/options", {}, csrf);
		assert.equal(options.status, 403);
		assert.match(options.json().location, /\/login\?to=passkey$/);
		assert.equal(asked.state.length > 0, true);
		assert.equal(await count("passkeys"), passkeys);
	});
	test("a sign-in challenge makes no passkey", async () => {
		const tab = await ada.signIn();
		const page = await tab.get("/passkey/add");
		const login = (await tab.script("/login/options", {}, (await tab.get("/login")).attribute("data-csrf"))).json();
		const asked = (await tab.script("/passkey/add/options", {}, page.attribute("data-csrf"))).json();
		const reply = await tab.script("/passkey/add/verify", { state: login.state,
			credential: software().create(asked.publicKey, { challenge: login.publicKey.challenge }) },
		page.attribute("data-csrf"));
		assert.equal(code(reply), "400 expired");
	});
});

describe("webauthn_3_2_122: login links", () => {
	const link = async (name) => /https?:\/\/\S+/.exec((await server.cli(["login-link", name])).stdout)[0];
	const spend = async (tab, url) => {
		const page = await tab.get(url);
		const [, action] = /<form[^>]* action="([^"]+)"/.exec(page.text) ?? [];
		return action === undefined ? page : tab.form(action, { csrf: page.field("csrf") });
	};
	const limited = async (tab) => (await tab.get("/passkey/add")).status === 200;

	test("used twice", async () => {
		const url = await link("eve");
		const first = server.browser(), second = server.browser();
		await spend(first, url);
		assert.equal(await limited(first), true);
		await spend(second, url);
		assert.equal(await limited(second), false);
	});
	test("expired", async () => {
		const url = await link("eve");
		await server.sql("UPDATE login_links SET expires_at = now() - interval '1 second'");
		const tab = server.browser();
		await spend(tab, url);
		assert.equal(await limited(tab), false);
	});
	test("replaced by a newer one", async () => {
		const url = await link("eve");
		await link("eve");
		const tab = server.browser();
		await spend(tab, url);
		assert.equal(await limited(tab), false);
	});
	test("guessed", async () => {
		const url = await link("eve");
		for (const wrong of [url.slice(0, -1), `${url}A`, url.replace(/.$/, (c) => c === "A" ? "B" : "A")]) {
			const tab = server.browser();
			const reply = await spend(tab, wrong);
			assert.equal(reply.status >= 400, true, wrong);
			assert.equal(await limited(tab), false);
		}
	});
	test("of a person who was disabled", async () => {
		await addPerson(server, "gil");
		const url = await link("gil");
		await server.cli(["user", "disable", "gil"]);
		const tab = server.browser();
		await spend(tab, url);
		assert.equal(await limited(tab), false);
	});
	test("one link adds one passkey, and then is worth no more", async () => {
		const { tab } = await useLink(server, "eve");
		const page = await tab.get("/passkey/add");
		assert.equal((await create(tab, "/passkey/add", page, software())).reply.status, 200);
		assert.equal((await tab.get("/")).status, 200);
	});
});

test("webauthn_3_2_123: options say nothing of who exists", async () => {
	const tab = server.browser();
	const csrf = (await tab.get("/login")).attribute("data-csrf");
	const shapes = new Set();

	for (const username of ["ada", "nobody-of-that-name", "", undefined]) {
		const reply = await tab.script("/login/options", { username, name: username }, csrf);
		const { publicKey, state } = reply.json();
		publicKey.challenge = publicKey.challenge.length;
		shapes.add(JSON.stringify([reply.status, publicKey, state.length]));
	}
	assert.equal(shapes.size, 1);
	assert.match([...shapes][0], /"allowCredentials":\[\]/);
});

test("webauthn_3_2_124: no more than fifty passkeys a person", async () => {
	const hal = await addPerson(server, "hal");
	const tab = await hal.signIn();
	await server.sql("INSERT INTO passkeys (id, user_id, credential_id, spki, cose, alg, sign_count, backup_eligible, " +
	    "backup_state, uv_initialized, transports, aaguid, format, attestation, attestation_object, client_data, name) " +
	    "SELECT gen_random_uuid(), users.id, sha256(n::text::bytea), '', '', -7, 0, false, false, true, '{}', " +
	    "gen_random_uuid(), 'none', 'none', '', '', 'x' FROM users, generate_series(1, 49) n WHERE username = 'hal'");
	await server.sql("UPDATE users SET passkeys = 50 WHERE username = 'hal'");
	const page = await tab.get("/passkey/add");
	const { options, reply } = await create(tab, "/passkey/add", page, software());

	assert.equal(options.excludeCredentials.length, 50);
	assert.equal(reply.status, 409);
	assert.equal(await server.value("SELECT passkeys FROM users WHERE username = 'hal'"), "50");
});

test("webauthn_3_2_126: a sign-in makes a new session cookie", async () => {
	const tab = await ada.signIn();
	const first = tab.jar.get("session");
	await ada.signIn(tab);
	const second = tab.jar.get("session");

	assert.ok(first && second);
	assert.notEqual(first, second);
	tab.jar.set("session", first);
	assert.equal((await tab.get("/passkey/add")).status, 303);
});

test("webauthn_3_2_137: no page of ours can be framed", async () => {
	for (const path of ["/login", "/login/other", "/setup"]) {
		const page = await server.get(path);
		assert.match(page.headers["content-security-policy"], /frame-ancestors 'none'/);
	}
});

test("webauthn_3_2_138: no related origins, and no redirect", async () => {
	assert.equal((await server.get("/.well-known/webauthn")).status, 404);
});

test("webauthn_3_2_139: passkey endpoints, without a redirect", async () => {
	const reply = await server.get("/.well-known/passkey-endpoints");
	assert.equal(reply.status, 200);
	assert.match(reply.headers["content-type"], /^application\/json/);
	for (const url of Object.values(reply.json()))
		assert.ok(url.startsWith(`${server.issuer}/settings/`));
});

test("webauthn_3_2_141: nothing of a ceremony is in the log", async () => {
	const one = await prepared(ada, { uv: false });
	await send(one);
	const good = await prepared();
	await send(good);
	const log = server.log();
	for (const { credential, state } of [one.body, good.body])
		for (const secret of [credential.response.signature, credential.response.clientDataJSON,
			credential.response.userHandle, credential.id, state])
			assert.equal(log.includes(secret), false);
	assert.match(log, /user_verification/);
});
