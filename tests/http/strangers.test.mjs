/*
 * No request of a stranger writes to the database (docs/decisions/rules.md, 4): every
 * route with every method, with and without what our own pages would send.
 * Failed sign-ins are audited, many in one row.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { passkey, setUp, signIn } from "../support/accounts.mjs";
import { Server, root } from "../support/server.mjs";

/* Failed sign-ins, counted together, are the one exception. */
const BATCHED = " WHERE NOT coalesce(detail ? 'count', false)";

let server;

before(async () => {
	server = await Server.start({ env: { WORKERS: "2" } });
	await setUp(server);
	/* The signer makes the last of its keys; each worker reads them. */
	await server.logged(/key read alg=EdDSA/, 60000);
	for (let good = 0; good < 10;) {
		good = (await server.get("/healthz")).status === 200 ? good + 1 : 0;
		await sleep(20);
	}
});
after(() => server.stop());

/* The tables of routes, out of the sources: a new route is tried unasked. */
function routes()
{
	const found = [];

	for (const { name: folder } of readdirSync(join(root, "src"),
		{ withFileTypes: true }).filter((entry) => entry.isDirectory()))
		for (const file of readdirSync(join(root, "src", folder))
			.filter((name) => name.endsWith(".c"))) {
			const text = readFileSync(join(root, "src", folder, file), "utf8");
			for (const [, , path] of text.matchAll(
				/\{\s*WEB_(GET|POST|PUT|PATCH|DELETE),\s*"(\/[^"]*)",\s*WEB_BODY_/g))
				found.push(path.replace("*", "A".repeat(43)));
		}
	return [...new Set(found)];
}

/*
 * Every row of what the web role may write, with the transaction that wrote
 * it: an UPDATE to the same values shows too.
 */
const written = async () => {
	const names = (await server.sql("SELECT relname FROM pg_class c JOIN " +
		"pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public' " +
		"AND relkind = 'r' AND has_table_privilege('permiso_web', c.oid, " +
		"'INSERT, UPDATE, DELETE') AND NOT relispartition")).flat();
	const roots = ["audit", "grants", "installation"];

	return Promise.all([...new Set([...names, ...roots])].sort().map((name) =>
		server.sql(`SELECT '${name}', count(*), md5(string_agg(xmin::text || ` +
			`t::text, '' ORDER BY t::text)) FROM ${name} t` +
			(name.startsWith("audit") ? BATCHED : ""))));
};

test("every route, every method: not one row is written", async () => {
	const all = routes();
	const tab = server.browser();
	const page = await tab.get("/login");
	const csrf = page.attribute("data-csrf");
	const before = await written();

	assert.ok(all.length >= 20, `only ${all.length} routes found`);
	assert.ok(before.length >= 8);
	for (const path of [...all, "/nowhere"]) {
		for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
			for (const options of [
				{},
				{ query: { code: "x", i: "x", client_id: "x", response_type: "code" } },
				{ form: { csrf, client_id: "x", grant_type: "authorization_code",
					code: "x", refresh_token: "x", token: "x" } },
				{ json: { state: "x", setup: "x", credential: {} },
					headers: { "X-CSRF": csrf, "Sec-Fetch-Site": "same-origin" } },
			]) {
				const reply = await (options.json ? tab : server)
					.request(method, path, method === "GET" || method === "HEAD" ?
						{ query: options.query } : options);
				assert.ok(reply.status < 500, `${method} ${path}: ${reply.status}`);
			}
		}
	}
	assert.deepEqual(await written(), before);
});

test("a flood of failed sign-ins is a handful of audit rows", async () => {
	const stranger = passkey(server);
	/* Others, which the test before has left in the workers, have other
	 * reasons: none of them had a well-formed answer. */
	const [count, sum] = ["count(*)", "coalesce(sum((detail->>'count')::int), 0)"]
		.map((what) => `SELECT ${what} FROM audit WHERE event = 'sign_in' ` +
			"AND result = 'credential_unknown'");
	const begin = Date.now();

	stranger.create({ rp: { id: "localhost", name: "x" },
		user: { id: Buffer.alloc(32, 1).toString("base64url"), name: "x", displayName: "x" },
		challenge: "AAAA", pubKeyCredParams: [{ type: "public-key", alg: -7 }] });
	const tab = server.browser();
	await tab.get("/login");
	for (let i = 0; i < 100; i++)
		await Promise.all([signIn(tab, stranger), signIn(tab, stranger)]);
	while (Number(await server.value(sum)) < 200) {
		assert.ok(Date.now() - begin < 300000, await server.value(sum));
		await sleep(200);
	}
	assert.equal(Number(await server.value(sum)), 200);
	/* One row of each of two workers in ten seconds. */
	const rows = Number(await server.value(count));
	const most = 2 * Math.ceil((Date.now() - begin) / 10000);
	assert.ok(rows >= 1 && rows <= most, `${rows} rows, at most ${most}`);
});
