/*
 * The description of the API is a sound OpenAPI 3.1 document, and says what
 * the server does: every operation is tried as a stranger.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { setUp } from "../support/people.mjs";
import { Server } from "../support/server.mjs";

const METHODS = ["get", "post", "put", "patch", "delete"];
const TYPES = ["string", "integer", "boolean", "array", "object", "null"];
const WORDS = ["type", "format", "enum", "items", "properties", "required",
	"additionalProperties", "anyOf", "minimum", "maximum", "maxLength",
	"maxItems", "default"];
const ID = "01890000-0000-7000-8000-000000000000";

let server, ada, document;

before(async () => {
	server = await Server.start();
	ada = await setUp(server);
	document = (await server.get("/api/openapi.json")).json();
});
after(() => server?.stop());

const operations = () => Object.entries(document.paths)
	.flatMap(([path, item]) => Object.entries(item)
		.map(([method, operation]) => ({ path, method, operation })));

/* JSON Schema 2020-12, of the words that we use. */
function schema(value, where)
{
	if (value.$ref !== undefined)
		return reference(value.$ref);
	for (const word of Object.keys(value))
		assert.ok(WORDS.includes(word), `${where}: ${word}`);
	for (const type of [value.type ?? []].flat())
		assert.ok(TYPES.includes(type), `${where}: ${type}`);
	for (const one of value.anyOf ?? [])
		schema(one, `${where}?`);
	if (value.type === "array")
		schema(value.items, `${where}[]`);
	for (const [name, one] of Object.entries(value.properties ?? {}))
		schema(one, `${where}.${name}`);
	for (const name of value.required ?? [])
		assert.ok(name in value.properties, `${where}.${name}`);
}

function reference(ref)
{
	const found = ref.replace(/^#\//, "").split("/")
		.reduce((at, name) => at?.[name], document);

	assert.ok(ref.startsWith("#/") && found !== undefined, ref);
	return found;
}

test("the document as a whole", async () => {
	const reply = await server.get("/api/openapi.json");

	assert.equal(reply.status, 200);
	assert.match(reply.headers["content-type"], /^application\/json/);
	assert.equal(document.openapi, "3.1.0");
	assert.deepEqual(document.servers, [{ url: server.issuer }]);
	schema(document.components.schemas.problem, "problem");
	const ids = operations().map(({ operation }) => operation.operationId);
	assert.equal(new Set(ids).size, ids.length);
	assert.ok(ids.length > 2);
});

test("AD1: every operation says what it takes and answers", () => {
	for (const { path, method, operation } of operations()) {
		const where = `${method} ${path}`;
		const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, n]) => n);

		assert.ok(METHODS.includes(method), where);
		assert.deepEqual(operation.parameters.filter((p) =>
			p.in === "path").map((p) => p.name), named, where);
		for (const one of operation.parameters)
			schema(one.schema, `${where} ${one.name}`);
		assert.equal(operation.parameters.some((p) =>
			p.in === "header"), method !== "get", where);
		for (const one of Object.values(operation.responses)) {
			const answer = one.$ref ? reference(one.$ref) : one;

			assert.equal(typeof answer.description, "string");
			for (const { schema: of } of
				Object.values(answer.content ?? {}))
				schema(of, where);
		}
		if (operation.requestBody !== undefined)
			schema(operation.requestBody.content[
				"application/json"].schema, where);
	}
});

/* "value" has the members of its schema and no other. */
function described(value, of, where)
{
	if (of.anyOf !== undefined)
		return value === null || described(value, of.anyOf[0], where);
	if (of.type === "array")
		return value.forEach((one) => described(one, of.items,
			`${where}[]`));
	if (of.type !== "object") {
		if (of.type !== "integer" && ![of.type].flat().includes("null"))
			assert.equal(typeof value, of.type, where);
		return undefined;
	}
	assert.deepEqual(Object.keys(value).sort(),
		Object.keys(of.properties).sort(), where);
	for (const [name, one] of Object.entries(value))
		described(one, of.properties[name], `${where}.${name}`);
	return undefined;
}

test("R3.3 AD5: an answer has the members of its description, no other",
    async () => {
	let tried = 0;

	for (const { path, method, operation } of operations()) {
		if (method !== "get" || path.includes("{"))
			continue;
		const reply = await ada.tab.get(path);

		assert.equal(reply.status, 200, path);
		described(reply.json(), operation.responses["200"]
			.content["application/json"].schema, path);
		assert.doesNotMatch(reply.text,
			/digest|secret|cookie|user_handle|spki/, path);
		tried++;
	}
	assert.ok(tried >= 5);
});

test("R3.1 R3.2: every operation refuses a stranger", async () => {
	for (const { path, method, operation } of operations()) {
		const reply = await server.request(method.toUpperCase(),
			path.replace(/\{\w+\}/g, ID),
			operation.requestBody ? { json: {} } :
			["get", "delete"].includes(method) ? {} :
			{ body: "" });

		assert.equal(reply.status, 401, `${method} ${path}`);
		assert.equal(reply.json().code, "not_signed_in");
	}
});
