// Where one request ends and the next begins.
//
// One table: what is sent (each element is a packet of its own; null waits for
// an answer, a function for what it does), the statuses
// that come back, and whether the connection is kept for a next request, which
// is then tried.  src/server/kore/README.md says which repair each row needs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Answers, connect, killServers, sleep, startServer, until } from "../support/raw.mjs";

const get = (target, ...headers) =>
    [`GET ${target} HTTP/1.1`, "Host: x", ...headers, "", ""].join("\r\n");
const post = (target, body, ...headers) =>
    [`POST ${target} HTTP/1.1`, "Host: x", `Content-Length: ${body.length}`,
	...headers, "", body].join("\r\n");
const many = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const KEPT = true;
const CLOSED = false;

// What /echo saw of the first answer.
const saw = (check) => ([answer]) => check(JSON.parse(answer.body));
const smuggled = get("/echo?smuggled");

// The server has read what asked for /held; and lets it go.  Others ask, until
// they meet the same worker.
async function other(request) {
	const socket = await connect(server);
	const answers = new Answers(socket);
	socket.write(request);
	const { body } = await answers.next();
	socket.destroy();
	return JSON.parse(body);
}
const held = () => until("a request under way", async () =>
    assert.equal((await other(get("/holding"))).number, 1));
const released = (answers) => until("its answer", async () => {
	await other(post("/release", ""));
	assert.notEqual(answers.bytes.length, 0);
});

const cases = [
	// [name, packets, statuses, kept or closed, check of the answers]
	["a plain request", [get("/echo?a=b")], [200], KEPT,
	    saw((r) => assert.equal(r.query, "a=b"))],
	["a form", [post("/form", "a=b")], [200], KEPT,
	    saw((r) => assert.equal(r.body, "a=b"))],
	["a header in three packets", ["GET /echo?", "x HTTP/1.1\r\nHo", "st: x\r\n\r\n"], [200], KEPT],
	["one byte at a time", [...get("/echo")], [200], KEPT],
	["an empty line before", ["\r\n" + get("/echo")], [200], KEPT],
	["two empty lines before", ["\r\n\r\n" + get("/echo")], [400], CLOSED],

	// Bodies where there are none
	["GET with a body behind it", [get("/echo", `Content-Length: ${smuggled.length}`) + smuggled], [400], CLOSED],
	["GET with a body in a later packet", [get("/echo", `Content-Length: ${smuggled.length}`), smuggled], [400], CLOSED],
	["DELETE with a body", ["DELETE /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b"], [400], CLOSED],
	["OPTIONS with a body", ["OPTIONS /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b"], [400], CLOSED],
	["HEAD with a body", ["HEAD /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b"], [400], CLOSED],
	["GET with an empty body", [get("/echo", "Content-Length: 0")], [200], KEPT],

	// More bytes than the request has
	["more body than said", [post("/form", "a=b") + "&c=d"], [200], CLOSED,
	    saw((r) => assert.equal(r.body, "a=b"))],
	["a request behind a body", [post("/form", "a=b") + smuggled], [200], CLOSED,
	    saw((r) => assert.equal(r.body, "a=b"))],
	["a megabyte behind one byte", [post("/form", "a") + "b".repeat(1 << 20)], [200], CLOSED],
	["a request behind an empty form", [post("/form", "") + smuggled], [200], CLOSED],
	["two requests in one packet", [get("/echo?1") + get("/echo?2")], [200], CLOSED,
	    saw((r) => assert.equal(r.query, "1"))],
	["two requests in two packets", [get("/echo?1"), null, get("/echo?2")], [200, 200], KEPT,
	    (all) => assert.deepEqual(all.map((a) => JSON.parse(a.body).query), ["1", "2"])],
	["the next while one is waited for", [get("/held"), held, get("/echo?2"), released], [200, 200], KEPT,
	    (all) => assert.deepEqual(all.map((a) => JSON.parse(a.body).path), ["/held", "/echo"])],
	["the next with the last of a body",
	    ["POST /slow/300 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n", null,
		"a=b" + get("/echo?2")], [100, 200, 200], KEPT,
	    (all) => assert.deepEqual(all.slice(1).map((a) => JSON.parse(a.body).path), ["/slow/300", "/echo"])],
	["a body in two packets", [post("/form", "a=b").slice(0, -1), "b"], [200], KEPT,
	    saw((r) => assert.equal(r.body_length, 3))],

	// Content-Length
	...[["the same twice", "Content-Length: 3\r\nContent-Length: 3"],
	    ["two that differ", "Content-Length: 3\r\nContent-Length: 4"],
	    ["in one line", "Content-Length: 3, 3"],
	    ["with a plus", "Content-Length: +3"],
	    ["with a minus", "Content-Length: -3"],
	    ["in hexadecimal", "Content-Length: 0x3"],
	    ["in two parts", "Content-Length: 3 3"],
	    ["with a blank behind it", "Content-Length: 3 "],
	    ["with a form feed before it", "Content-Length: \f3"],
	    ["empty", "Content-Length:"],
	    ["of twenty digits", "Content-Length: 18446744073709551619"],
	    ["beyond all memory", "Content-Length: 4294967299000000"],
	].map(([name, header]) => [`length ${name}`,
	    [`POST /form HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\na=b`], [400], CLOSED]),
	["no length on a form", ["POST /form HTTP/1.1\r\nHost: x\r\n\r\n"], [411], CLOSED],

	// Transfer-Encoding
	["chunked", ["POST /form HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n"], [400], CLOSED],
	["chunked and a length", [post("/form", "a=b", "Transfer-Encoding: chunked")], [400], CLOSED],
	["chunked in odd letters", [post("/form", "a=b", "tRANSFER-eNCODING: Chunked")], [400], CLOSED],
	["coding identity", [post("/form", "a=b", "Transfer-Encoding: identity")], [400], CLOSED],
	["coding on GET", [get("/echo", "Transfer-Encoding: chunked")], [400], CLOSED],
	["coding with a blank before the colon", [get("/echo", "Transfer-Encoding : chunked")], [400], CLOSED],

	// Line ends and odd bytes
	["bare LF everywhere", ["GET /echo HTTP/1.1\nHost: x\n\n"], [400], CLOSED],
	["bare LF between headers", [get("/echo", "A: 1\nB: 2")], [400], CLOSED],
	["bare CR between headers", [get("/echo", "A: 1\rB: 2")], [400], CLOSED],
	["bare CR in the request line", ["GET /echo\rX HTTP/1.1\r\nHost: x\r\n\r\n"], [400], CLOSED],
	["a header ended by bare LF twice", [get("/echo", "A: 1\n\nGET /echo?2 HTTP/1.1")], [400], CLOSED],
	["CR CR LF", [get("/echo", "A: 1\r")], [400], CLOSED],
	["NUL in a value", [get("/echo", "A: 1\0", "B: 2")], [400], CLOSED],
	["NUL in the target", [get("/echo\0?a")], [400], CLOSED],
	["a control byte in a value", [get("/echo", "A: \x01")], [400], CLOSED],
	["DEL in a value", [get("/echo", "A: \x7f")], [400], CLOSED],
	["obs-fold", [get("/echo", "A: 1", " 2")], [400], CLOSED],
	["no colon", [get("/echo", "Alone")], [400], CLOSED],
	["no name", [get("/echo", ": 1")], [400], CLOSED],
	["a blank in a name", [get("/echo", "A B: 1")], [400], CLOSED],
	["an empty value", [get("/echo", "A:")], [200], KEPT,
	    saw((r) => assert.deepEqual(r.headers[1], ["A", ""]))],
	["a tab, and blanks around", [get("/echo", "A: \t1\t2 \t")], [200], KEPT,
	    saw((r) => assert.deepEqual(r.headers[1], ["A", "1\t2"]))],
	["UTF-8 in a value", [get("/echo", "Cookie: a=\xc3\xbc")], [200], KEPT,
	    saw((r) => assert.deepEqual(r.headers[1], ["Cookie", "a=ü"]))],
	["bytes above 126 in a value", [get("/echo", "Cookie: a=\xff")], [200], KEPT,
	    saw((r) => assert.deepEqual(r.headers[1], ["Cookie", { bytes: 3 }]))],

	// Host
	["a header that begins like Host", ["GET /echo HTTP/1.1\r\nHostile: evil\r\nHost: good\r\n\r\n"], [200], KEPT,
	    saw((r) => assert.deepEqual(r.headers, [["host", "good"], ["Hostile", "evil"]]))],
	["only that", ["GET /echo HTTP/1.1\r\nHostile: evil\r\n\r\n"], [400], CLOSED],
	["no Host", ["GET /echo HTTP/1.1\r\nA: 1\r\n\r\n"], [400], CLOSED],
	["no header at all", ["GET /echo HTTP/1.1\r\n\r\n"], [400], CLOSED],
	["Host twice", [get("/echo", "Host: y")], [400], CLOSED],
	["Host twice, the same", [get("/echo", "HOST: x")], [400], CLOSED],
	["an empty Host", ["GET /echo HTTP/1.1\r\nHost:\r\n\r\n"], [400], CLOSED],
	["Host with a path", ["GET /echo HTTP/1.1\r\nHost: x/y\r\n\r\n"], [400], CLOSED],
	["Host with a port", ["GET /echo HTTP/1.1\r\nHost: x:1812\r\n\r\n"], [200], KEPT],
	["Host of 300 bytes", [`GET /echo HTTP/1.1\r\nHost: ${"x".repeat(300)}\r\n\r\n`], [400], CLOSED],

	// Sizes
	["100 headers", [get("/echo", ...many(99, (i) => `X-${i}: ${i}`))], [200], KEPT,
	    saw((r) => assert.deepEqual(r.headers[99], ["X-98", "98"]))],
	["101 headers", [get("/echo", ...many(100, (i) => `X-${i}: ${i}`))], [431], CLOSED],
	["102 headers", [get("/echo", ...many(101, (i) => `X-${i}: ${i}`))], [431], CLOSED],
	["an address of 12,000 bytes", [get("/echo?" + "a".repeat(11994))], [200], KEPT,
	    saw((r) => assert.equal(r.query.length, 11994))],
	["an address of 16,000 bytes", [get("/echo?" + "a".repeat(15994))], [200], KEPT,
	    saw((r) => assert.equal(r.query.length, 15994))],
	["an address of 16,001 bytes", [get("/echo?" + "a".repeat(15995))], [414], CLOSED],
	["an address without an end", ["GET /" + "a".repeat(20000)], [414], CLOSED],
	["headers of 19,000 bytes", [get("/echo", `A: ${"a".repeat(19000)}`)], [200], KEPT,
	    saw((r) => assert.equal(r.headers[1][1].length, 19000))],
	["headers of 30,000 bytes", [get("/echo", `A: ${"a".repeat(30000)}`)], [431], CLOSED],
	["headers of a megabyte", [get("/echo", `A: ${"a".repeat(1 << 20)}`)], [431], CLOSED],
	["a form of 64 KiB", [post("/form", "a".repeat(65536))], [200], KEPT,
	    saw((r) => assert.equal(r.body_length, 65536))],
	["a form of 64 KiB and 1", [post("/form", "a".repeat(65537))], [413], CLOSED],
	["JSON of 256 KiB", [post("/json", "a".repeat(262144))], [200], KEPT],
	["JSON of 256 KiB and 1", [post("/json", "a".repeat(262145))], [413], CLOSED],
	["a body where the route takes none", [post("/none", "a")], [413], CLOSED],
	["a body for nobody", [post("/nowhere", "a".repeat(65537))], [404], CLOSED],
	["a body for another method", [post("/big/1", "a=b")], [405], CLOSED],
	["an empty body for nobody", [post("/nowhere", "")], [404], KEPT],

	// Expect
	["100-continue", ["POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n", null, "a=b"],
	    [100, 200], KEPT],
	["100-continue with the body there", [post("/form", "a=b", "Expect: 100-Continue")], [200], KEPT],
	["100-continue, too large", ["POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\nExpect: 100-continue\r\n\r\n"],
	    [413], CLOSED],
	["another expectation", [post("/form", "a=b", "Expect: 200-ok")], [417], CLOSED],

	// Methods, versions, targets
	["a method in small letters", ["get /echo HTTP/1.1\r\nHost: x\r\n\r\n"], [501], CLOSED],
	["an unknown method", ["BREW /echo HTTP/1.1\r\nHost: x\r\n\r\n"], [501], CLOSED],
	["TRACE", ["TRACE /echo HTTP/1.1\r\nHost: x\r\n\r\n"], [501], CLOSED],
	["CONNECT", ["CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n"], [501], CLOSED],
	["a method that is no token", ["G@T /echo HTTP/1.1\r\nHost: x\r\n\r\n"], [400], CLOSED],
	["HTTP/1.0", ["GET /echo HTTP/1.0\r\nHost: x\r\n\r\n"], [200], CLOSED],
	["HTTP/1.0 with keep-alive", ["GET /echo HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n"], [200], CLOSED],
	["HTTP/1.0 with DELETE", ["DELETE /echo HTTP/1.0\r\nHost: x\r\n\r\n"], [501], CLOSED],
	["HTTP/1.2", ["GET /echo HTTP/1.2\r\nHost: x\r\n\r\n"], [505], CLOSED],
	["version in small letters", ["GET /echo http/1.1\r\nHost: x\r\n\r\n"], [400], CLOSED],
	["no version", ["GET /echo\r\nHost: x\r\n\r\n"], [400], CLOSED],
	["the preface of HTTP/2", ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], [505], CLOSED],
	["two blanks", ["GET  /echo HTTP/1.1\r\nHost: x\r\n\r\n"], [400], CLOSED],
	["a blank in the target", ["GET /echo a HTTP/1.1\r\nHost: x\r\n\r\n"], [400], CLOSED],
	["absolute form", [get("http://x:1812/echo?a=b")], [200], KEPT,
	    saw((r) => assert.deepEqual([r.path, r.query], ["/echo", "a=b"]))],
	["absolute form without a path", [get("HTTP://x?a=b")], [404], KEPT],
	["absolute form of another scheme", [get("ftp://x/echo")], [400], CLOSED],
	["a relative path", [get("echo")], [400], CLOSED],
	["a fragment", [get("/echo#a")], [400], CLOSED],
	["raw UTF-8 in the target", [get("/echo?\xc3\xbc")], [400], CLOSED],
	["OPTIONS *", ["OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"], [404], KEPT],
	["GET *", [get("*")], [400], CLOSED],
	["HEAD", ["HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\n"], [200], KEPT,
	    ([a]) => assert.ok(Number(a.headers["content-length"]) > 0)],

	// Ends
	["Connection: close", [get("/echo", "Connection: close")], [200], CLOSED],
	["close among others", [get("/echo", "Connection: te, Close")], [200], CLOSED],
	["half close behind a request", [get("/echo"), "END"], [200], CLOSED],
	["half close behind a form", [post("/form", "a=b"), "END"], [200], CLOSED],
	["half close while it is waited for", [get("/slow/300"), "END"], [200], CLOSED],
	["half close with the request", [get("/slow/50") + "END"], [200], CLOSED],
	["half close in a header", ["GET /echo HTTP/1.1\r\nHo", "END"], [], CLOSED],
	["half close in a body", [post("/form", "a=b").slice(0, -1), "END"], [], CLOSED],
	["half close of a large answer", [get("/big/4000000"), "END"], [200], CLOSED,
	    ([a]) => assert.equal(a.body.length, 4000000)],
];

let server;

before(async () => { server = await startServer({ workers: 2 }); });
after(async () => assert.equal(await server.stop(), 0, server.log));

async function send(socket, packets, answers, got) {
	for (const packet of packets) {
		if (packet === null) {		// wait for what comes first
			got.push(await answers.next());
			continue;
		}
		if (typeof packet === "function") {
			await packet(answers);
			continue;
		}
		const end = packet.endsWith("END");
		const bytes = Buffer.from(end ? packet.slice(0, -3) : packet, "latin1");
		if (bytes.length > 0)
			await new Promise((done) => socket.write(bytes, () => done()));
		if (end)
			socket.end();
		if (packets.length > 1)
			await sleep(packets.length > 10 ? 1 : 30);
	}
}

for (const [name, packets, statuses, kept, check] of cases) {
	test(name, { concurrency: true, timeout: 300000 }, async () => {
		const socket = await connect(server);
		const answers = new Answers(socket);
		const got = [];
		const head = packets[0].startsWith("HEAD");
		const lastPacket = packets.findLast((p) => typeof p === "string");
		const begin = Date.now();

		await send(socket, packets, answers, got);
		while (got.length < statuses.length) {
			const answer = await answers.next({ head });
			if (answer === undefined)
				break;
			got.push(answer);
		}
		assert.deepEqual(got.map((a) => a.status), statuses);
		assert.ok(got.every((a) => a.headers.server === undefined), "no Server");

		const last = got.at(-1)?.headers.connection;
		if (kept) {
			assert.equal(last, "keep-alive");
			socket.write(get("/echo?next=1"));
			const next = await answers.next();
			assert.equal(next?.status, 200);
			assert.equal(JSON.parse(next.body).query, "next=1");
			socket.end();
		} else if (last !== undefined && !lastPacket.endsWith("END")) {
			assert.equal(last, "close");
		}
		assert.ok(await answers.end(), "nothing more comes");
		if (!kept && !lastPacket.endsWith("END")) {
			// Still sending: it must not cost us the answer.
			for (let i = 0; i < 3; i++) {
				socket.write("more");
				await sleep(10);
			}
		}
		// (The server listens for 2 s; a busy machine may be later.)
		if (Date.now() - begin < 1500)
			assert.equal(answers.reset, false, "closed in order, not reset");
		check?.(got);
		socket.destroy();
	});
}

after(killServers);
