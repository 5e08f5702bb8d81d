// Bytes on a connection, and what comes back: the tool of the tests that ask
// what becomes of a request that no client library would send.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./port.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const build = path.resolve(root, process.env.PERMISO_BUILD ?? process.env.BUILD ?? "build");

export const program = process.env.FRAMING_SERVER ??
    path.join(build, "tests/support/framing_server");

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// How long something may take before it counts as never: not a measure, only
// an end.  kore_fixes.sh, which looks for failures, shortens it.
const patience = Number(process.env.TEST_PATIENCE ?? 60000);

/** Try `step` until it does not throw. */
export async function until(what, step, ms = patience) {
	const end = Date.now() + ms;
	for (;;) {
		try {
			return await step();
		} catch (error) {
			if (Date.now() > end)
				throw new Error(`${what}: ${error.message}`);
			await sleep(20);
		}
	}
}

// Whatever a failed test leaves: each server is a process group of its own,
// which its orphans belong to as well.
const groups = new Set();

/** What every test file that starts servers calls last: after(killServers). */
export function killServers() {
	for (const group of groups) {
		try {
			process.kill(-group, "SIGKILL");
		} catch {
			// nobody is left
		}
	}
}

/** Start tests/support/framing_server.c; stop() gives its exit code. */
export async function startServer({ workers = 1, listen, tls = [], env = {}, cwd } = {}) {
	const where = listen ?? String(await freePort());
	const child = spawn(program, [where, String(workers), ...tls], {
		env: { ASAN_OPTIONS: "detect_leaks=0", ...env },
		stdio: ["ignore", "ignore", "pipe"], detached: true, cwd,
	});
	groups.add(child.pid);
	const server = {
		child, log: "", port: Number(where.replace(/^(ipv6|both):/, "")),
		path: where.startsWith("unix:") ? where.slice(5) : undefined,
		host: where.startsWith("ipv6:") ? "::1" : "127.0.0.1",
		ended: once(child, "exit").then(([code, signal]) => signal ?? code),
	};
	child.stderr.on("data", (data) => { server.log += data; });
	server.stop = async () => {
		child.kill("SIGTERM");
		return server.ended;
	};
	if (!env.FRAMING_DIE) {
		await until(`server on ${where}: ${server.log}`, async () => {
			assert.equal(child.exitCode ?? child.signalCode, null, server.log);
			const socket = await connect(server);
			socket.destroy();
		});
	}
	return server;
}

export function connect(server, options = {}) {
	return new Promise((done, fail) => {
		const socket = net.connect({
			...(server.path ? { path: server.path } :
			    { port: server.port, host: server.host }),
			allowHalfOpen: true, noDelay: true, ...options,
		});
		socket.once("connect", () => { socket.off("error", fail); done(socket); });
		socket.once("error", fail);
	});
}

/** Reads answers one after another from a socket. */
export class Answers {
	constructor(socket) {
		this.socket = socket;
		this.bytes = Buffer.alloc(0);
		this.ended = false;
		this.reset = false;
		this.wake = () => {};
		socket.on("data", (data) => {
			this.bytes = Buffer.concat([this.bytes, data]);
			this.wake();
		});
		socket.on("end", () => { this.ended = true; this.wake(); });
		socket.on("close", () => { this.ended = true; this.wake(); });
		socket.on("error", () => { this.reset = true; this.ended = true; this.wake(); });
	}

	async more(ms) {
		let timer;
		await Promise.race([
			new Promise((done) => { this.wake = done; }),
			new Promise((_, fail) => {
				timer = setTimeout(() => fail(new Error("silence")), ms);
			}),
		]).finally(() => clearTimeout(timer));
	}

	/** The next answer; undefined when the connection ended before one. */
	async next({ head = false, ms = patience } = {}) {
		let end;
		while ((end = this.bytes.indexOf("\r\n\r\n")) < 0) {
			if (this.ended) {
				if (this.bytes.length > 0)
					throw new Error(`half an answer: ${this.bytes}`);
				return undefined;
			}
			await this.more(ms);
		}
		const [first, ...lines] = this.bytes.subarray(0, end).toString("latin1").split("\r\n");
		const headers = Object.fromEntries(lines.map((line) => {
			const at = line.indexOf(":");
			return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
		}));
		const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(first)?.[1]);
		const length = head || status === 304 ? 0 : Number(headers["content-length"] ?? 0);
		this.bytes = this.bytes.subarray(end + 4);
		while (this.bytes.length < length) {
			if (this.ended)
				throw new Error("half a body");
			await this.more(ms);
		}
		const body = this.bytes.subarray(0, length).toString();
		this.bytes = this.bytes.subarray(length);
		return { status, headers, body };
	}

	/** Wait for the other side to end; true when nothing came before. */
	async end(ms = patience) {
		while (!this.ended)
			await this.more(ms);
		return this.bytes.length === 0;
	}
}
