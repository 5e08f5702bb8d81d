/*
 * A whole Permiso for a test: its own database in the run's cluster, the real
 * program, a free port.  No dependencies; runs on Node 18.
 *
 *	const server = await Server.start({ https: true });
 *	const answer = await server.get("/.well-known/openid-configuration");
 *	...
 *	await server.stop();		// in after(): fails on a dirty end
 *
 * Options of start():
 *	https		false (default): http://localhost:PORT, development
 *			true or "proxy": https issuer, TLS ends at a proxy here
 *			"direct": https issuer, TLS ends in the program
 *	env		more settings, { LOG_LEVEL: "debug" }
 *	on		another Server: a second node on its database, with its
 *			issuer (a request for the issuer reaches the node asked)
 *	migrate		false: leave the database empty
 *	start		false: do not start the program yet (use .up())
 *	ready		false: do not wait until it answers
 *	wrap		a command and its arguments that start the program
 *
 * Environment: PERMISO_PROGRAM (default build/permiso), PERMISO_TEST_CLUSTER
 * (a cluster that is running, from tests/run.sh; without it one is made and
 * removed again).
 */

import { execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { Browser, Reply } from "./browser.mjs";
import { freePort } from "./port.mjs";
import { tlsProxy } from "./tls_proxy.mjs";

const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, "../..");
export const program = resolve(process.env.PERMISO_PROGRAM ??
	join(root, "build/permiso"));
/* A file of the build that "program" is of. */
export const buildFile = (name) =>
	join(resolve(root, process.env.PERMISO_BUILD ?? "build"), name);
const postgres = join(here, "postgres.sh");

/* ------------------------------------------------------------- the cluster */

let cluster;

/* The folder of the run's cluster; its key, because roles are the cluster's. */
export function testCluster()
{
	if (cluster !== undefined)
		return cluster;
	if (process.env.PERMISO_TEST_CLUSTER) {
		cluster = { dir: process.env.PERMISO_TEST_CLUSTER,
			key: process.env.PERMISO_TEST_KEY };
		return cluster;
	}

	const dir = mkdtempSync(join(tmpdir(), "permiso-test-"));
	execFileSync(postgres, ["start", dir, "fast"], { stdio: "inherit" });
	process.on("exit", () => execFileSync(postgres, ["remove", dir]));
	for (const signal of ["SIGINT", "SIGTERM"])
		process.once(signal, () => process.exit(1));
	cluster = { dir, key: randomBytes(32).toString("base64") };
	return cluster;
}

/* A folder with ca.pem, server.pem, server.key. */
let tls;
export function testTls()
{
	if (tls === undefined) {
		tls = process.env.PERMISO_TEST_TLS;
		if (tls === undefined) {
			tls = mkdtempSync(join(tmpdir(), "permiso-tls-"));
			process.on("exit", () => rmSync(tls,
				{ recursive: true, force: true }));
		}
		execFileSync(join(here, "tls.sh"), [tls]);
	}
	return tls;
}

/* Run to the end: { code, stdout, stderr }, never an exception. */
export function run(file, args, options = {})
{
	return new Promise((done) => {
		const child = execFile(file, args, { maxBuffer: 1 << 26,
			timeout: 180000, ...options },
			(error, stdout, stderr) => done({
				code: error === null ? 0 :
					error.code ?? error.signal ?? -1,
				stdout, stderr }));
		child.stdin.on("error", () => {});
		child.stdin.end(options.input ?? "");
	});
}

/* -------------------------------------------------------------- the server */

export class Server {
	/* issuer, database (name), conninfo, port (of the program), env, log */

	static async start(options = {})
	{
		const server = new Server();

		try {
			await server.prepare(options);
			if (options.start !== false)
				await server.up(options);
		} catch (error) {
			server.child?.kill("SIGKILL");
			server.child = undefined;
			await server.stop();
			throw error;
		}
		return server;
	}

	async prepare({ https: tlsMode = false, env = {}, on, migrate = true,
		wrap = [] })
	{
		this.wrap = wrap;
		const { dir, key } = testCluster();

		this.cluster = dir;
		this.tlsMode = on?.tlsMode ?? tlsMode;
		this.port = await freePort();
		this.lines = [];
		this.run_dir = mkdtempSync("/tmp/permiso-run-");
		this.issuer = on?.issuer ?? await this.makeIssuer();
		this.origin = this.issuer;

		if (on === undefined)
			await this.makeDatabase();
		else
			Object.assign(this, { database: on.database,
				conninfo: on.conninfo, shared: true });

		this.env = {
			APP_URL: this.issuer,
			ENCRYPTION_KEY: key,
			DB_CONNECTION_STRING: this.conninfo,
			PORT: String(this.port),
			HOST: "127.0.0.1",
			RUN_DIR: this.run_dir,
			...this.modeEnv(),
			...env,
		};
		if (on === undefined && migrate) {
			/* One at a time: database roles belong to the whole
			 * cluster, which other test files are using, too. */
			const { code, stderr } = await run("flock",
				[join(this.cluster, "migrate.lock"), program,
				"migrate"], { env: this.env, cwd: "/" });
			if (code !== 0)
				throw new Error(`migrate: ${code}\n${stderr}`);
		}
	}

	async makeIssuer()
	{
		if (!this.tlsMode)
			return `http://localhost:${this.port}`;
		if (this.tlsMode === "direct")
			return `https://localhost:${this.port}`;
		this.proxy = await tlsProxy({ tls: testTls(), to: this.port,
			port: await freePort() });
		return `https://localhost:${this.proxy.port}`;
	}

	modeEnv()
	{
		if (!this.tlsMode)
			return { APP_ENV: "development" };
		if (this.tlsMode === "direct")
			return { TLS_CERT: join(testTls(), "server.pem"),
				TLS_KEY: join(testTls(), "server.key") };
		return { TRUST_PROXY: "127.0.0.1" };
	}

	async makeDatabase()
	{
		this.database = `t${randomBytes(6).toString("hex")}`;
		const made = await run(postgres,
			["database", this.cluster, this.database]);
		if (made.code !== 0)
			throw new Error(`database: ${made.stderr}`);
		this.conninfo = made.stdout.trim();
	}

	/* Start the program and wait until discovery answers. */
	async up({ ready = true } = {})
	{
		/* It dies with us: setpriv gives it a parent-death signal. */
		const command = [...this.wrap, "setpriv", "--pdeathsig",
			"KILL", program, "serve"];
		this.child = spawn(command[0], command.slice(1),
			{ env: this.env, stdio: ["ignore", "pipe", "pipe"],
			cwd: "/" });
		this.ended = once(this.child, "exit")
			.then(([code, signal]) => { this.exit = { code, signal };
				return this.exit; });
		this.exit = undefined;
		for (const stream of [this.child.stdout, this.child.stderr]) {
			let rest = "";

			stream.setEncoding("utf8");
			stream.on("data", (text) => {
				const parts = (rest + text).split("\n");
				rest = parts.pop();
				this.lines.push(...parts);
				if (process.env.PERMISO_TEST_LOG)
					process.stderr.write(text);
			});
		}
		if (ready)
			await this.ready();
	}

	async ready(milliseconds = 90000)
	{
		const end = Date.now() + milliseconds;

		for (;;) {
			if (this.exit !== undefined)
				throw new Error("the program ended: " +
					JSON.stringify(this.exit) + "\n" +
					this.log());
			try {
				const answer = await this.get(
					"/.well-known/openid-configuration");
				if (answer.status === 200)
					return;
			} catch { /* not yet */ }
			if (Date.now() > end)
				throw new Error("not ready:\n" + this.log());
			await sleep(20);
		}
	}

	log() { return this.lines.join("\n"); }

	/* The first match of "pattern" in the log, waited for. */
	async logged(pattern, milliseconds = 90000)
	{
		const end = Date.now() + milliseconds;

		for (;;) {
			const match = pattern.exec(this.log());
			if (match !== null)
				return match;
			if (Date.now() > end)
				throw new Error(`${pattern} not in the log:\n` +
					this.log());
			await sleep(20);
		}
	}

	signal(name) { this.child.kill(name); }

	/* End the program as systemd would; its exit code. */
	async down(signal = "SIGTERM")
	{
		if (this.child === undefined)
			return { code: 0, signal: null };
		if (this.exit === undefined)
			this.child.kill(signal);
		const late = sleep(90000, "late", { ref: false });
		if (await Promise.race([this.ended, late]) === "late") {
			this.child.kill("SIGKILL");
			await this.ended;
			throw new Error("did not end within 90 s:\n" + this.log());
		}
		this.child = undefined;
		return this.exit;
	}

	async restart()
	{
		await this.down();
		await this.up();
	}

	/* For after(): down, and everything this server made is gone. */
	async stop()
	{
		try {
			const { code, signal } = await this.down();
			if (code !== 0)
				throw new Error("ended with " +
					`${code ?? signal}:\n${this.log()}`);
		} finally {
			this.proxy?.close();
			rmSync(this.run_dir, { recursive: true, force: true });
			if (!this.shared && this.database !== undefined)
				await this.psql("postgres", "DROP DATABASE " +
					`IF EXISTS ${this.database} (FORCE)`);
		}
	}

	/* ---------------------------------------------------------- asking it */

	/* One request, with no memory of cookies; see browser.mjs. */
	request(method, path, options)
	{
		return new Browser(this).request(method, path, options);
	}

	get(path, options) { return this.request("GET", path, options); }
	post(path, options) { return this.request("POST", path, options); }
	browser(options) { return new Browser(this, options); }

	/* `permiso ...`, with the server's settings. */
	cli(args, { env = {}, input } = {})
	{
		return run(program, args, { env: { ...this.env, ...env },
			input, cwd: "/" });
	}

	async psql(database, text)
	{
		const { code, stdout, stderr } = await run(postgres, ["psql",
			this.cluster, "-d", database, "-At", "-F", "\t"],
			{ input: text });
		if (code !== 0)
			throw new Error(`psql: ${stderr}\n${text}`);
		return stdout.replace(/\n$/, "");
	}

	/* Rows as arrays of texts; a superuser asks. */
	async sql(text)
	{
		const out = await this.psql(this.database, text);
		return out === "" ? [] :
			out.split("\n").map((line) => line.split("\t"));
	}

	/* The one cell of a query with one. */
	async value(text)
	{
		return (await this.sql(text))[0]?.[0];
	}

	/* ------------------------------------------------------ its processes */

	/* Every process under the supervisor: [{ pid, parent, name }]. */
	processes()
	{
		return descendants(this.child.pid);
	}
}

/* [{ pid, parent, name }] of "pid" and all below it. */
export function descendants(pid)
{
	const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name))
		.flatMap((name) => {
			try {
				const stat = readFileSync(`/proc/${name}/stat`,
					"utf8");
				const [, comm, rest] =
					/^\d+ \((.*)\) (.*)/s.exec(stat);
				return [{ pid: Number(name), name: comm,
					state: rest.split(" ")[0],
					parent: Number(rest.split(" ")[1]) }];
			} catch {
				return [];	/* it ended meanwhile */
			}
		});
	const found = all.filter((p) => p.pid === pid);

	for (let i = 0; i < found.length; i++)
		found.push(...all.filter((p) => p.parent === found[i].pid));
	return found;
}

/* Is there such a process, and is it not just waiting to be reaped? */
export function alive(pid)
{
	return descendants(pid).some((p) => p.pid === pid && p.state !== "Z");
}

export { Browser, Reply, sleep };
