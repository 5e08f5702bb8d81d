/*
 * What nginx would be in front of Permiso, as small as can be: ends TLS, says
 * who asked (X-Forwarded-For, -Proto, -Host), passes everything else on.
 */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";

export async function tlsProxy({ tls, to, port })
{
	const agent = new http.Agent({ keepAlive: true });
	const server = https.createServer({
		cert: readFileSync(join(tls, "server.pem")),
		key: readFileSync(join(tls, "server.key")),
	}, (request, response) => {
		const headers = [];

		for (let i = 0; i < request.rawHeaders.length; i += 2) {
			if (!/^(x-forwarded-.*|connection)$/i
				.test(request.rawHeaders[i]))
				headers.push(request.rawHeaders[i],
					request.rawHeaders[i + 1]);
		}
		headers.push("X-Forwarded-For", request.socket.remoteAddress
			.replace(/^::ffff:/, ""),
			"X-Forwarded-Proto", "https",
			"X-Forwarded-Host", request.headers.host ?? "");

		const onward = http.request({ host: "127.0.0.1", port: to, agent,
			method: request.method, path: request.url, headers,
			setHost: false }, (answer) => {
			response.writeHead(answer.statusCode,
				answer.statusMessage, answer.rawHeaders);
			answer.pipe(response);
		});
		onward.on("error", () => {
			if (!response.headersSent)
				response.writeHead(502);
			response.end();
		});
		request.pipe(onward);
	});

	server.listen(port, "127.0.0.1");
	await once(server, "listening");
	return {
		port,
		close()
		{
			agent.destroy();
			server.close();
			server.closeAllConnections();
		},
	};
}
