// The web role's processes: how they end, what becomes of them when one dies,
// what they cost when nothing happens, and what TLS clients see.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync,
    statSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import tls from "node:tls";
import { promisify } from "node:util";
import { freePort } from "../support/port.mjs";
import { Answers, connect, killServers, sleep, startServer, until } from "../support/raw.mjs";

const get = (target) => `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;
const dir = mkdtempSync(path.join(tmpdir(), "permiso-life-"));
after(() => rmSync(dir, { recursive: true }));

const alive = (pid) => existsSync(`/proc/${pid}/status`) &&
    !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
const children = (pid) => readdirSync("/proc").filter((name) => /^\d+$/.test(name) &&
    (() => {
	    try {
		    return readFileSync(`/proc/${name}/stat`, "utf8")
			.replace(/^.*\) /, "").split(" ")[1] === String(pid);
	    } catch {
		    return false;
	    }
    })()).map(Number);

// What a process has of its own in memory.
function readMemory(pid) {
	const fd = openSync(`/proc/${pid}/mem`, "r");
	const parts = [];
	for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
		const range = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
		if (range === null)
			continue;
		const start = parseInt(range[1], 16);
		const part = Buffer.alloc(parseInt(range[2], 16) - start);
		try {
			readSync(fd, part, 0, part.length, start);
			parts.push(part);
		} catch {
			// a guard page
		}
	}
	closeSync(fd);
	return parts;
}

async function ask(server, target) {
	const socket = await connect(server);
	const answers = new Answers(socket);
	socket.write(get(target));
	const answer = await answers.next();
	socket.destroy();
	if (answer === undefined)
		throw new Error("no answer");
	return answer;
}

// Every worker has set itself up: each has answered.  Their process ids.
const workersOf = (server, count, one = () => ask(server, "/echo")) => {
	const pids = new Set();
	return until(`answers of ${count} workers`, async () => {
		pids.add(JSON.parse((await one()).body).pid);
		for (const pid of pids) {
			if (!alive(pid))
				pids.delete(pid);
		}
		assert.equal(pids.size, count);
		return [...pids];
	});
};

// How often a process was seen running, of so many looks in three seconds.
// One that waits is not seen so, however busy the machine is; one that spins
// always is.
async function running(pids, looks = 60) {
	let seen = 0;
	for (let i = 0; i < looks; i++) {
		await sleep(50);
		seen += pids.some((pid) => /\) R /.test(readFileSync(`/proc/${pid}/stat`, "utf8")));
	}
	return seen;
}

test("SIGTERM lets what is under way finish, and closes what is idle", async () => {
	const server = await startServer({ workers: 1 });
	const idle = await connect(server);
	const idleAnswers = new Answers(idle);
	idle.write(get("/echo"));
	assert.equal((await idleAnswers.next()).headers.connection, "keep-alive");

	const busy = await connect(server);
	const answers = new Answers(busy);
	busy.write(get("/held"));
	await until("a request under way", async () =>
	    assert.equal(JSON.parse((await ask(server, "/holding")).body).number, 1));
	const half = await connect(server);	// a body that is on its way
	const halfAnswers = new Answers(half);
	half.write("POST /release HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n" +
	    "Expect: 100-continue\r\n\r\n");
	assert.equal((await halfAnswers.next()).status, 100);
	half.write("a=");

	const ended = server.stop();
	assert.equal(await idleAnswers.next(), undefined);
	await until("no new connections", async () => {
		const late = await connect(server);
		const lateAnswers = new Answers(late);
		late.write(get("/echo"));
		await lateAnswers.next({ ms: 200 }).then((a) => {
			if (a !== undefined)
				throw new Error("answered");
		}, () => {});
		late.destroy();
	});
	half.write("b");
	const posted = await halfAnswers.next();
	assert.equal(posted.status, 200);
	assert.equal(posted.headers.connection, "close");
	const answer = await answers.next();
	assert.equal(answer.status, 200);
	assert.equal(answer.headers.connection, "close");
	assert.equal(await ended, 0, server.log);
	busy.destroy();
	half.destroy();
});

test("SIGTERM to all of its processes at once ends in order", async () => {
	for (let round = 0; round < 5; round++) {
		const server = await startServer({ workers: 2 });
		for (const pid of [...children(server.child.pid), server.child.pid])
			process.kill(pid, "SIGTERM");
		assert.equal(await server.ended, 0, server.log);
	}
});

test("SIGTERM to one worker replaces that worker", async () => {
	const server = await startServer({ workers: 2 });
	const [first] = await until("two workers", async () => {
		assert.equal(children(server.child.pid).length, 2);
		return children(server.child.pid);
	});
	process.kill(first, "SIGTERM");
	await until("another in its place", async () => {
		const now = children(server.child.pid).filter(alive);
		assert.equal(now.length, 2);
		assert.equal(now.includes(first), false);
	});
	assert.equal((await ask(server, "/echo")).status, 200);
	assert.equal(await server.stop(), 0, server.log);
});

test("SIGTERM to a worker that has only just begun is not lost", async () => {
	const server = await startServer({ workers: 1, env: { FRAMING_SLOW: "1" } });
	const [first] = await until("a worker", async () => {
		assert.equal(children(server.child.pid).length, 1);
		return children(server.child.pid);
	});
	process.kill(first, "SIGTERM");
	await until("another in its place", async () => {
		const now = children(server.child.pid).filter(alive);
		assert.equal(now.length, 1);
		assert.equal(now.includes(first), false);
	});
	assert.equal(await server.stop(), 0, server.log);
});

test("SIGTERM to a server that has only just begun ends it in order", async () => {
	const server = await startServer({ env: { FRAMING_SLOW: "1" } });
	assert.equal(await server.stop(), 0, server.log);
});

test("SIGTERM in a crash loop ends in order", async () => {
	const server = await startServer({ workers: 2, env: { FRAMING_DIE: "1" } });
	await until("deaths", async () => assert.match(server.log, /in_a_row=4/));
	// 69 when a worker was dying just then: it was not a clean end.
	assert.ok([0, 69].includes(await server.stop()));
});

test("a worker that dies in its start is not started over and over", async () => {
	const server = await startServer({ workers: 1, env: { FRAMING_DIE: "1" } });
	const pauses = () => [...server.log.matchAll(/again_in_ms=(\d+)\n/g)].map((m) => Number(m[1]));
	await until("deaths", async () => assert.ok(pauses().length >= 5));
	assert.deepEqual(pauses().slice(0, 5), [0, 250, 500, 1000, 2000]);
	await server.stop();
});

test("SIGKILL of the parent leaves no worker", async () => {
	const server = await startServer({ workers: 2 });
	const workers = await until("two workers", async () => {
		assert.equal(children(server.child.pid).length, 2);
		return children(server.child.pid);
	});
	server.child.kill("SIGKILL");
	assert.equal(await server.ended, "SIGKILL");
	await until("workers gone", async () =>
	    assert.deepEqual(workers.filter(alive), []));
});

test("no process leaves a core or lets itself be read", async () => {
	const server = await startServer({ workers: 2 });
	await workersOf(server, 2);
	for (const pid of [server.child.pid, ...children(server.child.pid)]) {
		// A process that is not dumpable belongs to root in /proc.
		if (process.getuid() !== 0)
			assert.equal(statSync(`/proc/${pid}/mem`).uid, 0);
	}
	for (const pid of children(server.child.pid)) {
		assert.match(readFileSync(`/proc/${pid}/limits`, "utf8"), /^Max core file size +0 +0/m);
		assert.match(readFileSync(`/proc/${pid}/status`, "utf8"), /^Seccomp:\s+2$/m);
		assert.match(readFileSync(`/proc/${pid}/status`, "utf8"), /^NoNewPrivs:\s+1$/m);
	}
	await server.stop();
});

test("a worker that crashes is replaced, and others are not disturbed", async () => {
	const server = await startServer({ workers: 2 });
	const first = JSON.parse((await ask(server, "/echo")).body).pid;
	for (let crash = 0; crash < 3; crash++) {
		await assert.rejects(ask(server, "/crash"));
		const { body } = await until("an answer", () => ask(server, "/echo"));
		assert.ok(JSON.parse(body).pid > 0);
	}
	assert.equal(typeof first, "number");
	await until("two workers", async () => {
		assert.equal(server.log.match(/worker_died/g).length, 3);
		assert.equal(children(server.child.pid).filter(alive).length, 2);
	});
	assert.equal(await server.stop(), 0, server.log);
});

test("a watched descriptor may change, and be closed, under its watch", async () => {
	const server = await startServer();
	const { pid } = JSON.parse((await ask(server, "/echo")).body);
	for (let i = 0; i < 100; i++)	// more than there are places for watches
		assert.equal(JSON.parse((await ask(server, "/reopen")).body).pid, pid);
	assert.equal(await server.stop(), 0, server.log);
});

test("a message comes once to each worker, whoever has died before", async () => {
	const server = await startServer({ workers: 2 });
	for (let crash = 1; crash <= 3; crash++) {
		await assert.rejects(ask(server, "/crash"));
		await until("another", async () => {
			assert.equal(server.log.match(/worker_died/g).length, crash);
			assert.equal(children(server.child.pid).filter(alive).length, 2);
		});
	}
	await workersOf(server, 2);
	// The second comes behind whatever came of the first.
	for (const count of [1, 2]) {
		await ask(server, "/tell");
		const told = {};
		await until(`message ${count}`, async () => {
			const { pid, number } = JSON.parse((await ask(server, "/told")).body);
			told[pid] = number;
			assert.deepEqual(Object.values(told), [count, count]);
		});
	}
	assert.equal(await server.stop(), 0, server.log);
});

test("a worker that babbles to its parent is replaced, and the server lives", async () => {
	const server = await startServer({ workers: 2 });
	await ask(server, "/babble").catch(() => {});	// its last word, or none
	await until("another in its place", async () => {
		assert.match(server.log, /worker_distrusted/);
		assert.match(server.log, /worker_died/);
		assert.equal(children(server.child.pid).filter(alive).length, 2);
	});
	assert.equal((await ask(server, "/echo")).status, 200);
	assert.equal(await server.stop(), 0, server.log);
});

test("SIGTERM is not lost when another signal follows", async () => {
	for (let round = 0; round < 10; round++) {
		const server = await startServer();
		server.child.kill("SIGTERM");
		server.child.kill("SIGHUP");
		server.child.kill("SIGCHLD");
		assert.equal(await server.ended, 0, `round ${round}: ${server.log}`);
	}
});

test("nothing is written to the folder it is started in", async () => {
	const cwd = mkdtempSync(path.join(dir, "cwd-"));
	const server = await startServer({ cwd });
	await ask(server, "/echo");
	assert.deepEqual(readdirSync(cwd), []);
	assert.equal(await server.stop(), 0);
	assert.deepEqual(readdirSync(cwd), []);
});

test("a request leaves no trace in the worker's memory",
    { skip: process.getuid() !== 0 && "only root can look" }, async () => {
	const server = await startServer();
	const [body, cookie] = ["Zebra-in-the-body-0123456789", "Zebra-in-the-cookie-0123456789"];
	const found = () => {
		const memory = readMemory(children(server.child.pid)[0]);
		return [body, cookie].filter((text) => memory.some((part) => part.includes(text)));
	};
	const socket = await connect(server);
	const answers = new Answers(socket);
	socket.write(`POST /length HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\nContent-Length: ${body.length}\r\n\r\n`);
	await until("the search finds it where it is", async () =>
	    assert.deepEqual(found(), [cookie]));
	socket.write(body);
	assert.equal(JSON.parse((await answers.next()).body).number, body.length);
	await until("it is gone", async () => assert.deepEqual(found(), []));
	socket.destroy();
	assert.equal(await server.stop(), 0);
});

test("connections spread over the workers", async () => {
	const server = await startServer({ workers: 2 });
	await workersOf(server, 2);
	await server.stop();
});

test("the sandbox refuses kill, unlink and new files", async () => {
	const server = await startServer();
	assert.deepEqual(JSON.parse((await ask(server, "/forbidden")).body), {
		kill: "Operation not permitted", unlink: "Permission denied",
		create: "Permission denied",
	});
	assert.equal(await server.stop(), 0);
});

test("no shared memory is left behind by an unclean end", async () => {
	const server = await startServer();
	const left = () => readFileSync("/proc/sysvipc/shm", "utf8").split("\n")
	    .filter((line) => line.trim().split(/ +/)[4] === String(server.child.pid));
	await until("the search finds it", async () => assert.equal(left().length, 1));
	server.child.kill("SIGKILL");
	await server.ended;
	await until("shared memory gone", async () => assert.deepEqual(left(), []));
});

test("idle processes cost next to nothing", async () => {
	const server = await startServer({ workers: 2 });
	const pids = [server.child.pid, ...await workersOf(server, 2)];
	const wakes = () => Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(
	    readFileSync(`/proc/${server.child.pid}/status`, "utf8"))[1]);
	const start = Date.now(), before = wakes();
	const seen = await running(pids);
	assert.ok(seen < 20, `running in ${seen} of 60 looks`);
	// Kore as it was wakes ten times a second, ours once.
	const rate = (wakes() - before) * 1000 / (Date.now() - start);
	assert.ok(rate < 5, `the parent woke ${rate} times a second`);
	// Only root may ask what a process has that hides its memory.
	if (process.getuid() === 0 && !process.env.ASAN_OPTIONS) {
		const pss = pids.reduce((sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(
		    readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))[1]), 0);
		assert.ok(pss <= 6000, `${pss} KiB for parent and two workers`);
	}
	await server.stop();
});

test("one worker with all its connections used does not spin", async () => {
	const server = await startServer({ workers: 1 });
	const sockets = [];
	for (let i = 0; i < 2050; i++)
		sockets.push(await connect(server));
	const seen = await running(children(server.child.pid));
	assert.ok(seen < 30, `running in ${seen} of 60 looks`);
	for (const socket of sockets)
		socket.destroy();
	assert.equal((await until("room again", () => ask(server, "/echo"))).status, 200);
	assert.equal(await server.stop(), 0);
});

describe("unix socket", () => {
	const where = path.join(dir, "socket");

	test("answers, and is removed at the end", async () => {
		const server = await startServer({ listen: `unix:${where}` });
		assert.equal((await ask(server, "/echo")).status, 200);
		assert.equal(JSON.parse((await ask(server, "/echo")).body).peer, "");
		assert.equal(statSync(where).mode & 0o777, 0o660);
		assert.equal(await server.stop(), 0);
		assert.equal(existsSync(where), false);
	});

	test("starts where an unclean end has left one", async () => {
		const server = await startServer({ listen: `unix:${where}` });
		const workers = children(server.child.pid);
		server.child.kill("SIGKILL");
		await server.ended;
		await until("workers gone", async () =>
		    assert.deepEqual(workers.filter(alive), []));
		assert.equal(existsSync(where), true);
		const next = await startServer({ listen: `unix:${where}` });
		assert.equal((await ask(next, "/echo")).status, 200);
		assert.equal(await next.stop(), 0);
	});

	test("is not taken from a server that lives", async () => {
		const server = await startServer({ listen: `unix:${where}` });
		const second = await startServer({ listen: `unix:${where}`, env: { FRAMING_DIE: "1" } });
		assert.equal(await second.ended, 69);
		assert.match(second.log, /socket_in_use/);
		assert.equal((await ask(server, "/echo")).status, 200);
		assert.equal(await server.stop(), 0);
	});
});

test("a port that is taken is an error, with its code", async () => {
	const server = await startServer();
	const second = await startServer({ listen: String(server.port), env: { FRAMING_DIE: "1" } });
	assert.equal(await second.ended, 69);
	assert.match(second.log, /in use/);
	await server.stop();
});

test("IPv6, with a port in Host", async () => {
	const server = await startServer({ listen: `ipv6:${await freePort("::1")}` });
	const socket = await connect(server);
	const answers = new Answers(socket);
	for (const host of ["x:1812", "[::1]:1812", "[::1]", "x"]) {
		socket.write(`GET /echo HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
		const answer = await answers.next();
		assert.equal(answer.status, 200, host);
		assert.equal(JSON.parse(answer.body).peer, "::1");
	}
	socket.destroy();
	assert.equal(await server.stop(), 0);
});

test("an IPv4 client of an IPv6 socket has an IPv4 address", async () => {
	const server = await startServer({ listen: `both:${await freePort("::")}` });
	assert.equal(JSON.parse((await ask(server, "/echo")).body).peer, "127.0.0.1");
	assert.equal(await server.stop(), 0);
});

for (const [kind, options] of [["RSA", ["rsa:2048"]],
    ["EC", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]]]) {
	describe(`TLS with ${kind}`, () => {
		const cert = path.join(dir, `${kind}.cert`), key = path.join(dir, `${kind}.key`);
		let server;

		before(async () => {
			execFileSync("openssl", ["req", "-x509", "-newkey", ...options,
				"-nodes", "-days", "2", "-subj", "/CN=localhost",
				"-addext", "subjectAltName=DNS:localhost",
				"-keyout", key, "-out", cert], { stdio: "ignore" });
			server = await startServer({ workers: 2, tls: [cert, key] });
			// The workers have it from the key manager a moment later.
			await workersOf(server, 2, echo);
		});
		after(async () => assert.equal(await server.stop(), 0, server.log));

		const session = async (options = {}) => {
			const socket = tls.connect({ port: server.port, host: "127.0.0.1",
				servername: "localhost", ca: readFileSync(cert), ...options });
			await once(socket, "secureConnect");
			return socket;
		};

		const echo = async () => {
			const socket = await session();
			const answers = new Answers(socket);
			socket.write(get("/echo").replace("x", "localhost"));
			const answer = await answers.next();
			socket.destroy();
			return answer;
		};

		for (const version of ["TLSv1.2", "TLSv1.3"]) {
			test(version, async () => {
				const socket = await session({ minVersion: version, maxVersion: version });
				assert.equal(socket.authorized, true);
				assert.equal(socket.getProtocol(), version);
				assert.match(socket.getCipher().name, /GCM|CHACHA20/);
				const answers = new Answers(socket);
				for (let i = 0; i < 3; i++) {
					socket.write("GET /big/300000 HTTP/1.1\r\nHost: localhost:1812\r\n\r\n");
					const answer = await answers.next();
					assert.equal(answer.status, 200);
					assert.equal(answer.body.length, 300000);
				}
				socket.write("POST /form HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n");
				await sleep(50);
				socket.write("a=b");
				assert.equal((await answers.next()).status, 200);
				socket.destroy();
			});
		}

		test("old versions and weak suites are refused", async () => {
			await assert.rejects(session({ minVersion: "TLSv1.1", maxVersion: "TLSv1.1",
				ciphers: "ALL:@SECLEVEL=0" }));
			await assert.rejects(session({ maxVersion: "TLSv1.2", ciphers: "AES128-SHA" }));
		});

		test("openssl s_client", async () => {
			const { stdout } = await promisify(execFile)("sh", ["-c",
				`printf 'GET /echo HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' |
				 openssl s_client -quiet -connect 127.0.0.1:${server.port} -servername localhost -CAfile ${cert}`]);
			assert.match(stdout, /^HTTP\/1\.1 200 /);
		});

		test("many at once, and after a worker's death", async () => {
			const once64 = () => Promise.all(Array.from({ length: 64 },
			    async () => (await echo()).status));
			assert.deepEqual(new Set(await once64()), new Set([200]));
			const socket = await session();
			socket.on("error", () => {});
			socket.write(get("/crash").replace("x", "localhost"));
			await once(socket, "close");
			await workersOf(server, 2, echo);
			assert.deepEqual(new Set(await once64()), new Set([200]));
		});

		test("the private key is in the key manager alone",
		    { skip: process.getuid() !== 0 && "only root can look" }, async () => {
			const jwk = createPrivateKey(readFileSync(key)).export({ format: "jwk" });
			const secret = Buffer.from(jwk.p ?? jwk.d, "base64url");
			const traces = {	// as text, as bytes, as OpenSSL's numbers
				text: Buffer.from(readFileSync(key, "utf8").split("\n")[2]),
				bytes: secret.subarray(0, 24),
				number: Buffer.from(secret).reverse().subarray(0, 24),
			};
			await session().then((socket) => socket.destroy());
			const found = {};
			for (const pid of [server.child.pid, ...children(server.child.pid)]) {
				const name = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
				const memory = readMemory(pid);
				found[name] = Object.keys(traces).filter((trace) =>
				    memory.some((part) => part.includes(traces[trace])));
			}
			assert.ok(found["permiso:[keymgr"].includes("number"), "the search finds it where it is");
			delete found["permiso:[keymgr"];
			assert.deepEqual(Object.values(found).flat(), []);
			assert.equal(Object.keys(found).length, 3);
		});

		test("a name that is not Host's is misdirected", async () => {
			const socket = await session();
			const answers = new Answers(socket);
			socket.write(get("/echo").replace("x", "other"));
			assert.equal((await answers.next()).status, 421);
			socket.destroy();
		});

		test("IPv6, with SNI and a port in Host", async () => {
			const other = await startServer({ listen: `ipv6:${await freePort("::1")}`,
				tls: [cert, key] });
			const socket = await until("a session", () => session({ host: "::1", port: other.port }));
			const answers = new Answers(socket);
			socket.write(get("/echo").replace("x", "localhost:1812"));
			assert.equal((await answers.next()).status, 200);
			socket.destroy();
			assert.equal(await other.stop(), 0);
		});

		test("SIGHUP takes a renewed certificate, and no broken one", async () => {
			const files = { cert: path.join(dir, `${kind}.new.cert`), key: path.join(dir, `${kind}.new.key`) };
			const renew = (serial) => execFileSync("openssl", ["req", "-x509", "-newkey", ...options,
				"-nodes", "-days", "2", "-subj", `/CN=localhost/serialNumber=${serial}`,
				"-keyout", files.key, "-out", files.cert], { stdio: "ignore" });
			renew(1);
			const other = await startServer({ workers: 2, tls: [files.cert, files.key] });
			const serials = async () => {
				const seen = new Set();
				for (let i = 0; i < 8; i++) {
					const socket = tls.connect({ port: other.port, host: "127.0.0.1", rejectUnauthorized: false });
					await once(socket, "secureConnect");
					seen.add(socket.getPeerCertificate().subject.serialNumber);
					socket.destroy();
				}
				return [...seen];
			};
			await until("the first", async () => assert.deepEqual(await serials(), ["1"]));
			renew(2);
			other.child.kill("SIGHUP");
			await until("the second", async () => assert.deepEqual(await serials(), ["2"]));
			writeFileSync(files.key, "nonsense");
			other.child.kill("SIGHUP");
			await until("a complaint", async () => assert.match(other.log, /bad_tls_files/));
			assert.deepEqual(await serials(), ["2"]);
			assert.equal(await other.stop(), 0);
		});

		test("SIGKILL of the parent leaves no key manager", async () => {
			const other = await startServer({ workers: 1, tls: [cert, key] });
			const pids = await until("two children", async () => {
				assert.equal(children(other.child.pid).length, 2);
				return children(other.child.pid);
			});
			other.child.kill("SIGKILL");
			await other.ended;
			await until("gone", async () => assert.deepEqual(pids.filter(alive), []));
		});
	});
}

test("TLS files that cannot be used are a mistake in the settings", async () => {
	const cert = path.join(dir, "RSA.cert"), key = path.join(dir, "EC.key");
	for (const [files, reason] of [[[cert, key], /reason="they do not belong together/],
	    [[cert, "/nowhere/key"], /unreadable=\/nowhere\/key reason="No such file/],
	    [["/nowhere/cert", key], /unreadable=\/nowhere\/cert reason="No such file/],
	    [[key, key], /reason="no start line/], [[cert, ""], /bad_tls_files/]]) {
		const server = await startServer({ tls: files, env: { FRAMING_DIE: "1" } });
		assert.equal(await server.ended, 78);
		assert.match(server.log, reason);
	}
});

after(killServers);
