/*
 * The numbers of `make bench`.
 *
 *	bench.mjs [ROUNDS [CONCURRENCY]]
 *
 * CPU is what the kernel says each process spent, server and PostgreSQL
 * together; this driver's own is not in it.  The floor is bench_floor.c: one
 * ES256 signature and one committed INSERT, on the same cluster, as many at
 * once, in the same run.  All take turns, in rounds.
 */

import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { setUp } from "../support/people.mjs";
import { Server, root, sleep, testCluster } from "../support/server.mjs";
import { cpu, postmaster, pss } from "./measure.mjs";

const round = 1000;		/* requests of a kind */
const rounds = Number(process.argv[2] ?? 6);
const concurrency = Number(process.argv[3] ?? 16);
const build = join(root, process.env.PERMISO_BUILD ?? "build");
const verifier = randomBytes(32).toString("base64url");
const challenge = createHash("sha256").update(verifier).digest("base64url");
const callback = "http://127.0.0.1:9/callback";
const secret = randomBytes(32).toString("hex");

/* A request as bytes, for bench_load. */
function request(server, method, target, headers, form)
{
	const body = form === undefined ? "" :
		new URLSearchParams(form).toString();
	const lines = [`${method} ${target} HTTP/1.1`,
		`Host: ${new URL(server.issuer).host}`,
		...Object.entries(headers).map((pair) => pair.join(": "))];

	if (form !== undefined)
		lines.push("Content-Type: application/x-www-form-urlencoded",
			`Content-Length: ${body.length}`);
	return lines.join("\r\n") + "\r\n\r\n" + body;
}

/* Send them, so many at once; the bodies, or Locations, of the answers. */
async function load(server, texts)
{
	const child = spawn(join(build, "tests/bench/bench_load"),
		[String(server.port), String(concurrency)],
		{ stdio: ["pipe", "pipe", "inherit"] });
	let out = "";

	child.stdout.setEncoding("utf8");
	child.stdout.on("data", (text) => { out += text; });
	child.stdin.end(texts.map((text) => `${text.length}\n${text}`).join(""));
	const [status] = await once(child, "close");
	if (status !== 0)
		throw new Error("bench_load failed");
	return out.split("\n").slice(0, texts.length);
}

/* CPU nanoseconds that "work" costs server and database. */
async function cost(server, work)
{
	const pids = [server.child.pid, postmaster(server.cluster)];
	const before = pids.map((pid) => cpu(pid));
	const began = process.hrtime.bigint();

	await work();
	const wall = Number(process.hrtime.bigint() - began);
	const after = pids.map((pid) => cpu(pid));
	return { server: after[0] - before[0], database: after[1] - before[1],
		wall };
}

const us = (ns) => (ns / 1000).toFixed(0);

/*
 * One line of what "rounds" cost, each of "n" requests.  The lowest round is
 * the figure: what else the machine does only adds.
 */
function line(what, rounds, n)
{
	const sorted = rounds.map((round) => ({ ...round,
		sum: (round.server + round.database) / n }))
		.sort((a, b) => a.sum - b.sum);
	const low = sorted[0], median = sorted[rounds.length >> 1];

	console.log(`${what.padEnd(22)} ${us(low.sum).padStart(6)} µs CPU` +
		`  (server ${us(low.server / n)}, PostgreSQL ` +
		`${us(low.database / n)}); median ${us(median.sum)}; ` +
		`${(n / (low.wall / 1e9)).toFixed(0)} a second here`);
	return low.sum;
}

/* ------------------------------------------------------------------ parts */

async function floor(server)
{
	const child = spawn(join(build, "tests/bench/bench_floor"),
		[server.conninfo, String(round), String(concurrency)],
		{ stdio: ["pipe", "pipe", "inherit"] });
	const answers = [];
	child.stdout.setEncoding("utf8");
	child.stdout.on("data", (text) =>
		answers.push(...text.split("\n").filter(Boolean)));
	const answer = async (n) => {
		while (answers.length < n) {
			if (child.exitCode !== null)
				throw new Error("bench_floor ended");
			await sleep(1);
		}
		return answers[n - 1];
	};

	await answer(1);
	const database = cpu(postmaster(server.cluster));
	const began = process.hrtime.bigint();
	child.stdin.write("g");
	const own = Number(await answer(2));
	const wall = Number(process.hrtime.bigint() - began);
	const spent = { server: own, wall,
		database: cpu(postmaster(server.cluster)) - database };
	child.stdin.write("e");
	child.stdin.end();
	await once(child, "exit");
	await sleep(300);		/* its backends are gone, too */
	return spent;
}

async function register(server)
{
	const dir = mkdtempSync("/tmp/permiso-bench-");

	writeFileSync(join(dir, "bench.json"), JSON.stringify({
		client_id: "bench", client_name: "Bench", client_secret: secret,
		redirect_uris: [callback], skip_consent: true,
		id_token_signed_response_alg: "ES256", scope: "openid profile",
		grant_types: ["authorization_code", "refresh_token"] }));
	const { code, stderr } = await server.cli(["apply", dir]);
	if (code !== 0)
		throw new Error(stderr);
}

/* One of each, for every code of a round: a code lives for 60 s. */
async function requests(server, tab)
{
	const basic = { Authorization: "Basic " +
		Buffer.from(`bench:${secret}`).toString("base64") };
	const cookie = { Cookie: [...tab.jar].map((one) => one.join("="))
		.join("; ") };
	const target = "/oauth/authorize?" + new URLSearchParams({
		client_id: "bench", redirect_uri: callback,
		response_type: "code", scope: "openid profile",
		code_challenge: challenge, code_challenge_method: "S256" });
	const token = (form) => request(server, "POST", "/oauth/token", basic,
		form);
	let codes, tokens;

	const authorize = await cost(server, async () => {
		codes = (await load(server, Array(round).fill(
			request(server, "GET", target, cookie))))
			.map((url) => new URL(url).searchParams.get("code"));
	});
	const redemption = await cost(server, async () => {
		tokens = (await load(server, codes.map((code) => token({
			grant_type: "authorization_code", code,
			redirect_uri: callback, code_verifier: verifier }))))
			.map((text) => JSON.parse(text));
	});
	const refresh = await cost(server, () => load(server,
		tokens.map(({ refresh_token }) => token({
			grant_type: "refresh_token", refresh_token }))));
	const userinfo = await cost(server, () => load(server,
		tokens.map(({ access_token }) => request(server, "POST",
			"/oauth/userinfo",
			{ Authorization: `Bearer ${access_token}` }, {}))));

	return { authorize, redemption, refresh, userinfo };
}

async function starts(server)
{
	const times = [];

	for (let i = 0; i < 5; i++) {
		await server.down();
		const began = process.hrtime.bigint();
		await server.up({ ready: false });
		for (;;) {
			try {
				if ((await server.get("/.well-known/" +
					"openid-configuration")).status === 200)
					break;
			} catch { /* not yet */ }
			/* A question costs the server's start a millisecond. */
			await sleep(4);
		}
		times.push(Number(process.hrtime.bigint() - began) / 1e6);
	}
	return times.sort((a, b) => a - b);
}

async function memory(server)
{
	await sleep(2000);
	try {
		const all_ = pss(server.child.pid);
		const sum = all_.reduce((n, p) => n + p.kb, 0);
		console.log(`idle memory            ${(sum / 1024).toFixed(1)} MB ` +
			`PSS, ${all_.length} processes (aim: 40 MB)`);
	} catch {
		console.log("idle memory            only root may look: " +
			"sudo make bench");
	}
}

async function pageWeight(server)
{
	const { chromium } = await import("playwright-core");
	const browser = await chromium.launch({
		executablePath: "/usr/bin/chromium",
		args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
	const page = await browser.newPage();
	const session = await page.context().newCDPSession(page);
	let bytes = 0, requests = 0;

	await session.send("Network.enable");
	session.on("Network.loadingFinished", (event) => {
		bytes += event.encodedDataLength;
		requests++;
	});
	await page.goto(`${server.issuer}/login`, { waitUntil: "networkidle" });
	await browser.close();
	console.log(`sign-in page, cold     ${(bytes / 1024).toFixed(1)} KB, ` +
		`${requests} requests, headers included (aim: 12 KB, 5)`);
}

/* -------------------------------------------------------------------- run */

const server = await Server.start({ env: { LOG_LEVEL: process.env.LOG_LEVEL ?? "warning" } });
try {
	const person = await setUp(server);
	const tab = await person.signIn();

	await register(server);
	await sleep(3000);		/* the signer makes its first keys */
	await requests(server, tab);		/* warm */
	console.log(`\n${rounds} rounds of ${round} each, ${concurrency} at ` +
		`once, ${process.arch}, in ${testCluster().dir}\n`);
	const spent = [];
	for (let i = 0; i < rounds; i++)
		spent.push({ floor: await floor(server),
			...await requests(server, tab) });
	const low = (name, what) =>
		line(what, spent.map((one) => one[name]), round);
	const bare = low("floor", "floor");
	const redemption = low("redemption", "code redemption");
	low("refresh", "refresh");
	low("userinfo", "userinfo");
	low("authorize", "authorize, signed in");
	console.log("redemption / floor     " +
		`${(redemption / bare).toFixed(2)} (aim: 2)\n`);
	const times = await starts(server);
	console.log("start to discovery     " +
		`${times[2].toFixed(0)} ms, median of ${times.length} (aim: 100)`);
	await memory(server);
	await pageWeight(server);
} finally {
	await server.stop();
}
