/*
 * Mail servers for tests: a real one, and one that misbehaves.
 *
 *	const mail = await MailServer.start({ tls: "starttls",
 *	    login: ["permiso", "secret"] });
 *	const server = await Server.start({ env: mail.env });
 *	const letter = await mail.next((m) => m.to[0] === "ada@example.com");
 *	await mail.stop();
 *
 *	const bad = await BadServer.start("data_4xx");
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { freePort } from "./port.mjs";
import { sleep, testTls } from "./server.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const PATIENCE = 60000;

export const FROM = "id@example.com";

/* Settings that lead to a server on "port". */
const settings = (port, tls, host = "localhost") => ({
	SMTP_HOST: host, SMTP_PORT: String(port), SMTP_TLS: tls,
	SMTP_FROM: FROM, SMTP_CA: join(testTls(), "ca.pem"),
});

/* Wait until "check" gives something; that. */
export async function until(check, what)
{
	const end = Date.now() + PATIENCE;

	for (;;) {
		const found = await check();
		if (found)
			return found;
		if (Date.now() > end)
			throw new Error(`never: ${what}`);
		await sleep(50);
	}
}

export class MailServer {
	/* port, env, letters, refused (logins) */

	static async start({ tls = "starttls", login = [], port } = {})
	{
		const mail = new MailServer();

		Object.assign(mail, { letters: [], refused: 0, tls, login });
		mail.port = port ?? await freePort();
		mail.env = settings(mail.port, tls);
		if (login.length > 0)
			Object.assign(mail.env, { SMTP_USER: login[0],
				SMTP_PASSWORD: login[1] });
		await mail.up();
		return mail;
	}

	async up()
	{
		const dir = testTls();
		let rest = "", ready;
		const isReady = new Promise((done) => { ready = done; });

		this.child = spawn("/usr/bin/python3", [join(here, "smtp.py"),
			String(this.port), this.tls, join(dir, "server.pem"),
			join(dir, "server.key"), ...this.login],
			{ stdio: ["pipe", "pipe", "inherit"] });
		this.child.stdin.on("error", () => {});
		this.child.stdout.setEncoding("utf8");
		this.child.stdout.on("data", (text) => {
			const lines = (rest + text).split("\n");
			rest = lines.pop();
			for (const line of lines) {
				if (line === "ready") {
					ready();
					continue;
				}
				const said = JSON.parse(line);
				if (said.refused !== undefined)
					this.refused++;
				else
					this.letters.push(said);
			}
		});
		const ended = once(this.child, "exit").then(() => {
			throw new Error("the mail server ended");
		});
		await Promise.race([isReady, ended]);
		ended.catch(() => {});
	}

	/* The first letter that "wanted" says yes to. */
	next(wanted = () => true, what = "a mail")
	{
		return until(() => this.letters.find(wanted), what);
	}

	async stop()
	{
		if (this.child.exitCode !== null)
			return;
		const ended = once(this.child, "exit");
		this.child.stdin.end();
		await ended;
	}
}

/*
 * What a mail server can do wrong, by name: replies by command, or "drop"
 * (close), or "silence".  What is not named goes well.
 */
const faults = {
	greeting_554: { greeting: "554 5.3.2 not today" },
	greeting_drop: { greeting: "drop" },
	greeting_silence: { greeting: "silence" },
	mail_451: { MAIL: "451 4.3.0 later" },
	rcpt_450: { RCPT: "450 4.2.0 greylisted" },
	rcpt_550: { RCPT: "550 5.1.1 no such user" },
	rcpt_relay: { RCPT: "554 5.7.1 relay access denied" },
	data_554: { end: "554 5.6.0 refused" },
	data_452: { end: "452 4.3.1 no room" },
	data_drop: { DATA: "drop" },
	body_drop: { end: "drop" },
	stripped: {},			/* offers no STARTTLS */
	starttls_454: { STARTTLS: "454 4.7.0 no TLS", offers: ["STARTTLS"] },
	garbage: { greeting: "554 \xff\xfe\x1b[31mred\x07" },
	endless: { EHLO: ("250-" + "A".repeat(20000) + "\r\n").repeat(50) +
		"500 5.0.0 enough", HELO: "500 5.0.0 no" },
};

export class BadServer {
	/* port, env, seen (texts of all commands), tries (connections) */

	static async start(fault, { tls = "none", env = {} } = {})
	{
		const bad = new BadServer();

		Object.assign(bad, { sockets: new Set(),
			port: await freePort() });
		bad.set(fault);
		bad.env = { ...settings(bad.port, tls), ...env };
		bad.server = net.createServer((socket) => bad.serve(socket));
		bad.server.listen(bad.port, "127.0.0.1");
		await once(bad.server, "listening");
		return bad;
	}

	/* Another fault from now on, or none; what was seen is forgotten. */
	set(fault)
	{
		Object.assign(this, { fault: faults[fault] ?? {}, seen: [],
			tries: 0 });
	}

	answer(socket, what, good)
	{
		const text = this.fault[what] ?? good;

		if (text === "drop")
			socket.destroy();
		else if (text !== "silence")
			socket.write(Buffer.from(text + "\r\n", "latin1"));
	}

	serve(socket)
	{
		let rest = "", body = false;

		this.tries++;
		this.sockets.add(socket);
		socket.on("error", () => {});
		socket.on("close", () => this.sockets.delete(socket));
		socket.setEncoding("latin1");
		socket.on("data", (text) => {
			const lines = (rest + text).split("\r\n");
			rest = lines.pop();
			for (const line of lines) {
				this.seen.push(line);
				if (body && line !== ".")
					continue;
				if (body) {
					body = false;
					this.answer(socket, "end", "250 2.0.0 ok");
					continue;
				}
				const verb = line.split(" ")[0].toUpperCase();
				if (verb === "EHLO")
					this.answer(socket, "EHLO", ["mail.test",
						...this.fault.offers ?? [],
						"AUTH PLAIN LOGIN"].map((o, i, all) =>
						`250${i + 1 < all.length ? "-" : " "}${o}`)
						.join("\r\n"));
				else if (verb === "DATA") {
					body = this.fault.DATA === undefined;
					this.answer(socket, "DATA", "354 go on");
				} else
					this.answer(socket, verb, "250 2.0.0 ok");
			}
		});
		this.answer(socket, "greeting", "220 mail.test ESMTP");
	}

	async stop()
	{
		for (const socket of this.sockets)
			socket.destroy();
		this.server.close();
		await once(this.server, "close");
	}
}
