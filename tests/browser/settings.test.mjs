// Settings in a real browser, with an authenticator in software: presses are
// counted, what happens is what a person sees.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { addKey, openChromium } from "../support/chromium.mjs";
import { setUp } from "../support/people.mjs";
import { Server } from "../support/server.mjs";

const SECURITY = "/settings/account/security";
const axe = readFileSync(createRequire(import.meta.url)
	.resolve("axe-core/axe.min.js"), "utf8");

let server, chromium;

before(async () => {
	server = await Server.start();
	chromium = await openChromium();
	await setUp(server);
});
after(async () => {
	await chromium?.close();
	await server?.stop();
});

const url = (path) => new URL(path, server.issuer).href;

// A person of its own, signed in on this page with a passkey.
let persons = 0;
async function enrolled(options = {})
{
	const name = `person${++persons}`;
	const made = await server.cli(["user", "add", name,
		"--email", `${name}@example.com`]);
	assert.equal(made.code, 0, made.stderr);
	const page = await chromium.page(options);
	const key = await addKey(page);
	const { stdout } = await server.cli(["login-link", name]);

	await page.goto(/https?:\/\/\S+/.exec(stdout)[0]);
	await page.locator("main form button").click();
	await page.waitForURL(url("/passkey/add"));
	await page.locator("#passkey").click();
	await page.waitForURL(url("/"));
	await page.goto(url(SECURITY));
	return { page, key, name };
}

const cards = (page) => page.locator(".card");

async function sound(page, where)
{
	await page.evaluate(axe);
	const found = await page.evaluate(() => window.axe.run(document,
		{ resultTypes: ["violations"] }));
	assert.deepEqual(found.violations.map(({ id, nodes }) => `${id}: ` +
		nodes.map(({ html }) => html.slice(0, 90)).join(" | ")), [], where);
	assert.equal(await page.evaluate(() => Math.max(0,
		document.documentElement.scrollWidth - innerWidth)), 0, where);
}

test("adding a passkey is one press, and it names itself", async () => {
	const { page, key } = await enrolled();

	await key.remove();
	await addKey(page, { platform: false });
	assert.equal(await cards(page).count(), 1);
	await page.locator("#passkey").click();
	await cards(page).nth(1).waitFor();
	assert.equal(page.url(), url(SECURITY));
	assert.equal(await cards(page).count(), 2);
	await page.context().close();
});

test("removing a passkey is two presses", async () => {
	const { page, key } = await enrolled();

	await key.remove();
	await addKey(page, { platform: false });
	await page.locator("#passkey").click();
	await cards(page).nth(1).waitFor();
	await cards(page).nth(1).getByRole("link", { name: "Remove" }).click();
	await page.getByRole("button", { name: "Remove passkey" }).click();
	await page.getByRole("status").waitFor();
	assert.match(await page.getByRole("status").textContent(), /removed/);
	assert.equal(await cards(page).count(), 1);
	await page.context().close();
});

test("renaming: Enter saves; what is wrong comes back beside its field",
    async () => {
	const { page } = await enrolled();
	const field = page.getByRole("textbox", { name: "Name" });

	await page.locator("details.rename summary").click();
	await field.fill("My laptop");
	await field.press("Enter");
	await page.getByRole("heading", { name: "My laptop" }).waitFor();

	await page.locator("details.rename summary").click();
	await field.evaluate((node) => node.removeAttribute("required"));
	await field.fill("");
	await field.press("Enter");
	const alert = page.getByRole("alert");
	await alert.waitFor();
	assert.ok(await field.isVisible());
	assert.equal(await field.getAttribute("aria-invalid"), "true");
	await sound(page, "rename refused");
	await page.context().close();
});

test("a passkey used too long ago is used once more, and one is back",
    async () => {
	const { page, name } = await enrolled();

	await server.sql("UPDATE sessions SET auth_time = now() - interval " +
		"'11 minutes' WHERE user_id = (SELECT id FROM users WHERE " +
		`username = '${name}')`);
	await page.goto(url(SECURITY));
	assert.equal(await page.locator("#passkey").count(), 0);
	await page.getByRole("link", { name: "Remove" }).click();
	await page.waitForURL(/\/login\?to=/);
	await page.locator("#passkey").click();
	await page.waitForURL((to) => to.pathname.endsWith("/remove"));
	assert.match(await page.locator("h1").textContent(), /^Remove passkey/);
	await page.context().close();
});

test("without scripts: everything but adding a passkey", async () => {
	const { page } = await enrolled();
	const state = await page.context().storageState();
	const plain = await chromium.page({ javaScriptEnabled: false,
		storageState: state });

	await plain.goto(url(SECURITY));
	assert.equal(await plain.locator("noscript .note").count(), 1);
	await plain.locator("details.rename summary").click();
	await plain.getByRole("textbox", { name: "Name" }).fill("Plain");
	await plain.getByRole("button", { name: "Save" }).click();
	await plain.getByRole("heading", { name: "Plain" }).waitFor();
	await plain.goto(url("/settings/account"));
	await plain.getByRole("textbox", { name: "Display name" }).fill("Plain P.");
	await plain.getByRole("button", { name: "Save" }).click();
	await plain.getByRole("status").waitFor();
	await plain.context().close();
	await page.context().close();
});

test("on a phone the side list is a menu", async () => {
	const { page } = await enrolled({ viewport: { width: 320,
		height: 640 } });
	const link = page.getByRole("link", { name: "Audit Log" });

	assert.equal(await link.isVisible(), false);
	await page.getByText("Menu", { exact: true }).click();
	await sound(page, "menu");
	await link.click();
	await page.waitForURL(url("/settings/audit-log"));
	await page.context().close();
});

// SETTINGS_SHOTS=FOLDER keeps pictures of what this looks at.
test("every page: sound for axe, no sideways scroll, wide and 320 px, " +
    "light and dark", { timeout: 120000 }, async () => {
	const { page } = await enrolled();
	const state = await page.context().storageState();
	const remove = await page.getByRole("link", { name: "Remove" })
		.getAttribute("href");

	for (const [colorScheme, width] of [["light", 1280], ["dark", 320]]) {
		const other = await chromium.page({ colorScheme,
			viewport: { width, height: 800 }, storageState: state });
		const said = [];

		other.on("console", (message) => said.push(message.text()));
		other.on("pageerror", (error) => said.push(String(error)));
		for (const path of ["account", "account/security",
			"account/sessions", "apps", "audit-log",
			remove.slice("/settings/".length)]) {
			const where = `${path} ${colorScheme} ${width}`
				.replace(/[0-9a-f-]{36}/, "one");

			await other.goto(url(`/settings/${path}`));
			await sound(other, where);
			await other.evaluate(() => {
				document.documentElement.dir = "rtl";
			});
			await sound(other, `${where} rtl`);
			await other.evaluate(() => {
				document.documentElement.dir = "ltr";
			});
			if (process.env.SETTINGS_SHOTS)
				await other.screenshot({ fullPage: true, path:
					`${process.env.SETTINGS_SHOTS}/` +
					`${where.replace(/\W/g, "-")}.png` });
		}
		assert.deepEqual(said, []);
		await other.context().close();
	}
	await page.context().close();
});
