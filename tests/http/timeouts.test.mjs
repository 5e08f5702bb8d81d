// How long a client may take, in a worker that has nothing else to do, and
// how long it may not be made to wait in vain.  Each case is a server of its
// own with one worker, so nobody else's bytes wake it.
//
// The waits are the server's own (15 s for a header, a body or a handshake,
// 10 s for an idle connection); no test asks how long they took.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { Answers, connect, killServers, sleep, startServer } from "../support/raw.mjs";

const LONG = 60000;
const get = (target) => `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;

// Send a byte now and then until the other side has had enough.
async function trickle(socket, answers, byte, ms) {
	for (let left = LONG / ms; left > 0 && !answers.ended; left--) {
		socket.write(byte);
		await sleep(ms);
	}
}

const cases = {
	async "a header that stops half-way gets 408"(socket, answers) {
		socket.write("GET /echo HTTP/1.1\r\nHo");
		assert.equal((await answers.next({ ms: LONG })).status, 408);
	},

	async "a header that trickles gets 408"(socket, answers) {
		socket.write("GET /echo HTTP/1.1\r\nA: ");
		void trickle(socket, answers, "x", 1000);
		assert.equal((await answers.next({ ms: LONG })).status, 408);
	},

	async "a header that begins late has its whole time"(socket, answers) {
		// 17 s after the connection: 6.5 idle, of 10, and 10.5 in the
		// header, of 15.
		socket.write(get("/echo"));
		assert.equal((await answers.next()).status, 200);
		await sleep(6500);
		socket.write("GET /echo HTTP/1.1\r\n");
		await sleep(10500);
		socket.write("Host: x\r\n\r\n");
		assert.equal((await answers.next()).status, 200);
		socket.end();
	},

	async "a body that stops half-way gets 408"(socket, answers) {
		socket.write("POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na=");
		assert.equal((await answers.next({ ms: LONG })).status, 408);
	},

	async "a body that trickles gets 408"(socket, answers) {
		socket.write("POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n");
		void trickle(socket, answers, "x", 1000);
		assert.equal((await answers.next({ ms: LONG })).status, 408);
	},

	async "a connection that says nothing is closed without a word"(socket, answers) {
		assert.equal(await answers.next({ ms: LONG }), undefined);
	},

	async "a connection that has had its answer, too"(socket, answers) {
		socket.write(get("/echo"));
		assert.equal((await answers.next()).status, 200);
		assert.equal(await answers.next({ ms: LONG }), undefined);
	},

	async "a slow handler is waited for"(socket, answers) {
		socket.write(get("/slow/18000"));
		assert.equal((await answers.next({ ms: LONG })).status, 200);
		socket.end();
	},

	async "a slow handler behind a slow body, too"(socket, answers) {
		socket.write("POST /slow/18000 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n");
		await sleep(200);
		socket.write("a=b");
		assert.equal((await answers.next({ ms: LONG })).status, 200);
		socket.end();
	},

	async "a slow reader gets the whole answer"(socket, answers) {
		socket.write(get("/big/40000000"));
		let paused = 0;
		socket.on("data", () => {
			if (paused < 9) {	// 18 s altogether
				paused++;
				socket.pause();
				setTimeout(() => socket.resume(), 2000);
			}
		});
		const answer = await answers.next({ ms: LONG });
		assert.equal(answer.status, 200);
		assert.equal(answer.body.length, 40000000);
		assert.equal(paused, 9);
		socket.end();
	},

	async "a client that never closes after its last answer"(socket, answers) {
		socket.write("GARBAGE\r\n\r\n");
		assert.equal((await answers.next()).status, 400);
		await answers.end();
		await new Promise((done) => {	// RST, when the server has left
			socket.on("error", done);
			socket.on("close", done);
			const timer = setInterval(() => socket.write("x"), 500);
			socket.on("close", () => clearInterval(timer));
		});
	},
};

describe("time-outs", { concurrency: true }, () => {
	for (const [name, run] of Object.entries(cases)) {
		test(name, { timeout: 2 * LONG }, async () => {
			const server = await startServer();
			try {
				const socket = await connect(server);
				const answers = new Answers(socket);
				await run(socket, answers);
				assert.ok(await answers.end(LONG), "nothing more comes");
				socket.destroy();
			} finally {
				assert.equal(await server.stop(), 0, server.log);
			}
		});
	}
});

test("a worker that does not end is ended", { timeout: 2 * LONG }, async () => {
	const server = await startServer({ workers: 2 });
	const pids = new Set();
	for (let i = 0; i < 40; i++) {
		const socket = await connect(server);
		const answers = new Answers(socket);
		socket.write(get("/echo"));
		pids.add(JSON.parse((await answers.next()).body).pid);
		socket.destroy();
	}
	process.kill([...pids][0], "SIGSTOP");
	assert.equal(await server.stop(), 69);
});

describe("time-outs of TLS", { concurrency: true }, () => {
	let dir, server;

	before(async () => {
		dir = mkdtempSync(path.join(tmpdir(), "permiso-tls-"));
		const cert = path.join(dir, "cert"), key = path.join(dir, "key");
		execFileSync("openssl", ["req", "-x509", "-newkey", "ec",
			"-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
			"-subj", "/CN=localhost", "-keyout", key, "-out", cert], { stdio: "ignore" });
		server = await startServer({ tls: [cert, key] });
	});
	after(async () => {
		assert.equal(await server.stop(), 0, server.log);
		rmSync(dir, { recursive: true });
	});

	test("a handshake that trickles is ended", { timeout: 2 * LONG }, async () => {
		const socket = await connect(server);
		const answers = new Answers(socket);
		// A ClientHello of 16,384 bytes, a byte a second.
		socket.write(Buffer.from("16030140000100fffc0303", "hex"));
		void trickle(socket, answers, "x", 1000);
		await answers.end(LONG);
		socket.destroy();
	});

	test("a handshake that never begins is ended", { timeout: 2 * LONG }, async () => {
		const socket = await connect(server);
		const answers = new Answers(socket);
		assert.ok(await answers.end(LONG));
		socket.destroy();
	});
});

after(killServers);
