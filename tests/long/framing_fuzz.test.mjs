// Broken requests by the ten thousand against the web role: no worker dies,
// and a plain request is answered all the while.
//
// Seeded: SEED=1 repeats a run.  PERMISO_BUILD names a sanitized build.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Answers, connect, killServers, sleep, startServer } from "../support/raw.mjs";

const seed = Number(process.env.SEED ?? Date.now() % 1000000);
const rounds = Number(process.env.ROUNDS ?? 20000);

let state = seed >>> 0;
function random(below) {	// mulberry32
	state = (state + 0x6d2b79f5) >>> 0;
	let t = Math.imul(state ^ (state >>> 15), state | 1);
	t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
	return ((t ^ (t >>> 14)) >>> 0) % below;
}
const one = (list) => list[random(list.length)];

const seeds = [
	"GET /echo?a=b HTTP/1.1\r\nHost: x\r\n\r\n",
	"POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\na=b&c",
	"POST /slow/5 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\na=b",
	"PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + "y".repeat(100000),
	"HEAD http://x/echo HTTP/1.0\r\nHost: x\r\nConnection: close\r\n\r\n",
	"GET /slow/20 HTTP/1.1\r\nHost: [::1]:1\r\nCookie: a=b; c=d\r\n\r\n",
	"GET /big/200000 HTTP/1.1\r\nHost: x\r\n\r\n",
	"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n123456789",
];
const pieces = ["\r\n", "\n", "\r", "\0", ":", " ", "Host: x\r\n", "Content-Length: 3\r\n",
	"Transfer-Encoding: chunked\r\n", "\r\n\r\n", "%00", "?", "\xff", "9".repeat(30), "A".repeat(5000)];

function broken() {
	let text = one(seeds);
	if (random(3) === 0)
		text += one(seeds);
	for (let n = random(4); n > 0; n--) {
		const at = random(Math.min(text.length, 200));
		switch (random(4)) {
		case 0: text = text.slice(0, at) + one(pieces) + text.slice(at); break;
		case 1: text = text.slice(0, at) + text.slice(at + 1 + random(8)); break;
		case 2: text = text.slice(0, at) + String.fromCharCode(random(256)) + text.slice(at + 1); break;
		case 3: text = text.slice(0, text.length - random(text.length)); break;
		}
	}
	return Buffer.from(text, "latin1");
}

async function attack(server) {
	const socket = await connect(server);
	socket.on("error", () => {});
	socket.on("data", () => {});
	const bytes = broken();
	for (let at = 0; at < bytes.length && !socket.destroyed;) {
		const end = random(2) ? bytes.length : at + 1 + random(100);
		socket.write(bytes.subarray(at, end));
		at = end;
		if (random(4) === 0)
			await sleep(random(3));
	}
	switch (random(3)) {
	case 0: socket.resetAndDestroy?.() ?? socket.destroy(); break;
	case 1: socket.end(); setTimeout(() => socket.destroy(), random(30)); break;
	case 2: setTimeout(() => socket.destroy(), random(30)); break;
	}
}

test(`broken requests, seed ${seed}`, { timeout: 1800000 }, async () => {
	const server = await startServer({ workers: 2 });
	for (let round = 0; round < rounds; round += 20) {
		await Promise.all(Array.from({ length: 20 }, () => attack(server)));
		if (round % 1000 === 0) {
			const socket = await connect(server);
			const answers = new Answers(socket);
			socket.write(seeds[0]);
			assert.equal((await answers.next()).status, 200);
			socket.destroy();
		}
	}
	assert.equal(server.log, "");
	assert.equal(await server.stop(), 0, server.log);
});

after(killServers);
