/*
 * The races of signing in as often as the requirement says: 200 rounds of 64
 * at once over two servers, and 3,000 pairs of sign-in and removal within
 * 300 microseconds.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { root, run } from "../support/server.mjs";

process.env.PERMISO_TEST_ROUNDS = "200";
await import("../http/signin_races.test.mjs");

test("statement against statement, 3,000 pairs", { timeout: 1200000 }, async () => {
	const { code, stdout, stderr } = await run(join(root,
		process.env.PERMISO_BUILD ?? "build",
		"tests/store/test_store_account_race"), [], { cwd: root,
		timeout: 1200000, env: { ...process.env, PERMISO_TEST_LONG: "1" } });

	assert.equal(code, 0, stdout + stderr);
});
