/*
 * What each process has in its memory: no root key anywhere but where it must
 * be typed in, no private signing key outside the signer, the mail server's
 * password in jobs alone.
 *
 * No process lets itself be looked at, so the server runs in a user namespace
 * of ours, over which we have the right to look all the same.  Where there are
 * no such namespaces (inside a chroot, say) root can look; and where neither
 * is to be had, the test shows that its own user may not look.
 */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";

import { setUp } from "../support/people.mjs";
import { Server, buildFile, run } from "../support/server.mjs";

/* With AddressSanitizer a process maps terabytes of shadow, and what it freed
 * stays readable on purpose. */
const skip = /address/.test(process.env.PERMISO_BUILD ?? "");
const PASSWORD = randomBytes(24).toString("hex");
let server, found, hidden;

before(async () => {
	if (skip)
		return;
	const able = process.getuid() !== 0 && (await run("unshare",
		["--user", "--map-current-user", "true"])).code === 0;

	server = await Server.start({ wrap: able ?
		["unshare", "--user", "--map-current-user"] : [],
		env: { SMTP_HOST: "localhost", SMTP_FROM: "id@example.com",
			SMTP_USER: "permiso", SMTP_PASSWORD: PASSWORD } });
	await setUp(server);	/* so that sessions, codes, keys were in use */
	await server.logged(/key read alg=EdDSA/);

	const all = server.processes();
	const { code, stdout, stderr } = await run(
		buildFile("tests/support/memory_search"),
		all.map((p) => String(p.pid)), { env: server.env });
	assert.equal(code, 0, stderr);

	const lines = stdout.trim().split("\n").map((line) => line.split(" "));
	hidden = lines.filter(([, what]) => what === "hidden").length;
	found = (role) => {
		const top = Number(new RegExp(`started role=${role} pid=(\\d+)`)
			.exec(server.log())[1]);
		const pids = role === "supervisor" ? [server.child.pid] :
			all.filter((p) => p.pid === top || p.parent === top)
				.map((p) => p.pid);
		return [...new Set(lines.filter(([pid]) =>
			pids.includes(Number(pid))).map(([, what]) => what))]
			.sort();
	};
	if (able || process.getuid() === 0)
		assert.equal(hidden, 0, stdout);
	else
		assert.equal(hidden, all.length, stdout);
});
after(async () => { await server?.stop(); });

/* With nothing to see there is nothing to find, and that was asserted. */
const seen = (what) => hidden === 0 ? what : ["hidden"];

test("web: its three wrapping keys, no root key, no signing key", { skip }, () => {
	assert.deepEqual(found("web"),
		seen(["wrapping-mac", "wrapping-pepper", "wrapping-seal"]));
});

test("signer: the signing keys and what wraps them, nothing else", { skip }, () => {
	assert.deepEqual(found("signer"), seen(["ES256", "EdDSA", "PS256",
		"RS256", "wrapping-signing"]));
});

test("jobs: no key at all, and the mail server's password", { skip }, () => {
	assert.deepEqual(found("jobs"), seen(["smtp-password"]));
});
