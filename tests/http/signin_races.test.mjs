/*
 * Two servers on one database, 64 requests at once: one login link, one
 * challenge, one last administrator.  What must be said 200 times over is in
 * tests/long, and statement against statement in tests/store.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { formToken, loginLink, newPerson, setUp, signInBegin, whoIs }
	from "../support/accounts.mjs";
import { Server } from "../support/server.mjs";

const ROUNDS = Number(process.env.PERMISO_TEST_ROUNDS ?? 5);
const AT_ONCE = 64;

let one, two, admin;

before(async () => {
	one = await Server.start();
	admin = await setUp(one);
	two = await Server.start({ on: one });
});
after(async () => {
	await two?.stop();
	await one.stop();
});

const oks = (replies, status) => replies.filter((r) => r.status === status).length;

/* The same browser at the other server. */
function twin(tab, server)
{
	const other = server.browser();
	other.jar = new Map(tab.jar);
	return other;
}

test("R5.7: one login link, 64 at once on two servers: one session", async () => {
	const dora = await newPerson(one, "dora");

	for (let round = 0; round < ROUNDS; round++) {
		const path = await loginLink(one, "dora");
		const tabs = await Promise.all(Array.from({ length: AT_ONCE }, async (_, n) => {
			const tab = (n % 2 ? one : two).browser();
			const page = await tab.get(path);
			return { tab, csrf: formToken(page, path) };
		}));
		const replies = await Promise.all(tabs.map(({ tab, csrf }) =>
			tab.form(path, { csrf })));

		assert.equal(oks(replies, 303), 1, `round ${round}`);
		assert.equal(oks(replies, 410), AT_ONCE - 1, `round ${round}`);
		const cookies = tabs.filter(({ tab }) => tab.jar.has("session"));
		assert.equal(cookies.length, 1);
	}
	assert.equal(await one.value("SELECT count(*) FROM audit WHERE event = 'one_time_login'"),
		String(ROUNDS + 1));
	assert.ok(dora);
});

test("R5.14: one challenge, 64 at once on two servers: one session", async () => {
	for (let round = 0; round < ROUNDS; round++) {
		const tab = one.browser();
		const { csrf, body } = await signInBegin(tab, admin.key);
		const tabs = Array.from({ length: AT_ONCE }, (_, n) => twin(tab, n % 2 ? one : two));
		const replies = await Promise.all(tabs.map((t) =>
			t.script("/login/verify", body, csrf)));

		assert.equal(oks(replies, 200), 1, `round ${round}`);
		const won = tabs.filter((t) => t.jar.has("session"));
		assert.equal(won.length, 1);
		assert.equal(await whoIs(won[0]), "Ada Lovelace");
	}
});

test("AD7: two administrators demote and disable each other at once: one is left", async () => {
	await newPerson(one, "bea");
	for (let round = 0; round < ROUNDS; round++) {
		for (const name of ["admin", "bea"]) {
			assert.equal((await one.cli(["user", "enable", name])).code, 0);
			assert.equal((await one.cli(["user", "promote", name])).code, 0);
		}
		const codes = (await Promise.all([["demote", "admin"], ["demote", "bea"],
			["disable", "admin"], ["disable", "bea"]].map(([what, name]) =>
			one.cli(["user", what, name])))).map((r) => r.code);

		assert.ok(codes.includes(77), codes.join());
		assert.ok(codes.every((c) => c === 0 || c === 77), codes.join());
		const left = await one.value("SELECT count(*) FROM users WHERE administrator AND disabled_at IS NULL");
		assert.equal(left, "1", `round ${round}`);
		assert.equal(await one.value("SELECT administrators FROM installation"), "1");
	}
});

test("a disabled person is out on the other server at once", async () => {
	const { tab } = await newPerson(one, "cat");
	const there = twin(tab, two);

	assert.equal(await whoIs(there), "cat");
	assert.equal((await one.cli(["user", "disable", "cat"])).code, 0);
	assert.equal(await whoIs(there), undefined);
});
