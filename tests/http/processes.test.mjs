/*
 * The processes of `permiso serve`: who they are, who starts them again, and
 * that none outlives the others.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";

import { Server, alive, descendants, sleep } from "../support/server.mjs";

let server;

before(async () => { server = await Server.start(); });
after(async () => { await server.stop(); });

/* Wait until "check" gives something true; that. */
async function until(check, what)
{
	const end = Date.now() + 60000;

	for (;;) {
		const found = await check();
		if (found)
			return found;
		if (Date.now() > end)
			assert.fail(`never: ${what}`);
		await sleep(20);
	}
}

/* The process that the log says was started last as "role". */
function role(name)
{
	const all = [...server.log().matchAll(
		new RegExp(`started role=${name} pid=(\\d+)`, "g"))];

	return Number(all.at(-1)[1]);
}

test("supervisor, signer, jobs, Kore's parent and two workers", async () => {
	await until(() => server.processes().length === 6, "six processes");
	const all = server.processes();

	assert.equal(all.filter((p) => p.parent === role("web")).length, 2);
});

test("a role that is killed is started again", async () => {
	for (const name of ["signer", "jobs", "web"]) {
		const old = role(name);
		const workers = descendants(old).map((p) => p.pid);

		process.kill(old, "SIGKILL");
		await until(() => role(name) !== old, `${name} started again`);
		for (const pid of workers)
			await until(() => !alive(pid), `${pid} of ${name} gone`);
	}
	await server.ready();
});

test("a worker that is killed is started again", async () => {
	const old = descendants(role("web")).slice(1).map((p) => p.pid);

	process.kill(old[0], "SIGKILL");
	await until(() => !alive(old[0]), "the worker gone");
	await until(() => descendants(role("web"))
		.filter((p) => p.state !== "Z").length === 3,
		"two workers again");
	await server.ready();
});

test("SIGHUP: a renewed certificate is served, and nothing is started again",
    async () => {
	const dir = mkdtempSync(join(tmpdir(), "permiso-renewed-"));
	const env = { TLS_CERT: join(dir, "cert"), TLS_KEY: join(dir, "key") };
	const renew = (serial) => {
		execFileSync("openssl", ["req", "-x509", "-newkey",
			"rsa:2048", "-nodes", "-days", "2", "-subj",
			`/CN=localhost/serialNumber=${serial}`, "-keyout",
			env.TLS_KEY, "-out", env.TLS_CERT], { stdio: "ignore" });
		chmodSync(env.TLS_KEY, 0o644);	/* the web role's user reads */
	};
	let renewed;

	const serial = async () => {
		const socket = tls.connect({ port: renewed.port,
			host: "127.0.0.1", rejectUnauthorized: false });
		try {
			await once(socket, "secureConnect");
			return socket.getPeerCertificate().subject.serialNumber;
		} finally {
			socket.destroy();
		}
	};

	try {
		chmodSync(dir, 0o755);
		renew("1");
		renewed = await Server.start({ https: "direct", env,
			ready: false });
		await until(async () => await serial().catch(() => "") === "1",
			"the first certificate");
		await renewed.logged(/jobs: started/);
		const pids = () => renewed.processes().map((p) => p.pid);
		const old = pids();

		renew("2");
		renewed.signal("SIGHUP");
		/* Key and certificate change hands apart: a handshake in
		 * between fails. */
		await until(async () => await serial().catch(() => "") === "2",
			"the second certificate");
		assert.deepEqual(pids(), old);
		assert.doesNotMatch(renewed.log(), / died /);
	} finally {
		await renewed?.stop();
		rmSync(dir, { recursive: true });
	}
});

test("the supervisor killed: no process is left", async () => {
	const all = server.processes().map((p) => p.pid);

	server.signal("SIGKILL");
	await server.ended;
	for (const pid of all)
		await until(() => !alive(pid), `${pid} gone`);
	server.child = undefined;
	await server.up();
});

test("SIGTERM: all end, with exit code 0", async () => {
	const all = server.processes().map((p) => p.pid);

	assert.deepEqual(await server.down(), { code: 0, signal: null });
	for (const pid of all)
		assert.ok(!alive(pid), `${pid} lives`);
	await server.up();
});

test("a schema that is not there: exit code 78 and a sentence", async () => {
	const empty = await Server.start({ migrate: false, start: false });

	await empty.up({ ready: false });
	assert.equal((await empty.ended).code, 78);
	assert.match(empty.log(), /permiso migrate/);
	empty.child = undefined;
	await empty.stop();
});

test("a setting that does not exist: exit code 78, and its name", async () => {
	const { code, stderr } = await server.cli(["check"],
		{ env: { PERMISO_NONSENSE: "1" } });

	assert.equal(code, 78);
	assert.match(stderr, /PERMISO_NONSENSE/);
});

test("a database that is away: exit code 69", async () => {
	const { code, stderr } = await server.cli(["check"],
		{ env: { DB_CONNECTION_STRING: "host=/nowhere dbname=x" } });

	assert.equal(code, 69);
	assert.doesNotMatch(stderr, /password/);
});

test("check: exit code 0 on what runs", async () => {
	const { code, stdout } = await server.cli(["check"]);

	assert.equal(code, 0);
	assert.match(stdout, /settings: ok/);
	assert.match(stdout, /database: ok/);
});
