/*
 * Writes the first inputs of WebAuthn's fuzz targets, made of the recorded
 * ceremonies beside this file and of the software authenticator.
 *
 *	node tests/vectors/seed.mjs
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { Authenticator, cbor } from "../support/authenticator.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const corpus = `${here}../fuzz/corpus/`;
const unb64 = (text) => Buffer.from(text, "base64url");

function seed(target, name, data)
{
	mkdirSync(`${corpus}${target}`, { recursive: true });
	writeFileSync(`${corpus}${target}/${name}`, data);
}

function creation(name, credential)
{
	const response = credential.response;

	seed("registration", name, JSON.stringify(credential));
	seed("registration", `${name}_object`,
		unb64(response.attestationObject));
	seed("cbor", name, unb64(response.attestationObject));
	seed("authdata", name, unb64(response.authenticatorData));
}

function assertion(name, credential)
{
	const data = unb64(credential.response.authenticatorData);

	seed("authentication", name, JSON.stringify(credential));
	seed("authentication", `${name}_bytes`, Buffer.concat([
		Buffer.from([data.length]), data,
		unb64(credential.response.signature)]));
	seed("authdata", `${name}_assertion`, data);
}

for (const file of readdirSync(here).filter((f) => f.endsWith(".json"))) {
	const name = file.replace(/^chromium_|\.json$/g, "");
	const vector = JSON.parse(readFileSync(here + file, "utf8"));

	creation(name, vector.create.credential);
	assertion(name, vector.get[0].credential);
}

/* What Chromium's authenticators do not say. */
const recorded = JSON.parse(readFileSync(
	`${here}chromium_usb_es256.json`, "utf8"));
const options = {
	rp: { id: "localhost" }, user: { id: recorded.user_handle },
	challenge: recorded.create.challenge,
	pubKeyCredParams: [-8, -7, -257].map((alg) => ({ alg })),
};
for (const [name, alg, fault] of [
	["self_es256", -7, { attestation: "packed" }],
	["self_eddsa", -8, { attestation: "packed" }],
	["self_rs256", -257, { attestation: "packed" }],
	["extensions", -7, { extensions: { credProtect: 2,
		"hmac-secret": true, other: [1, { a: -1 }] } }],
	["other_format", -7, { fmt: "tpm", attStmt: { ver: "2.0" } }],
])
	creation(name, new Authenticator({ origin: recorded.origin,
		algorithms: [alg] }).create(options, fault));

for (const [name, bytes] of [
	["huge_array", "9a10000000"], ["huge_map", "bbffffffffffffffff"],
	["huge_bytes", "5bffffffffffffffff"], ["indefinite", "bf61610aff"],
	["tag", "d9d9f7a0"], ["half_float", "f97e00"], ["deep", "818181818180"],
	["repeated_key", "a201010102"], ["long_head", "190001"],
])
	seed("cbor", name, Buffer.from(bytes, "hex"));
seed("cbor", "nested", cbor({ a: [1, -300, { 1: "x" }], b: Buffer.alloc(30) }));

const clientData = (members, front = "") => front + JSON.stringify({
	type: "webauthn.get", challenge: "AQIDBA",
	origin: "http://localhost:1812", crossOrigin: false, ...members });
for (const [name, text] of [
	["get", clientData({})],
	["create", clientData({ type: "webauthn.create" })],
	["mark", clientData({}, "\ufeff")],
	["cross_origin", clientData({ crossOrigin: true })],
	["top_origin", clientData({ topOrigin: "https://evil.example" })],
	["extra", clientData({ other: [{ a: null }, 1.5] })],
	["escaped", clientData({}).replace("localhost", "l\\u006fcalhost")],
	["other_origin", clientData({ origin: "https://evil.example" })],
	["repeated", clientData({}).replace("{", '{"type":"webauthn.get",')],
])
	seed("client_data", name, text);
