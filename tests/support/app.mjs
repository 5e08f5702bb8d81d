/*
 * A relying app for whole-server tests, in plain steps: nothing is hidden
 * from the test, and nothing is done that a browser or an app would not do.
 *
 *	const { basic } = await register(server, [{ client_id: "basic" }]);
 *	const answer = await basic.signIn(ada.tab, ada);	// through all pages
 *	const tokens = await basic.redeem(answer);
 */

import { strict as assert } from "node:assert";
import { createHash, createPublicKey, randomBytes, verify }
	from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const REDIRECT = "https://rp.example/cb";

export const random = (bytes = 16) =>
	randomBytes(bytes).toString("base64url");

/* Write registrations and apply them; { client_id: App }. */
export async function register(server, registrations)
{
	const dir = mkdtempSync(join(tmpdir(), "permiso-clients-"));
	const apps = {};

	try {
		for (const given of registrations) {
			const registration = {
				client_name: given.client_id.toUpperCase(),
				redirect_uris: [REDIRECT],
				...given,
			};

			if (registration.token_endpoint_auth_method !== "none")
				registration.client_secret ??= random(32);
			apps[given.client_id] = new App(server, registration);
			writeFileSync(join(dir, `${given.client_id}.json`),
				JSON.stringify(registration));
		}
		const done = await server.cli(["apply", dir]);
		assert.equal(done.code, 0, done.stderr);
		await signingKeys(server);
	} finally {
		rmSync(dir, { recursive: true });
	}
	return apps;
}

/* At the first start of all the signer makes its keys, which takes a while;
 * all workers know them once ten answers in a row have four. */
async function signingKeys(server)
{
	for (let good = 0, asked = 0; good < 10; asked++) {
		const reply = await server.get("/.well-known/jwks.json");

		good = reply.status === 200 && reply.json().keys.length >= 4 ?
			good + 1 : 0;
		assert.ok(asked < 3000, "no signing keys");
		if (good === 0)
			await sleep(50);
	}
}

/* The claims of a token, unverified. */
export function claims(token)
{
	return JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
}

export function header(token)
{
	return JSON.parse(Buffer.from(token.split(".")[0], "base64url"));
}

/* How node:crypto checks each algorithm. */
const algorithms = {
	RS256: (key) => ["sha256", key],
	PS256: (key) => ["sha256", { key, padding: 6, saltLength: 32 }],
	ES256: (key) => ["sha256", { key, dsaEncoding: "ieee-p1363" }],
	EdDSA: (key) => [null, key],
};

export class App {
	constructor(server, registration)
	{
		Object.assign(this, { server, registration,
			client_id: registration.client_id,
			secret: registration.client_secret });
	}

	/* A request as this app would send it, with its PKCE verifier. */
	request(params = {})
	{
		const verifier = random(32);
		const all = {
			client_id: this.client_id,
			code_challenge: createHash("sha256").update(verifier)
				.digest("base64url"),
			code_challenge_method: "S256",
			nonce: random(8),
			redirect_uri: this.registration.redirect_uris[0],
			response_type: "code",
			scope: "openid",
			state: random(8),
			...params,
		};
		const sent = Object.fromEntries(Object.entries(all)
			.filter(([, value]) => value !== undefined));

		return { sent, verifier };
	}

	/* The first answer of authorize to a request. */
	ask(tab, { sent }, method = "GET")
	{
		if (method === "GET")
			return tab.get("/oauth/authorize", { query: sent });
		return tab.request("POST", "/oauth/authorize", { form: sent,
			headers: { "Sec-Fetch-Site": "cross-site",
				Origin: "https://rp.example" } });
	}

	/*
	 * Follow pages of ours until the app is answered: sign in as "person"
	 * where that is asked, and answer questions with "answer".  What was
	 * shown on the way is in .pages.
	 */
	async walk(tab, reply, person, answer = "allow")
	{
		const pages = [];

		for (let steps = 0; steps < 20; steps++) {
			const to = reply.location;

			if (to !== undefined && to.origin !== this.server.origin)
				return Object.assign(reply, { pages });
			if (to === undefined && reply.status === 200 &&
			    reply.text.includes('id="answer"'))
				return Object.assign(reply, { pages });
			if (to === undefined)
				return Object.assign(reply, { pages });

			pages.push(to.pathname);
			if (to.pathname === "/login") {
				if (person === undefined)
					return Object.assign(reply, { pages });
				await person.signIn(tab, { path: to.pathname +
					to.search });
				reply = await tab.get(person.location);
			} else if (to.pathname === "/interaction") {
				reply = await this.answer(tab,
					await tab.get(to.pathname + to.search),
					answer);
			} else
				reply = await tab.get(to.pathname + to.search);
		}
		throw new Error("no end: " + pages.join(" "));
	}

	answer(tab, page, answer)
	{
		assert.equal(page.status, 200, page.text);
		const [, form] = /<form[^>]*action="\/interaction"[^>]*>([^]*?)<\/form>/
			.exec(page.text);
		const value = (name) => new RegExp(`name="${name}" value="([^"]*)"`)
			.exec(form)[1];

		if (answer === "allow" && !form.includes('value="allow"'))
			answer = "continue";
		this.asked = page;
		return tab.form("/interaction", { csrf: value("csrf"),
			i: value("i"), answer });
	}

	/* From the request to the answer at the redirect URI. */
	async signIn(tab, person, params = {}, answer = "allow")
	{
		const request = this.request(params);
		const first = await this.ask(tab, request);
		const reply = await this.walk(tab, first, person, answer);

		return this.read(reply, request);
	}

	/* What the app is told: parameters of query or form, and the rest. */
	read(reply, request)
	{
		const form = Object.fromEntries([...reply.text.matchAll(
			/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)]
			.map(([, name, value]) => [name, value]));
		const params = reply.location === undefined ? form :
			reply.params;

		return { ...params, ...request, reply, pages: reply.pages };
	}

	/* How this client authenticates, into options of a request. */
	authenticated(form, method = this.registration
		.token_endpoint_auth_method ?? "client_secret_basic")
	{
		if (method === "client_secret_basic")
			return { form, basic: [this.client_id, this.secret] };
		const body = { ...form, client_id: this.client_id };
		if (method === "client_secret_post")
			body.client_secret = this.secret;
		return { form: body };
	}

	token(form, options = {})
	{
		return (options.server ?? this.server).post("/oauth/token", {
			...this.authenticated(form, options.method),
			...options,
		});
	}

	/* The token endpoint's answer to a code, unjudged. */
	tryToRedeem({ code, sent, verifier }, change = {}, options)
	{
		const form = {
			grant_type: "authorization_code",
			code,
			redirect_uri: sent.redirect_uri,
			code_verifier: sent.code_challenge === undefined ?
				undefined : verifier,
			...change,
		};

		for (const name of Object.keys(form))
			if (form[name] === undefined)
				delete form[name];
		return this.token(form, options);
	}

	async redeem(answer, options)
	{
		assert.ok(answer.code, answer.reply.text);
		const reply = await this.tryToRedeem(answer, {}, options);
		assert.equal(reply.status, 200, reply.text);
		return reply.json();
	}

	refresh(refresh_token, change = {}, options)
	{
		return this.token({ grant_type: "refresh_token", refresh_token,
			...change }, options);
	}

	userinfo(token, options = {})
	{
		return this.server.get("/oauth/userinfo",
			{ bearer: token, ...options });
	}

	/* The claims of an ID token, its signature checked with our JWKS. */
	async verified(token)
	{
		const jwks = await this.server.get("/.well-known/jwks.json");
		const { alg, kid } = header(token);
		const jwk = jwks.json().keys.find((key) => key.kid === kid);
		const [data, signature] = [token.slice(0, token.lastIndexOf(".")),
			Buffer.from(token.split(".")[2], "base64url")];

		assert.ok(jwk, `no key ${kid}`);
		assert.equal(jwk.alg, alg);
		const [digest, key] = algorithms[alg](createPublicKey({ key: jwk,
			format: "jwk" }));
		assert.ok(verify(digest, Buffer.from(data), key, signature),
			"signature");
		return claims(token);
	}
}
