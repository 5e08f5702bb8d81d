// The product's second job, in a browser: somebody has lost every passkey, an
// administrator opens their profile and presses "Send login link", and they
// are back in with a new passkey.  Presses are counted.  Every page on the
// way is looked at by axe-core, light and dark, wide and at 320 px.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { addKey, openChromium } from "../support/chromium.mjs";
import { Server } from "../support/server.mjs";

const axe = readFileSync(createRequire(import.meta.url)
	.resolve("axe-core/axe.min.js"), "utf8");
const USERS = "/settings/admin/users";

let server, chromium, admin, presses = 0;

before(async () => {
	server = await Server.start();
	chromium = await openChromium();
	/* Colours that are still on their way are no colours to judge. */
	admin = await chromium.page({ bypassCSP: true,
		reducedMotion: "reduce" });
	await addKey(admin);
});
after(async () => {
	await chromium?.close();
	await server?.stop();
});

const pressPasskey = async (page) => {
	await page.locator("#passkey").waitFor();
	await page.waitForLoadState("load");
	await page.locator("#passkey").click();
};
const press = async (page, name) => {
	presses++;
	await page.getByRole("link", { name, exact: true })
		.or(page.getByRole("button", { name, exact: true })).first().click();
};
const url = (path) => server.issuer + path;

/* Complete and accessible in both themes and widths; SCREENSHOTS=FOLDER keeps
 * what it looked like. */
async function look(page, name)
{
	for (const colorScheme of ["light", "dark"])
		for (const width of [1280, 320]) {
			await page.setViewportSize({ width, height: 900 });
			await page.emulateMedia({ colorScheme });
			await page.evaluate(axe);
			const { violations } = await page.evaluate(() =>
				axe.run(document, { resultTypes: ["violations"] }));
			assert.deepEqual(violations.map(({ id, nodes }) =>
				`${id}: ${nodes.map(({ html }) => html).join(" | ")}`),
			[], `${name} ${colorScheme} ${width}`);
			assert.ok(await page.evaluate(() =>
				document.documentElement.scrollWidth <=
				document.documentElement.clientWidth),
			`${name} is wider than ${width}`);
			if (process.env.SCREENSHOTS)
				await page.screenshot({ fullPage: true, path:
					join(process.env.SCREENSHOTS,
						`${name}-${colorScheme}-${width}.png`) });
		}
	await page.setViewportSize({ width: 1280, height: 900 });
	await page.emulateMedia({ colorScheme: "light" });
}

async function profile(name)
{
	await admin.goto(url(USERS));
	presses = 0;
	await press(admin, name);
	await admin.getByRole("heading", { level: 1, name }).waitFor();
}

/* The link as the administrator's page shows it. */
async function sendLink(name)
{
	await profile(name);
	await press(admin, "Send login link");
	await press(admin, "Create login link");
	await admin.locator("#link").waitFor();
	return admin.locator("#link").inputValue();
}

test("set up, and a new person from the page", async () => {
	const [address] = await server.logged(/http\S*\/setup\?code=\w+/);

	await admin.goto(address);
	for (const [name, value] of Object.entries({ first_name: "Ada",
		last_name: "Lovelace", email: "ada@example.org", username: "ada" }))
		await admin.fill(`[name=${name}]`, value);
	await admin.locator("main form button").click();
	await pressPasskey(admin);
	await admin.waitForURL(url("/"));

	await admin.goto(url(USERS));
	await press(admin, "Add user");
	await admin.fill("[name=username]", "grace");
	await admin.fill("[name=first_name]", "Grace");
	await admin.fill("[name=last_name]", "Hopper");
	await look(admin, "user-new");
	await admin.locator("main form button").click();
	await admin.getByRole("heading", { level: 1, name: "Grace Hopper" })
		.waitFor();
	await admin.getByText("The account is there.").waitFor();
});

test("who lost every passkey is back in by one link", async () => {
	/* The passkey that is lost: made with a first link. */
	const lost = await chromium.page();
	await addKey(lost);
	await lost.goto(await sendLink("Grace Hopper"));
	await lost.locator("main form button").click();
	await pressPasskey(lost);
	await lost.waitForURL(url("/"));
	await lost.context().close();
	await admin.goto(url(USERS));
	await look(admin, "users");
	await profile("Grace Hopper");
	await look(admin, "user");
	await press(admin, "Remove Passkey");
	await look(admin, "user-ask");
	await press(admin, "Remove passkey");
	await admin.getByText("No passkey. A login link").waitFor();

	const first = await sendLink("Grace Hopper");
	const second = await sendLink("Grace Hopper");
	assert.equal(presses, 3, "open, send, create");
	assert.notEqual(first, second);
	await look(admin, "user-link-made");
	assert.equal(await admin.locator("svg.qr").count(), 1);
	await admin.getByText("It works once.").waitFor();

	/* Both links, on the person's new device. */
	const page = await chromium.page();
	const key = await addKey(page);
	assert.equal((await page.goto(first)).status(), 410);
	await page.goto(second);
	await page.locator("main form button").click();
	await page.waitForURL(url("/passkey/add"));
	await pressPasskey(page);
	await page.waitForURL(url("/"));
	assert.equal((await key.credentials()).length, 1);
	assert.equal((await page.goto(second)).status(), 410);

	await profile("Grace Hopper");
	await admin.getByText("It was used.").waitFor();
	await page.context().close();
});

test("copied by one press, also where there is no clipboard", async () => {
	const link = await sendLink("Grace Hopper");

	await admin.context().grantPermissions(["clipboard-read",
		"clipboard-write"], { origin: server.issuer });
	await press(admin, "Copy");
	await admin.getByText("Copied.").waitFor();
	assert.equal(await admin.evaluate(() =>
		navigator.clipboard.readText()), link);
	await admin.evaluate(() => Object.defineProperty(navigator,
		"clipboard", { value: undefined }));
	await press(admin, "Copy");
	await admin.getByText("Press Ctrl+C").waitFor();
});

test("a disabled person's link is dead, and no new one is made", async () => {
	const link = await sendLink("Grace Hopper");

	await profile("Grace Hopper");
	await press(admin, "Disable account");
	await press(admin, "Disable account");
	await admin.getByText("This account is disabled").waitFor();
	assert.equal(presses, 3, "open, disable, confirm");
	assert.equal(await admin.getByText("Send login link").count(), 0);
	await look(admin, "user-disabled");

	const page = await chromium.page();
	assert.equal((await page.goto(link)).status(), 410);
	await page.context().close();
});

test("without scripts: the same, the link to be copied by hand", async () => {
	const state = await admin.context().storageState();
	const plain = await chromium.page({ javaScriptEnabled: false,
		storageState: state });

	await plain.goto(url(USERS));
	await plain.locator("tbody a", { hasText: "Grace Hopper" }).click();
	await plain.getByRole("link", { name: "Enable account" }).click();
	await plain.getByRole("button", { name: "Enable account" }).click();
	await plain.getByRole("link", { name: "Send login link" }).click();
	await plain.getByRole("button", { name: "Create login link" }).click();
	assert.match(await plain.locator("#link").inputValue(), /\/lc\//);
	await plain.context().close();
});
