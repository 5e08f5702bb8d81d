/*
 * fetch() for other people's libraries that leads to a test server: no
 * redirects are followed, and certificates are our own.
 */

import { strict as assert } from "node:assert";

export function fetchFrom(server)
{
	return async (url, { method = "GET", headers, body } = {}) => {
		const to = new URL(url);

		assert.equal(to.origin, new URL(server.issuer).origin);
		const reply = await server.request(method, to.href, {
			headers: Object.fromEntries(new Headers(headers)),
			...(body == null ? {} : { body: String(body),
				headers: { "content-type":
				"application/x-www-form-urlencoded;charset=UTF-8",
				...Object.fromEntries(new Headers(headers)) } }),
		});
		const empty = [204, 304].includes(reply.status);
		const answer = new Response(empty ? null : reply.body, {
			status: reply.status });

		for (let i = 0; i < reply.raw.length; i += 2)
			answer.headers.append(reply.raw[i], reply.raw[i + 1]);
		return answer;
	};
}
