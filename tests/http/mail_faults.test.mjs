/*
 * Mail servers that are down, slow, strange or somebody else's: what waits,
 * what is given up, what is never said to them, and that nothing else stops.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { BadServer, MailServer, until } from "../support/mail.mjs";
import { Server, root } from "../support/server.mjs";

const LOGIN = ["permiso", "canary-Of-The-Password-93"];

let bad, server;

before(async () => {
	bad = await BadServer.start("greeting_drop");
	server = await Server.start({ env: bad.env });
	await enabled(server);
});
after(async () => {
	await server?.stop();
	await bad?.stop();
});

const enabled = (of) => until(async () =>
	await of.value("SELECT mail FROM installation") === "t", "mail is on");

/* Queue a mail of a kind that is tried again; its id. */
const queue = (of, name) => of.value("INSERT INTO users (id, sub, " +
	"user_handle, username, email, display_name) SELECT gen_random_uuid(), " +
	`'${name}', sha256('${name}'), '${name}', '${name}@example.com', ` +
	`'${name}'; INSERT INTO outbox (kind, user_id) SELECT ` +
	`'passkey_removed', id FROM users WHERE username = '${name}' RETURNING id`);

const row = async (of, id) => {
	const [outcome, tries, error] = (await of.sql("SELECT coalesce(outcome, " +
		"'waiting'), tries, coalesce(last_error, '') FROM outbox " +
		`WHERE id = '${id}'`))[0];
	return { outcome, tries: Number(tries), error };
};

/* Its first try is over. */
const tried = (of, id) => until(async () => {
	const now = await row(of, id);
	return (now.error !== "" || now.outcome === "sent") && now;
}, "a try");

async function retry(of, id)
{
	await of.sql("UPDATE outbox SET due_at = now(), last_error = NULL " +
		`WHERE id = '${id}' AND done_at IS NULL`);
	return tried(of, id);
}

test("F30: each fault: what waits, what is given up, and why", async () => {
	for (const [fault, outcome, says] of [
		["greeting_554", "waiting", /554 5.3.2 not today/],
		["greeting_drop", "waiting", /./],
		["mail_451", "waiting", /451 4.3.0 later/],
		["rcpt_450", "waiting", /450 4.2.0 greylisted/],
		["rcpt_550", "failed", /550 5.1.1 no such user/],
		["rcpt_relay", "waiting", /554 5.7.1 relay/],
		["data_554", "failed", /554 5.6.0 refused/],
		["data_452", "waiting", /452 4.3.1 no room/],
		["data_drop", "waiting", /./],
		["body_drop", "waiting", /./],
		["garbage", "waiting", /554 \?\?\?\[31mred\?/],
		["endless", "waiting", /./],
	]) {
		bad.set(fault);
		const id = await queue(server, fault);
		const now = await tried(server, id);

		assert.equal(now.outcome, outcome, `${fault}: ${now.error}`);
		assert.match(now.error, says, fault);
		assert.match(now.error, /^[ -~]{1,255}$/, fault);
		if (outcome === "failed")
			continue;
		/* Well again: it comes through. */
		bad.set("none");
		assert.equal((await retry(server, id)).outcome, "sent", fault);
		assert.equal(bad.seen.filter((l) => /^RCPT/.test(l)).length, 1);
		assert.equal(bad.seen.filter((l) => /^MAIL/.test(l)).length, 1);
	}
	assert.equal(await server.value("SELECT count(*) FROM audit " +
		"WHERE event = 'mail_failed'"), "2");
	assert.match((await server.cli(["mail", "queue"])).stdout,
		/failed +passkey_removed +rcpt_550 .*no such user/);
});

test("F30: a server that says nothing stops nothing else, nor the end", async () => {
	bad.set("greeting_silence");
	await queue(server, "silent");
	await until(() => bad.tries > 0, "a connection");
	/* Requests, and the other work of jobs. */
	assert.equal((await server.get("/login")).status, 303);
	await server.cli(["user", "add", "meanwhile"]);
	const xid = await server.value("SELECT max(xid::text::int8) FROM audit");
	await until(async () => await server.value("SELECT count(*) FROM " +
		`audit_seal WHERE to_xid::text::int8 > ${xid}`) !== "0", "a seal");
	/* It ends all the same, and what waited is tried by the next. */
	const all = server.processes().map((p) => p.pid);
	assert.deepEqual(await server.down(), { code: 0, signal: null });
	await until(() => all.every((pid) => {
		try { process.kill(pid, 0); } catch { return true; }
		return false;
	}), "the sender is gone");
	bad.set("none");
	await server.sql("UPDATE outbox SET due_at = now() WHERE done_at IS NULL");
	await server.up();
	await until(async () => await server.value("SELECT count(*) FROM outbox " +
		"WHERE done_at IS NULL") === "0", "all sent");
});

test("down, then up: it waits, and comes once", async () => {
	const mail = await MailServer.start({ tls: "none" });
	await mail.stop();
	const other = await Server.start({ env: mail.env });

	try {
		await enabled(other);
		const id = await queue(other, "down");
		const now = await tried(other, id);
		assert.equal(now.outcome, "waiting");
		assert.match(now.error, /connect/i);
		const reply = await other.cli(["mail", "test", "me@example.com"]);
		assert.equal(reply.code, 69);
		assert.match(reply.stderr, /connect/i);
		await mail.up();
		assert.equal((await retry(other, id)).outcome, "sent");
		assert.equal(mail.letters.length, 1);
	} finally {
		await other.stop();
		await mail.stop();
	}
});

/* One mail to "to" with these settings; what became of its first try. */
async function oneTry(env, name)
{
	const other = await Server.start({ env });

	try {
		await enabled(other);
		const now = await tried(other, await queue(other, name));
		assert.ok(!other.log().includes(LOGIN[1]));
		assert.ok(!now.error.includes(LOGIN[1]));
		return now;
	} finally {
		await other.stop();
	}
}

test("STARTTLS that is stripped or refused: nothing is said in clear", async () => {
	for (const fault of ["stripped", "starttls_454"]) {
		const plain = await BadServer.start(fault, { tls: "starttls",
			env: { SMTP_USER: LOGIN[0], SMTP_PASSWORD: LOGIN[1] } });

		try {
			const now = await oneTry(plain.env,
				fault.replace("_", ""));

			assert.equal(now.outcome, "waiting");
			assert.ok(plain.seen.length > 0);
			assert.deepEqual(plain.seen.filter((line) =>
				!/^(EHLO|STARTTLS|QUIT)/.test(line)), []);
		} finally {
			await plain.stop();
		}
	}
});

test("R15.6: another authority, another name, a wrong password", async () => {
	const dir = mkdtempSync(join(tmpdir(), "permiso-tls-"));
	const mail = await MailServer.start({ login: LOGIN });

	try {
		execFileSync(join(root, "tests/support/tls.sh"), [dir]);
		for (const [env, says] of [
			[{ SMTP_CA: join(dir, "ca.pem") }, /certificate/i],
			[{ SMTP_CA: "" }, /certificate/i],
			[{ SMTP_HOST: "127.0.0.2" }, /certificate|subject/i],
			[{ SMTP_HOST: "nobody.invalid" },
				/^nobody\.invalid: (Name|Temporary|No)/],
			[{ SMTP_PASSWORD: "wrong" }, /login|535/i],
		]) {
			const now = await oneTry({ ...mail.env, ...env }, "wrong");
			assert.equal(now.outcome, "waiting");
			assert.match(now.error, says);
		}
		assert.equal(mail.letters.length, 0);
		assert.equal(mail.refused > 0, true);
		/* Somebody asked for it. */
		const now = await oneTry({ ...mail.env, SMTP_CA: join(dir, "ca.pem"),
			SMTP_SKIP_CERT_VERIFY: "true" }, "skipped");
		assert.equal(now.outcome, "sent", now.error);
	} finally {
		rmSync(dir, { recursive: true });
		await mail.stop();
	}
});

test("tls from the first byte", async () => {
	const mail = await MailServer.start({ tls: "tls", login: LOGIN });

	try {
		const now = await oneTry(mail.env, "tls");
		assert.equal(now.outcome, "sent", now.error);
		assert.equal(mail.letters[0].encrypted, true);
		assert.equal(mail.letters[0].login, true);
	} finally {
		await mail.stop();
	}
});
