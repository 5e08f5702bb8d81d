/*
 * Two servers on one database, 64 requests at once: one code, one refresh
 * token, redemption against sign-out, a client that is deleted under way.
 * What must be said 200 times over is in tests/long, and statement against
 * statement in tests/store.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { App, claims, register } from "../support/app.mjs";
import { addPerson, setUp } from "../support/people.mjs";
import { Server, sleep } from "../support/server.mjs";

const ROUNDS = Number(process.env.PERMISO_TEST_ROUNDS ?? 5);
const PAIRS = Number(process.env.PERMISO_TEST_PAIRS ?? 40);
const AT_ONCE = 64;
const both = ["authorization_code", "refresh_token"];

let one, two, ada, app, pub;

before(async () => {
	one = await Server.start();
	ada = await setUp(one);
	two = await Server.start({ on: one });
	({ app, pub } = await register(one, [
		{ client_id: "app", grant_types: both,
			scope: "openid profile offline_access" },
		{ client_id: "pub", grant_types: both,
			token_endpoint_auth_method: "none" },
	]));
	await app.signIn(ada.tab, ada);
	await pub.signIn(ada.tab, ada);
});
after(async () => {
	await two?.stop();
	await one?.stop();
});

const at_once = (task, count = AT_ONCE) =>
	Promise.all(Array.from({ length: count },
		(_, n) => task(n % 2 ? one : two, n)));

test("R5.16: one code, 64 at once on two servers: one success, and what came of it is over", async () => {
	for (let round = 0; round < ROUNDS; round++) {
		const answer = await app.signIn(ada.tab, ada);
		const replies = await at_once((server) =>
			app.tryToRedeem(answer, {}, { server }));
		const good = replies.filter((r) => r.status === 200);

		assert.equal(good.length, 1, `round ${round}`);
		for (const reply of replies.filter((r) => r.status !== 200)) {
			assert.equal(reply.status, 400, reply.text);
			assert.equal(reply.json().error, "invalid_grant");
		}
		// a code seen twice was stolen: nobody keeps what it gave
		const { access_token, refresh_token } = good[0].json();
		assert.equal((await app.userinfo(access_token)).status, 401);
		assert.equal((await app.refresh(refresh_token)).status, 400);
	}
});

test("R5.1: one refresh token of a public client, 64 at once: one successor, the grant alive; after the window reuse ends it", async () => {
	for (let round = 0; round < ROUNDS; round++) {
		const first = await pub.redeem(await pub.signIn(ada.tab, ada));
		const begin = Date.now();
		const replies = await at_once((server) =>
			pub.refresh(first.refresh_token, {}, { server }));

		/* A machine that is busy elsewhere: the retry window of 10 s
		 * was over for some.  Once more. */
		if (Date.now() - begin > 9000)
			continue;
		for (const reply of replies)
			assert.equal(reply.status, 200, reply.text);
		const successors = new Set(replies.map((r) =>
			r.json().refresh_token));
		assert.equal(successors.size, 1, `round ${round}`);
		const [successor] = successors;
		assert.notEqual(successor, first.refresh_token);
		const { access_token } = replies[0].json();
		assert.equal((await pub.userinfo(access_token)).status, 200);

		await one.sql("UPDATE grants SET rotated_at = " +
			"rotated_at - interval '11 seconds'");
		assert.equal((await pub.refresh(first.refresh_token)).status,
			400);
		assert.equal((await pub.refresh(successor)).status, 400);
		assert.equal((await pub.userinfo(access_token)).status, 401);
	}
});

test("one refresh token of a confidential client, 64 at once: it stays, for all", async () => {
	const first = await app.redeem(await app.signIn(ada.tab, ada));
	const replies = await at_once((server) =>
		app.refresh(first.refresh_token, {}, { server }));

	for (const reply of replies) {
		assert.equal(reply.status, 200, reply.text);
		assert.equal(reply.json().refresh_token, first.refresh_token);
	}
	assert.equal(new Set(replies.map((r) => r.json().access_token)).size,
		AT_ONCE);
});

test("redemption against sign-out: nothing outlives the end", async () => {
	const eve = await addPerson(one, "eve");
	let before = 0;

	for (let pair = 0; pair < PAIRS; pair++) {
		const tab = await eve.signIn();
		const answer = await app.signIn(tab, eve);
		const page = await tab.get("/logout");
		const [redeemed] = await Promise.all([
			sleep(Math.random() * 3).then(() => app.tryToRedeem(
				answer, {}, { server: two })),
			sleep(Math.random() * 3).then(() => tab.form("/logout",
				{ csrf: page.field("csrf") })),
		]);

		if (redeemed.status !== 200) {
			assert.equal(redeemed.json().error, "invalid_grant");
			continue;
		}
		before++;
		const { access_token, refresh_token } = redeemed.json();
		assert.equal((await app.userinfo(access_token)).status, 401,
			`pair ${pair}`);
		assert.equal((await app.refresh(refresh_token)).status, 400,
			`pair ${pair}`);
	}
	assert.ok(before <= PAIRS);
});

test("many people at once: every token has its own person (R8.9)", async () => {
	const people = [ada];
	for (const name of ["p1", "p2", "p3"])
		people.push(await addPerson(one, name));
	const subs = new Map();
	for (const person of people)
		subs.set(person, await one.value("SELECT sub FROM users " +
			`WHERE username = '${person.name}'`));
	for (const person of people)
		await app.signIn(person.tab, person);

	await Promise.all(people.flatMap((person) =>
		Array.from({ length: 12 }, async () => {
			const mine = new App(one, app.registration);
			const tokens = await mine.redeem(
				await mine.signIn(person.tab, person));
			const info = await mine.userinfo(tokens.access_token);

			assert.equal(claims(tokens.id_token).sub,
				subs.get(person));
			assert.equal(info.json().sub, subs.get(person));
			assert.equal(info.status, 200);
		})));
});

test("R5.15: a client is deleted while people sign in: no 500, nothing left", async () => {
	const { gone } = await register(one, [{ client_id: "gone",
		grant_types: both }]);
	await gone.signIn(ada.tab, ada);
	const seen = [];
	const work = at_once(async (server) => {
		const answer = await gone.signIn(ada.tab, ada);

		seen.push(answer.reply.status);
		if (answer.code === undefined)
			return undefined;
		const reply = await gone.tryToRedeem(answer, {}, { server });
		seen.push(reply.status);
		return reply.status === 200 ? reply.json() : undefined;
	}, 100);

	const done = await one.cli(["client", "delete", "gone"]);
	assert.equal(done.code, 0, done.stderr);
	const tokens = (await work).filter(Boolean);
	assert.ok(seen.every((status) => status < 500), String(seen));
	for (const { access_token, refresh_token } of tokens) {
		assert.equal((await gone.userinfo(access_token)).status, 401);
		assert.equal((await gone.refresh(refresh_token)).status, 401);
	}
});
