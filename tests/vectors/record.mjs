/*
 * Records ceremonies of Chromium's virtual authenticators as test vectors.
 *
 *	cd tests && npm ci && node vectors/record.mjs
 *
 * Writes vectors/chromium_NAME.json: { about, rp_id, origin, user_handle,
 * create: { challenge, credential }, get: [{ challenge, credential }, ...] },
 * bytes in base64url, credentials as PublicKeyCredential.toJSON() gave them.
 */

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const here = fileURLToPath(new URL(".", import.meta.url));
const b64 = (data) => Buffer.from(data).toString("base64url");

const ES256 = -7, EDDSA = -8, RS256 = -257;
const platform = { transport: "internal", hasUserVerification: true };
const usb = { transport: "usb", hasUserVerification: true };
const synced = { defaultBackupEligibility: true, defaultBackupState: true };
const hybrid = { transport: "hybrid", ctap2Version: "ctap2_2",
	hasUserVerification: true };

/* name, authenticator, algorithms offered, attestation asked for */
const cases = [
	["platform_es256", { ...platform }, [ES256], "none"],
	["platform_eddsa", { ...platform }, [EDDSA], "none"],
	["platform_rs256", { ...platform }, [RS256], "none"],
	["usb_es256", { ...usb }, [ES256], "none"],
	["usb_eddsa", { ...usb }, [EDDSA], "none"],
	["usb_rs256", { ...usb }, [RS256], "none"],
	["synced_es256", { ...platform, ...synced }, [ES256], "none"],
	["hybrid_es256", { ...hybrid }, [ES256], "none"],
	["usb_direct", { ...usb }, [ES256], "direct"],
	["usb_no_uv", { ...usb, hasUserVerification: false }, [ES256], "none"],
	["u2f_direct", { transport: "usb", protocol: "u2f",
		hasResidentKey: false }, [ES256], "direct"],
];

async function withAuthenticator(page, options, run) {
	const cdp = await page.context().newCDPSession(page);

	await cdp.send("WebAuthn.enable", { enableUI: false });
	const { authenticatorId } = await cdp.send(
		"WebAuthn.addVirtualAuthenticator", { options: {
			protocol: "ctap2",
			hasResidentKey: true,
			isUserVerified: options.hasUserVerification ?? false,
			automaticPresenceSimulation: true,
			...options,
		} });
	try {
		return await run();
	} finally {
		await cdp.send("WebAuthn.removeVirtualAuthenticator",
			{ authenticatorId });
		await cdp.detach();
	}
}

function create(page, options) {
	return page.evaluate(async (json) =>
		(await navigator.credentials.create({ publicKey:
			PublicKeyCredential.parseCreationOptionsFromJSON(json),
		})).toJSON(), options);
}

function get(page, options) {
	return page.evaluate(async (json) =>
		(await navigator.credentials.get({ publicKey:
			PublicKeyCredential.parseRequestOptionsFromJSON(json),
		})).toJSON(), options);
}

async function record(page, origin, [name, options, algs, attestation]) {
	const weak = options.protocol === "u2f" ||
		options.hasUserVerification === false;
	const handle = b64(randomBytes(32));
	const uv = weak ? "discouraged" : "required";
	const vector = {
		about: `Chromium virtual authenticator, ${name}`,
		rp_id: "localhost", origin, user_handle: handle,
		create: { challenge: b64(randomBytes(32)) },
		get: [],
	};

	await withAuthenticator(page, options, async () => {
		vector.create.credential = await create(page, {
			rp: { id: "localhost", name: "Permiso" },
			user: { id: handle, name: "anna", displayName: "Anna" },
			challenge: vector.create.challenge,
			pubKeyCredParams: algs.map((alg) =>
				({ type: "public-key", alg })),
			timeout: 10000,
			excludeCredentials: [],
			authenticatorSelection: {
				residentKey: weak ? "discouraged" : "required",
				requireResidentKey: !weak,
				userVerification: uv,
			},
			attestation,
			extensions: { credProps: true },
		});
		for (let i = 0; i < 2; i++) {
			const challenge = b64(randomBytes(32));
			vector.get.push({ challenge, credential: await get(page, {
				rpId: "localhost", challenge, timeout: 10000,
				userVerification: uv,
				allowCredentials: !weak ? [] :
					[{ type: "public-key",
					id: vector.create.credential.id }],
			}) });
		}
	});
	return vector;
}

const server = createServer((request, response) => {
	response.setHeader("Content-Type", "text/html; charset=utf-8");
	response.end("<!doctype html><title>Recording</title>");
}).listen(0, "127.0.0.1");
await once(server, "listening");
const origin = `http://localhost:${server.address().port}`;

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: ["--headless", "--no-sandbox", "--disable-quic", "--no-first-run",
		"--disable-background-networking",
		"--disable-component-update", "--disable-sync"],
});
try {
	const page = await browser.newPage();

	await page.goto(origin);
	for (const one of cases) {
		const vector = await record(page, origin, one);

		writeFileSync(`${here}chromium_${one[0]}.json`,
			JSON.stringify(vector, null, "\t") + "\n");
		console.log(one[0]);
	}
} finally {
	await browser.close();
	server.close();
}
