/*
 * Mail of a whole server, read by a mail server of somebody else's: what is
 * said, to whom, how often, and what never leaves.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { addPasskey, formToken, newPerson, passkey, setUp, signIn, useLink }
	from "../support/accounts.mjs";
import { BadServer, FROM, MailServer, until } from "../support/mail.mjs";
import { Server, alive } from "../support/server.mjs";

const LOGIN = ["permiso", "canary-Of-The-Password-93"];

let mail, server, admin;

before(async () => {
	mail = await MailServer.start({ login: LOGIN });
	server = await Server.start({ env: mail.env });
	await enabled(server);
	admin = await setUp(server);
});
after(async () => {
	await server?.stop();
	await mail?.stop();
});

/* Jobs has said that there is a mail server. */
const enabled = (of) => until(async () =>
	await of.value("SELECT mail FROM installation") === "t", "mail is on");

async function done(run)
{
	const { code, stdout, stderr } = await run;

	assert.equal(code, 0, stderr);
	return { stdout, stderr };
}

const addUser = (of, name, ...more) => done(of.cli(["user", "add", name,
	"--email", `${name}@example.com`, ...more]));
const to = (name) => (m) => m.to[0] === `${name}@example.com`;
const linkIn = (letter) => new URL(/https?:\/\/\S+\/lc\/\S+/
	.exec(letter.text)[0]).pathname;
const outcome = (of, name) => of.value("SELECT coalesce(outcome, 'waiting') " +
	"FROM outbox o JOIN users u ON u.id = o.user_id " +
	`WHERE username = '${name}' ORDER BY o.created_at DESC LIMIT 1`);

test("a login link by mail lets its reader in, once", async () => {
	await addUser(server, "linked");
	const { stdout, stderr } = await done(server.cli(["login-link", "linked",
		"--email"]));
	assert.equal(stdout, "");
	assert.match(stderr, /mailed to linked@example\.com/);

	const letter = await mail.next(to("linked"));
	assert.equal(letter.from, FROM);
	assert.deepEqual(letter.to, ["linked@example.com"]);
	assert.equal(letter.encrypted, true);
	assert.equal(letter.login, true);
	assert.deepEqual(letter.defects, []);
	assert.equal(letter.headers.Subject, "Your login link for Permiso");
	assert.equal(letter.headers.From, `Permiso <${FROM}>`);
	assert.equal(letter.headers.To, "linked@example.com");
	assert.equal(letter.headers["Auto-Submitted"], "auto-generated");
	assert.match(letter.headers["Message-ID"], /^<[0-9a-f-]{36}\.1@localhost>$/);
	assert.ok(Math.abs(Date.parse(letter.headers.Date) - Date.now()) < 3600e3);
	assert.ok(letter.html.includes(`href="${server.issuer}${linkIn(letter)}"`));
	/* Nothing is fetched by reading it. */
	assert.doesNotMatch(letter.html, /<(img|link|script)|url\(|src=/i);

	const tab = server.browser();
	assert.equal((await useLink(tab, linkIn(letter))).status, 303);
	assert.notEqual((await tab.get(linkIn(letter))).status, 200);
	const key = passkey(server);
	assert.equal((await addPasskey(tab, key)).status, 200);

	const used = await mail.next((m) => to("linked")(m) &&
		/was used/.test(m.headers.Subject));
	assert.match(used.text, /127\.0\.0\.1|::1/);
	const added = await mail.next((m) => to("linked")(m) &&
		/passkey was added/.test(m.headers.Subject));
	assert.match(added.text, /^Passkey: \S/m);
	assert.equal(await server.value("SELECT count(*) FROM audit " +
		"WHERE event = 'login_link_sent'"), "1");
});

test("R1.15 R1.16: names stay text, and begin no line", async () => {
	const evil = '<img src=//e.test/x>"\u00e4\u{1F511} http://e.test ' +
		"Bcc: a@e.test";
	await addUser(server, "evil", "--first-name", evil);
	await server.sql("UPDATE users SET locale = 'de' " +
		"WHERE username = 'evil'");
	await done(server.cli(["login-link", "evil", "--email"]));

	const letter = await mail.next(to("evil"));
	assert.deepEqual(letter.to, ["evil@example.com"]);
	assert.deepEqual(letter.names, ["Date", "From", "To", "Subject",
		"Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]);
	assert.equal(letter.headers.Subject, "Ihr Anmeldelink f\u00fcr Permiso");
	assert.match(letter.text, /^Guten Tag /);
	assert.ok(letter.text.includes(evil));
	assert.doesNotMatch(letter.html, /<img/);
	/* Nothing that a mail program makes a link of. */
	assert.doesNotMatch(letter.html.replaceAll(server.issuer, ""),
		/http:\/\/|e\.test|@e/);
	assert.ok(letter.raw.split("\r\n").every((line) => line.length <= 78));
	assert.doesNotMatch(letter.raw, /[^\r\n\x20-\x7e]/);
});

test("R1.16: an address that is none reaches no mail server", async () => {
	await addUser(server, "crlf");
	for (const [n, address] of [
		"'crlf@example.com' || chr(13) || chr(10) || 'RCPT TO:<x@e.test>'",
		"'crlf@example.com>' || chr(10) || 'DATA'", "'<crlf@example.com'",
		"'crlf@example.com,x@e.test'", "'crlf@example.com x@e.test'",
		"'cr' || chr(8232) || 'lf@example.com'", "'@example.com'",
		"'\"x\"@example.com'", "'crl\u00f6@example.com'",
		"repeat('a', 65) || '@example.com'", "'crlf'",
		"'crlf@[127.0.0.1]'", "'crlf@example.com NOTIFY=NEVER'",
	].entries()) {
		await server.sql(`UPDATE users SET email = ${address} ` +
			"WHERE username = 'crlf'");
		await done(server.cli(["login-link", "crlf", "--email"]));
		await until(async () => await server.value("SELECT count(*) FROM " +
			"outbox o JOIN users u ON u.id = o.user_id WHERE username = " +
			"'crlf' AND outcome = 'failed'") === String(n + 1), address);
	}
	assert.ok(!mail.letters.some((m) => /e\.test|crl/.test(
		[m.from, ...m.to].join())));
});

test("a browser that is new to a person is told of, once", async () => {
	const name = "traveller";
	const ada = await newPerson(server, name);
	const count = () => mail.letters.filter((m) => to(name)(m) &&
		/New sign-in/.test(m.headers.Subject)).length;
	const waiting = () => server.value("SELECT count(*) FROM outbox " +
		"WHERE done_at IS NULL");

	await mail.next((m) => to(name)(m) && /added/.test(m.headers.Subject));
	assert.equal((await signIn(ada.tab, ada.key)).status, 200);
	const other = server.browser();
	assert.equal((await signIn(other, ada.key)).status, 200);
	assert.equal((await signIn(other, ada.key)).status, 200);
	await mail.next((m) => to(name)(m) && /New sign-in/
		.test(m.headers.Subject));
	await until(async () => await waiting() === "0", "all sent");
	assert.equal(count(), 1);
	/* The first browser of all was none to tell of. */
	assert.equal((await signIn(admin.tab, admin.key)).status, 200);
	assert.equal(await server.value("SELECT count(*) FROM outbox o " +
		"JOIN users u ON u.id = o.user_id WHERE username = 'admin' " +
		"AND kind = 'new_device'"), "0");

	const id = await server.value("SELECT p.id FROM passkeys p JOIN users u " +
		`ON u.id = p.user_id WHERE username = '${name}'`);
	await done(server.cli(["user", "remove-passkey", name, id]));
	await mail.next((m) => to(name)(m) && /removed/.test(m.headers.Subject));
});

test("LG9: a passkey that its person removes is told of", async () => {
	const name = "remover";
	const ada = await newPerson(server, name);
	const [id] = (await server.sql("SELECT p.id FROM passkeys p JOIN users u " +
		`ON u.id = p.user_id WHERE username = '${name}'`))[0];
	const ask = `/settings/account/security/passkeys/${id}/remove`;
	const page = await ada.tab.get(ask);

	assert.equal(page.status, 200, page.text);
	const reply = await ada.tab.form(ask, { csrf: formToken(page, ask),
		confirm: page.text.includes('name="confirm"') ? await server.value(
			`SELECT name FROM passkeys WHERE id = '${id}'`) : undefined });
	assert.equal(reply.status, 303, reply.text);
	const letter = await mail.next((m) => to(name)(m) &&
		/removed/.test(m.headers.Subject));
	assert.match(letter.text, /^Address: (127\.0\.0\.1|::1)$/m);
});

test("nothing for a disabled person, nor when the link is void", async () => {
	await addUser(server, "off");
	await done(server.cli(["login-link", "off", "--email"]));
	await mail.next(to("off"));
	await done(server.cli(["user", "disable", "off"]));
	await server.sql("INSERT INTO outbox (kind, user_id) SELECT " +
		"'passkey_added', id FROM users WHERE username = 'off'");
	await until(async () => await outcome(server, "off") === "gone", "gone");
	assert.equal(mail.letters.filter(to("off")).length, 1);
	const { code, stderr } = await server.cli(["login-link", "off",
		"--email"]);
	assert.equal(code, 77);
	assert.match(stderr, /disabled/);
});

test("permiso mail: test, queue, retry, and what is wrong", async () => {
	const sent = await done(server.cli(["mail", "test", "me@example.com"]));
	assert.match(sent.stdout, /took a mail to me@example\.com/);
	const letter = await mail.next(to("me"));
	assert.equal(letter.headers.Subject, "Test mail from Permiso");
	assert.match(letter.text, /^Hello,/);

	for (const [args, code, says, env] of [
		[["mail"], 64, "usage"], [["mail", "send"], 64, "usage"],
		[["mail", "test"], 64, "usage"],
		[["mail", "queue", "x"], 64, "usage"],
		[["mail", "test", "a b@example.com"], 65, "no mail address"],
		[["mail", "test", "me@example.com\nx"], 65, "no mail address"],
		[["mail", "test", "me@example.com"], 78, "SMTP_HOST",
			{ SMTP_HOST: "", SMTP_FROM: "", SMTP_USER: "",
				SMTP_PASSWORD: "" }],
		[["check"], 66, "SMTP_CA", { SMTP_CA: "/nonexistent" }],
		[["check"], 78, "in clear", { SMTP_HOST: "mail.example.com",
			SMTP_TLS: "none" }],
	]) {
		const reply = await server.cli(args, { env });
		assert.equal(reply.code, code, reply.stderr);
		assert.ok(reply.stderr.includes(says), reply.stderr);
	}
	assert.match((await done(server.cli(["check"]))).stdout,
		/^mail: localhost port \d+, starttls;/m);
	await done(server.cli(["user", "add", "nowhere"]));
	const { code, stderr } = await server.cli(["login-link", "nowhere",
		"--email"]);
	assert.equal(code, 77);
	assert.match(stderr, /no mail address/);
});

test("the sender that is killed comes back and goes on", async () => {
	const sender = () => server.processes()
		.find((p) => p.name === "permiso-mail")?.pid;
	const old = await until(sender, "the sender");

	process.kill(old, "SIGKILL");
	await addUser(server, "patient");
	await done(server.cli(["login-link", "patient", "--email"]));
	await mail.next(to("patient"));
	assert.notEqual(await until(sender, "another"), old);
	assert.equal(alive(old), false);
});

test("two nodes: each mail comes once", async () => {
	const other = await Server.start({ on: server, env: mail.env });

	try {
		await server.sql("INSERT INTO outbox (kind, recipient) SELECT " +
			"'test', 'n' || i || '@example.com' " +
			"FROM generate_series(1, 60) i");
		await until(async () => await server.value("SELECT count(*) " +
			"FROM outbox WHERE recipient LIKE 'n%' AND " +
			"outcome = 'sent' AND tries = 1") === "60", "60 sent");
		const got = mail.letters.flatMap((m) => m.to)
			.filter((a) => /^n\d+@/.test(a));
		assert.equal(got.length, 60);
		assert.equal(new Set(got).size, 60);
	} finally {
		await other.stop();
	}
});

test("R14.2: no code and no password in tables or log", async () => {
	const text = (await server.sql("SELECT o::text FROM outbox o UNION ALL " +
		"SELECT l::text FROM login_links l UNION ALL " +
		"SELECT a::text FROM audit a")).join("\n") + server.log();
	const codes = mail.letters.flatMap((m) =>
		/\/lc\/(\S+)/.exec(m.text)?.[1] ?? []);

	assert.ok(codes.length >= 4);
	for (const code of codes)
		assert.ok(!text.includes(code));
	assert.ok(!text.includes(LOGIN[1]));
	assert.ok(!text.includes(Buffer.from("\0" + LOGIN.join("\0"))
		.toString("base64")));
	assert.ok(!text.includes(Buffer.from(LOGIN[1]).toString("base64")));
	assert.match(server.log(), /mail.*sent.*kind=login_link/);
});
