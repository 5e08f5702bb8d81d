/*
 * A passkey and its browser in software, for whole-server tests that sign in
 * over plain HTTP.  No dependencies.
 *
 *	const key = new Authenticator({ origin: "http://localhost:1812" });
 *	const made = key.create(creationOptionsJSON);	// a creation's toJSON()
 *	const got = key.get(requestOptionsJSON);	// an assertion's toJSON()
 *
 * The second argument of create() and get() spoils one thing, as a faulty or
 * hostile client would; the signature covers what was spoiled, so that the
 * server's own check of that thing is what must refuse it:
 *
 *	up, uv, be, bs		flag bits (default: true, true, false, false)
 *	origin, type, challenge, crossOrigin, topOrigin, clientData (merged)
 *	rpId			whose hash goes into the authenticator data
 *	counter			the count to say (default: one more each time)
 *	signature		bytes in place of the real one
 *	attestation		"none" (default) or "packed" (self)
 *	id			credential id (create: to make; get: to answer with)
 *	userHandle		bytes, or null to leave it out
 *	extensions		CBOR value for authenticator extension outputs
 *	authData		function from authenticator data to what is sent
 *	attStmt, fmt		in place of the right ones
 *	results			clientExtensionResults, in place of the right ones
 */

import { createHash, generateKeyPairSync, randomBytes, sign }
	from "node:crypto";

export const ES256 = -7;
export const EDDSA = -8;
export const RS256 = -257;

const FLAG = { up: 0x01, uv: 0x04, be: 0x08, bs: 0x10, at: 0x40, ed: 0x80 };

const sha256 = (data) => createHash("sha256").update(data).digest();
const b64 = (data) => Buffer.from(data).toString("base64url");
const unb64 = (text) => Buffer.from(text, "base64url");

/* ---------------------------------------------------------------- CBOR */

/* The head of an item: major type and shortest length (RFC 8949, 4.2.1). */
function head(major, n) {
	const type = major << 5;

	if (n < 24)
		return Buffer.from([type | n]);
	if (n < 0x100)
		return Buffer.from([type | 24, n]);
	if (n < 0x10000)
		return Buffer.from([type | 25, n >> 8, n & 0xff]);

	const out = Buffer.alloc(5);
	out[0] = type | 26;
	out.writeUInt32BE(n, 1);
	return out;
}

/*
 * Integers, booleans, strings, Buffers, arrays, Maps and plain objects, in
 * the order they are given.  A function's result is taken as it is, so that
 * tests can put in bytes that this encoder would never make.
 */
export function cbor(value) {
	if (typeof value === "function")
		return value();
	if (typeof value === "boolean")
		return Buffer.from([value ? 0xf5 : 0xf4]);
	if (typeof value === "number")
		return value < 0 ? head(1, -1 - value) : head(0, value);
	if (typeof value === "string")
		return Buffer.concat([head(3, Buffer.byteLength(value)),
			Buffer.from(value)]);
	if (value instanceof Uint8Array)
		return Buffer.concat([head(2, value.length), value]);
	if (Array.isArray(value))
		return Buffer.concat([head(4, value.length),
			...value.map(cbor)]);

	const pairs = value instanceof Map ? [...value] : Object.entries(value);
	return Buffer.concat([head(5, pairs.length),
		...pairs.flatMap(([k, v]) => [cbor(k), cbor(v)])]);
}

/* ---------------------------------------------------------------- keys */

function newPair(alg) {
	switch (alg) {
	case ES256:
		return generateKeyPairSync("ec", { namedCurve: "P-256" });
	case EDDSA:
		return generateKeyPairSync("ed25519");
	case RS256:
		return generateKeyPairSync("rsa", { modulusLength: 2048 });
	default:
		throw new Error(`authenticator: no algorithm ${alg}`);
	}
}

/* COSE_Key (RFC 9052 section 7), labels in canonical order. */
export function coseKey(alg, publicKey) {
	const jwk = publicKey.export({ format: "jwk" });

	switch (alg) {
	case ES256:
		return new Map([[1, 2], [3, alg], [-1, 1],
			[-2, unb64(jwk.x)], [-3, unb64(jwk.y)]]);
	case EDDSA:
		return new Map([[1, 1], [3, alg], [-1, 6], [-2, unb64(jwk.x)]]);
	default:
		return new Map([[1, 3], [3, alg],
			[-1, unb64(jwk.n)], [-2, unb64(jwk.e)]]);
	}
}

function signWith(passkey, data) {
	return sign(passkey.alg === EDDSA ? null : "sha256", data,
		passkey.privateKey);
}

/* An error with the name a browser's DOMException would have. */
function refusal(name) {
	return Object.assign(new Error(name), { name });
}

/* ------------------------------------------------------- authenticator */

export class Authenticator {
	/*
	 * origin	of the page that would call (required)
	 * algorithms	what it can do, the server's order decides
	 * counts	false: the count is zero for ever
	 * backup	true: synced (BE and BS set)
	 * transports, attachment, aaguid	as told to the page
	 */
	constructor({ origin, algorithms = [ES256, EDDSA, RS256],
	    counts = true, backup = false, transports = ["internal"],
	    attachment = "platform", aaguid = Buffer.alloc(16) }) {
		Object.assign(this, { origin, algorithms, counts, backup,
			transports, attachment, aaguid });
		this.passkeys = [];
	}

	/* PublicKeyCredentialCreationOptionsJSON to RegistrationResponseJSON. */
	create(options, fault = {}) {
		const rpId = options.rp.id ?? new URL(this.origin).hostname;
		const excluded = (options.excludeCredentials ?? [])
			.map((c) => c.id);
		const alg = fault.alg ?? options.pubKeyCredParams
			.map((p) => p.alg).find((a) => this.algorithms.includes(a));

		if (this.passkeys.some((p) => excluded.includes(b64(p.id))))
			throw refusal("InvalidStateError");
		if (alg === undefined)
			throw refusal("NotAllowedError");

		const passkey = {
			alg, rpId,
			id: fault.id ?? randomBytes(32),
			userHandle: unb64(options.user.id),
			counter: 0,
			...newPair(alg),
		};
		this.passkeys.push(passkey);

		const clientData = this.#clientData("webauthn.create",
			options.challenge, fault);
		let authData = this.#authData(passkey, fault, Buffer.concat([
			this.aaguid,
			Buffer.from([passkey.id.length >> 8, passkey.id.length & 0xff]),
			passkey.id, cbor(fault.cose ?? coseKey(alg, passkey.publicKey)),
		]));
		if (fault.authData)
			authData = fault.authData(authData);

		const packed = fault.attestation === "packed";
		const statement = !packed ? {} : {
			alg,
			sig: fault.signature ?? signWith(passkey,
				Buffer.concat([authData, sha256(clientData)])),
		};

		return this.#credential(passkey, fault, {
			clientDataJSON: b64(clientData),
			attestationObject: b64(cbor({
				fmt: fault.fmt ?? (packed ? "packed" : "none"),
				attStmt: fault.attStmt ?? statement,
				authData,
			})),
			transports: this.transports,
			authenticatorData: b64(authData),
			publicKey: b64(passkey.publicKey.export(
				{ type: "spki", format: "der" })),
			publicKeyAlgorithm: alg,
		}, { credProps: { rk: true } });
	}

	/* PublicKeyCredentialRequestOptionsJSON to AuthenticationResponseJSON. */
	get(options, fault = {}) {
		const rpId = options.rpId ?? new URL(this.origin).hostname;
		const allowed = (options.allowCredentials ?? []).map((c) => c.id);
		const passkey = this.passkeys.findLast((p) =>
			p.rpId === rpId && (fault.id ? p.id.equals(fault.id) :
			allowed.length === 0 || allowed.includes(b64(p.id))));

		if (passkey === undefined)
			throw refusal("NotAllowedError");

		const clientData = this.#clientData("webauthn.get",
			options.challenge, fault);
		let authData = this.#authData(passkey, fault, null);
		if (fault.authData)
			authData = fault.authData(authData);

		const response = {
			clientDataJSON: b64(clientData),
			authenticatorData: b64(authData),
			signature: b64(fault.signature ?? signWith(passkey,
				Buffer.concat([authData, sha256(clientData)]))),
		};
		if (fault.userHandle !== null)
			response.userHandle = b64(fault.userHandle ??
				passkey.userHandle);

		return this.#credential(passkey, fault, response, {});
	}

	#clientData(type, challenge, fault) {
		return Buffer.from(JSON.stringify({
			type: fault.type ?? type,
			challenge: fault.challenge ?? challenge,
			origin: fault.origin ?? this.origin,
			crossOrigin: fault.crossOrigin ?? false,
			...(fault.topOrigin ? { topOrigin: fault.topOrigin } : {}),
			...fault.clientData,
		}));
	}

	#authData(passkey, fault, attested) {
		const flag = (name, usual) => (fault[name] ?? usual) ? FLAG[name] : 0;
		const out = Buffer.alloc(5);

		if (this.counts)
			passkey.counter++;
		out[0] = flag("up", true) | flag("uv", true) |
			flag("be", this.backup) | flag("bs", this.backup) |
			(attested ? FLAG.at : 0) | (fault.extensions ? FLAG.ed : 0);
		out.writeUInt32BE(fault.counter ?? passkey.counter, 1);

		return Buffer.concat([sha256(fault.rpId ?? passkey.rpId), out,
			attested ?? Buffer.alloc(0),
			fault.extensions ? cbor(fault.extensions) : Buffer.alloc(0)]);
	}

	#credential(passkey, fault, response, results) {
		return {
			id: b64(passkey.id),
			rawId: b64(passkey.id),
			type: "public-key",
			authenticatorAttachment: this.attachment,
			clientExtensionResults: fault.results ?? results,
			response,
		};
	}
}
