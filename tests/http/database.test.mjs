/*
 * The database goes away in every way it can, under the real program: no
 * worker is started again for it, none ever stands still, and all is well
 * within a second of its return.  A cluster of its own, for it is killed.
 */

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";

import { Server, root, sleep } from "../support/server.mjs";

const script = join(root, "tests/support/postgres.sh");
const dir = mkdtempSync(join(tmpdir(), "permiso-db-"));

process.env.PERMISO_TEST_CLUSTER = dir;
process.env.PERMISO_TEST_KEY = randomBytes(32).toString("base64");

const postgres = (command, ...args) =>
	execFileSync(script, [command, dir, ...args], { stdio: "pipe" });

/* Without stopping our own turning. */
async function postgresSoon(...args)
{
	const child = spawn(script, [args[0], dir, ...args.slice(1)],
		{ stdio: "ignore" });
	const [code] = await once(child, "exit");

	assert.equal(code, 0);
}

/* The server and its backends. */
function signalDatabase(name)
{
	const first = Number(readFileSync(join(dir, "data/postmaster.pid"),
		"utf8").split("\n")[0]);
	const children = () => readFileSync(
		`/proc/${first}/task/${first}/children`, "utf8")
		.trim().split(" ").map(Number);
	const send = (pid, what) => {
		try {
			process.kill(pid, what);
		} catch (error) {	/* one that has just ended */
			assert.equal(error.code, "ESRCH");
		}
	};

	/* Stopped first, it starts no other meanwhile. */
	if (name !== "SIGCONT")
		process.kill(first, "SIGSTOP");
	for (const pid of children())
		send(pid, name);
	process.kill(first, name);
}

let server, pids;

/* It asks the database: nobody is signed in, is anybody set up? */
const asks = "/login";
const still = "/.well-known/openid-configuration";

const status = async (path) => (await server.get(path)).status;
const running = () => server.processes().map((p) => p.pid).sort();

/* When "asks" is answered again, in ms from now. */
async function back()
{
	const begin = Date.now();

	while (await status(asks) === 503) {
		assert.ok(Date.now() - begin < 90000, "never came back");
		await sleep(10);
	}
	return Date.now() - begin;
}

before(async () => {
	postgres("start", "fast");
	server = await Server.start({ env: { WORKERS: "1" } });
});

after(async () => {
	try {
		await server.stop();
	} finally {
		postgres("remove");
	}
});

beforeEach(async () => {
	await back();
	pids = running();
});

test("a fast restart under load: back by itself", async () => {
	const answers = [];
	let done = false;
	const load = (async () => {
		while (!done) {
			answers.push(await status(asks));
			await sleep(5);
		}
	})();

	await postgresSoon("restart");
	console.log(`# back ${await back()} ms after the server was up`);
	done = true;
	await load;
	assert.ok(answers.every((s) => s < 400 || s === 503),
		JSON.stringify([...new Set(answers)]));
	assert.deepEqual(running(), pids);
});

test("backends that are terminated are replaced", async () => {
	await server.psql("postgres", "SELECT count(pg_terminate_backend(pid))" +
		" FROM pg_stat_activity WHERE usename LIKE 'permiso_%'");
	assert.notEqual(await status(asks), 503);
	assert.deepEqual(running(), pids);
});

test("killed: 503 until it is back, and what needs no database is answered",
	async () => {
	signalDatabase("SIGKILL");
	const answer = await server.get(asks);
	const public_ = await status(still);

	await postgresSoon("start", "fast");
	console.log(`# back ${await back()} ms after the server was up`);

	assert.equal(answer.status, 503);
	assert.ok(answer.headers["retry-after"] !== undefined);
	assert.equal(public_, 200);

	assert.deepEqual(running(), pids);
});

test("stopped, idle and in mid-statement: nobody waits longer than a deadline",
	async () => {
	for (const inFlight of [0, 30]) {
		const early = Array.from({ length: inFlight },
			() => status(asks));

		signalDatabase("SIGSTOP");
		try {
			/* All of this is over before the database goes on. */
			const hung = [1, 2, 3].map(() => status(asks));

			for (let i = 0; i < 20; i++) {
				assert.equal(await status(still), 200);
				await sleep(20);
			}
			assert.deepEqual(await Promise.all(hung),
				[503, 503, 503]);
			for (const s of await Promise.all(early))
				assert.ok(s < 400 || s === 503, `${s}`);
		} finally {
			signalDatabase("SIGCONT");
		}
		await back();
	}
	assert.deepEqual(running(), pids);
});

test("away when the program starts: it is not served, and then it is",
	async () => {
	await server.down();
	postgres("stop", "immediate");
	await server.up({ ready: false });
	await Promise.race([server.ended, sleep(2000)]);

	postgres("start", "fast");
	/* A supervisor that gave up, then or just now, is started again by
	 * systemd. */
	await server.ready().catch(async (error) => {
		if (server.exit === undefined)
			throw error;
		assert.notEqual(server.exit.code, 0);
		await server.up();
	});
	await back();
});
