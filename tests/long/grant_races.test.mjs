/*
 * The races of codes and refresh tokens as often as the requirement says: 200
 * rounds of 64 at once over two servers, and 3,000 pairs of redemption and
 * sign-out within 300 microseconds.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { root, run } from "../support/server.mjs";

process.env.PERMISO_TEST_ROUNDS = "200";
process.env.PERMISO_TEST_PAIRS = "500";
await import("../http/grant_races.test.mjs");

test("statement against statement, 3,000 pairs", { timeout: 1800000 }, async () => {
	const { code, stdout, stderr } = await run(join(root,
		process.env.PERMISO_BUILD ?? "build",
		"tests/store/test_store_grant"), [], { cwd: root,
		timeout: 1800000, env: { ...process.env, PERMISO_TEST_LONG: "1" } });

	assert.equal(code, 0, stdout + stderr);
});
