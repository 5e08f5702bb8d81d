/*
 * Debian's Chromium with passkeys in software, for tests/browser.
 *
 *	const chromium = await openChromium();
 *	const page = await chromium.page();
 *	const key = await addKey(page, { transport: "usb" });
 *
 * Each page has a browser profile of its own.  Autofill is off unless it is
 * asked for: a virtual authenticator answers it at once, without a press.
 */

import { chromium } from "playwright-core";

const ARGS = ["--headless", "--no-sandbox", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update",
	"--disable-sync", "--host-resolver-rules=MAP *.test 127.0.0.1"];

export async function openChromium()
{
	const browser = await chromium.launch({
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
		args: ARGS,
	});

	return {
		/* options: those of a browser context, and autofill (false) */
		async page({ autofill = false, ...options } = {})
		{
			const context = await browser.newContext({
				ignoreHTTPSErrors: true, locale: "en-GB",
				...options });
			const page = await context.newPage();

			page.setDefaultTimeout(90000);
			if (!autofill)
				await page.addInitScript(() => {
					if (window.PublicKeyCredential)
						PublicKeyCredential.isConditionalMediationAvailable =
							async () => false;
				});
			return page;
		},
		close: () => browser.close(),
	};
}

/*
 * A virtual authenticator: options as CDP has them, and platform: true for
 * the one of the device.  It verifies its user and needs no touch unless told
 * so (isUserVerified, automaticPresenceSimulation).
 */
export async function addKey(page, { platform = true, ...options } = {})
{
	const cdp = await page.context().newCDPSession(page);

	await cdp.send("WebAuthn.enable", { enableUI: false });
	const { authenticatorId } = await cdp.send(
		"WebAuthn.addVirtualAuthenticator", { options: {
			protocol: "ctap2",
			transport: platform ? "internal" : "usb",
			hasResidentKey: true,
			hasUserVerification: true,
			isUserVerified: true,
			automaticPresenceSimulation: true,
			...options,
		} });
	const send = (name, values = {}) => cdp.send(`WebAuthn.${name}`,
		{ authenticatorId, ...values });

	return {
		remove: () => send("removeVirtualAuthenticator"),
		async credentials()
		{
			return (await send("getCredentials")).credentials;
		},
		/* A copy of what another key holds. */
		add: (credential) => send("addCredential", { credential }),
		verified: (is) => send("setUserVerified",
			{ isUserVerified: is }),
		touched: (is) => send("setAutomaticPresenceSimulation",
			{ enabled: is }),
		/* isBogusSignature, isBadUV, isBadUP */
		broken: (bits) => send("setResponseOverrideBits", bits),
	};
}
