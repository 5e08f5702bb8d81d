/*
 * An HTTP client that is a browser where it matters: keeps cookies, follows
 * nothing by itself, sends the headers browsers send with a form.
 *
 *	const tab = server.browser();
 *	let page = await tab.get("/login");
 *	page = await tab.form("/signout", { csrf: page.field("csrf") });
 *	page = await tab.follow(page);
 *
 * A request for the server's issuer goes to the node it was made for; one for
 * any other origin is refused: tests read where a redirect leads, they do not
 * go there.
 */

import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";

import { testTls } from "./server.mjs";

/* One answer: status, headers (lower case, joined), cookies, text. */
export class Reply {
	constructor(url, answer, body)
	{
		this.url = url;
		this.status = answer.statusCode;
		this.headers = answer.headers;
		this.raw = answer.rawHeaders;
		this.body = body;
		this.text = body.toString("utf8");
		this.cookies = answer.headers["set-cookie"] ?? [];
	}

	json() { return JSON.parse(this.text); }

	/* Where it sends us, as a URL: Location, or Refresh. */
	get location()
	{
		const refresh = /^\d+;\s*url=(.*)$/i
			.exec(this.headers.refresh ?? "");
		const to = this.headers.location ??
			refresh?.[1].replace(/^"(.*)"$/, "$1");
		return to === undefined ? undefined : new URL(to, this.url);
	}

	/* Parameters of where it sends us. */
	get params()
	{
		return Object.fromEntries(this.location.searchParams);
	}

	/* The value of an <input name="...">, unescaped. */
	field(name)
	{
		const input = [...this.text.matchAll(/<(?:input|button)\b[^>]*>/g)]
			.map(([tag]) => tag)
			.find((tag) => attribute(tag, "name") === name);
		return input === undefined ? undefined :
			attribute(input, "value") ?? "";
	}

	/* The first value of an attribute, such as data-csrf. */
	attribute(name)
	{
		return attribute(this.text, name);
	}
}

function attribute(text, name)
{
	return new RegExp(`\\s${name}="([^"]*)"`).exec(text)?.[1]
		.replace(/&(amp|lt|gt|quot|#39|#x27|#x2F|#x3D|#x60);/gi,
			(entity) => entities[entity.toLowerCase()] ?? entity);
}

const entities = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"',
	"&#39;": "'", "&#x27;": "'", "&#x2f;": "/", "&#x3d;": "=",
	"&#x60;": "`" };

export class Browser {
	constructor(server, { headers = {} } = {})
	{
		this.server = server;
		this.headers = headers;
		this.jar = new Map();
	}

	/*
	 * options: headers (object, or flat array for repeats and odd case),
	 * query, form (object or pairs), json, body (text or Buffer), basic
	 * ([id, secret]), bearer.
	 */
	request(method, path, options = {})
	{
		const url = new URL(path, this.server.issuer);

		if (url.origin !== new URL(this.server.issuer).origin)
			throw new Error(`not ours: ${url}`);
		for (const [name, value] of pairs(options.query ?? {}))
			url.searchParams.append(name, value);
		return this.send(method, url, this.content(options), options);
	}

	content({ form, json, body })
	{
		if (form !== undefined)
			return [new URLSearchParams(pairs(form)).toString(),
				"application/x-www-form-urlencoded"];
		if (json !== undefined)
			return [JSON.stringify(json), "application/json"];
		return [body];
	}

	head(url, [body, type], options)
	{
		const given = flatten(options.headers);
		const flat = [];
		const add = (name, value) => {
			if (!has(given, name))
				flat.push(name, value);
		};

		add("Host", url.host);
		if (type !== undefined)
			add("Content-Type", type);
		if (body !== undefined)
			add("Content-Length", String(Buffer.byteLength(body)));
		if (this.jar.size > 0)
			add("Cookie", [...this.jar].map(([name, value]) =>
				`${name}=${value}`).join("; "));
		if (options.basic !== undefined)
			add("Authorization", "Basic " + Buffer.from(options.basic
				.map(formEncode).join(":")).toString("base64"));
		if (options.bearer !== undefined)
			add("Authorization", `Bearer ${options.bearer}`);
		for (const [name, value] of Object.entries(this.headers))
			add(name, value);
		flat.push(...given);
		return flat;
	}

	send(method, url, content, options)
	{
		const { server } = this;
		const secure = url.protocol === "https:";
		const proxied = secure && server.proxy !== undefined;
		/* A second node has no proxy of its own: we speak for one. */
		const plain = secure && server.tlsMode !== "direct" && !proxied;
		const headers = this.head(url, content, options);

		if (plain)
			headers.push("X-Forwarded-For", "127.0.0.1",
				"X-Forwarded-Proto", "https",
				"X-Forwarded-Host", url.host);

		return new Promise((done, fail) => {
			const request = (secure && !plain ? https : http).request({
				host: "127.0.0.1", servername: "localhost",
				port: proxied ? server.proxy.port : server.port,
				method, path: options.path ?? url.pathname + url.search,
				headers, setHost: false, agent: false,
				timeout: options.timeout ?? 120000,
				...(secure && !plain ? { ca: readFileSync(
					join(testTls(), "ca.pem")) } : {}),
			}, (answer) => {
				const parts = [];

				answer.on("data", (part) => parts.push(part));
				answer.on("error", fail);
				answer.on("end", () => {
					const reply = new Reply(url, answer,
						Buffer.concat(parts));
					this.remember(reply);
					done(reply);
				});
			});
			request.on("timeout", () =>
				request.destroy(new Error("no answer")));
			request.on("error", fail);
			request.end(content[0]);
		});
	}

	remember(reply)
	{
		for (const line of reply.cookies) {
			const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);

			if (/;\s*max-age=0\b/i.test(line))
				this.jar.delete(name);
			else
				this.jar.set(name, value);
		}
	}

	get(path, options) { return this.request("GET", path, options); }

	/* Submit a form of ours, as the browser would from our own page. */
	form(path, form, options = {})
	{
		return this.request("POST", path, { form, ...options,
			headers: merge({
				Origin: this.server.issuer,
				"Sec-Fetch-Site": "same-origin",
				"Sec-Fetch-Mode": "navigate",
				"Sec-Fetch-Dest": "document",
			}, options.headers) });
	}

	/* What a script of ours posts; "csrf" goes into its header. */
	script(path, json, csrf, options = {})
	{
		return this.request("POST", path, { json, ...options,
			headers: merge({
				Origin: this.server.issuer,
				"Sec-Fetch-Site": "same-origin",
				"Sec-Fetch-Mode": "cors",
				"Sec-Fetch-Dest": "empty",
				...(csrf === undefined ? {} : { "X-CSRF": csrf }),
			}, options.headers) });
	}

	/* Go where "reply" sends us, as long as that is ours; the last reply. */
	async follow(reply)
	{
		for (let i = 0; i < 10; i++) {
			if (reply.location === undefined || reply.location.origin !==
				new URL(this.server.issuer).origin)
				return reply;
			reply = await this.get(reply.location.href);
		}
		throw new Error(`ten redirects, the last to ${reply.location}`);
	}
}

/* RFC 6749 section 2.3.1: id and secret are form-encoded first. */
function formEncode(text)
{
	return new URLSearchParams([["", text]]).toString().slice(1);
}

function pairs(form)
{
	return Array.isArray(form) ? form : Object.entries(form)
		.filter(([, value]) => value !== undefined);
}

/* Headers as a flat array: name, value, name, value. */
function flatten(headers = {})
{
	return Array.isArray(headers) ? headers :
		Object.entries(headers).flat();
}

/* "given" wins over "usual". */
function merge(usual, given)
{
	const flat = flatten(given);

	return [...Object.entries(usual).filter(([name]) => !has(flat, name))
		.flat(), ...flat];
}

function has(flat, name)
{
	return flat.some((item, i) => i % 2 === 0 &&
		item.toLowerCase() === name.toLowerCase());
}
