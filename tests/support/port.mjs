// Ports for servers of tests.

import { once } from "node:events";
import net from "node:net";

/**
 * A port that nobody listens on, below those that the kernel gives away: one
 * of its own range may be another connection's before our server binds it.
 */
export async function freePort(host = "127.0.0.1") {
	for (;;) {
		const port = 20000 + Math.floor(Math.random() * 12000);
		const probe = net.createServer();
		try {
			probe.listen(port, host);
			await once(probe, "listening");
		} catch {
			continue;
		}
		probe.close();
		await once(probe, "close");
		return port;
	}
}
