/*
 * A database that is named by its host: jobs looks the name up, the processes
 * that answer requests never do, and follow it when it moves.
 *
 * The name is in a hosts file of the program's own (a mount that only it
 * sees); behind each address a forwarder leads to the test cluster's socket.
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { freePort } from "../support/port.mjs";
import { Server, run, sleep } from "../support/server.mjs";

const dir = mkdtempSync(join(tmpdir(), "permiso-hosts-"));
const hosts = join(dir, "hosts");
const own = (...command) => ["unshare", ...(process.getuid() === 0 ? [] :
	["--user", "--map-current-user", "--keep-caps"]), "--mount",
	"sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts,
	...command];

let server, port;

const point = (lines) => writeFileSync(hosts, lines.join("\n") + "\n",
	{ mode: 0o644 });

point(["127.0.0.1 localhost"]);
const [command, ...words] = own("true");
/* In a container, or a chroot, there may be no mounts of one's own. */
const skip = (await run(command, words)).code !== 0;

/* "address" leads to the cluster, until close(). */
async function forward(address)
{
	const [, folder] = /host='?([^' ]+)/.exec(server.conninfo);
	const [, number] = /port='?(\d+)/.exec(server.conninfo) ?? [, "5432"];
	const open = new Set();
	const listener = net.createServer((client) => {
		const database = net.connect(join(folder, `.s.PGSQL.${number}`));

		for (const [one, other] of [[client, database], [database, client]]) {
			open.add(one);
			one.on("error", () => other.destroy());
			one.on("close", () => { open.delete(one); other.destroy(); });
			one.pipe(other);
		}
	}).listen(port, address);

	await once(listener, "listening");
	return {
		count: () => open.size / 2,
		close: async () => {
			for (const socket of open)
				socket.destroy();
			listener.close();
			await once(listener, "close");
		},
	};
}

const healthy = async () => {
	for (let i = 0; ; i++) {
		const { status } = await server.get("/healthz");
		if (status === 200)
			return;
		assert.ok(i < 600, `still ${status}\n${server.log()}`);
		await sleep(100);
	}
};

before(async () => {
	if (skip)
		return;
	server = await Server.start({ start: false, env: { WORKERS: "2" } });
	port = await freePort();
	server.env.DB_CONNECTION_STRING = server.conninfo
		.replace(/host='?[^' ]+'?/, "host=db.test,spare.test")
		.replace(/port='?\d+'?/, "") + ` port=${port}`;
	server.wrap = own();
});
after(async () => {
	await server?.stop();
	rmSync(dir, { recursive: true });
});

test("by name; it moves; another name takes over", { skip }, async () => {
	point(["127.0.0.1 localhost", "127.0.0.2 db.test"]);
	const first = await forward("127.0.0.2");
	await server.up();
	await healthy();
	assert.match(server.log(), /database_address .*host=db\.test .*127\.0\.0\.2/);
	assert.ok(first.count() >= 1);

	/* it moves: the old address is dead, the name leads elsewhere */
	await first.close();
	for (let i = 0; (await server.get("/healthz")).status === 200; i++) {
		assert.ok(i < 600);
		await sleep(100);
	}
	const other = await forward("127.0.0.3");
	point(["127.0.0.1 localhost", "127.0.0.3 db.test"]);
	await healthy();
	await server.logged(/database_address .*127\.0\.0\.3/);
	const workers = server.processes().filter(({ name }) =>
		/wrk/.test(name)).length;
	assert.equal(workers, 2);
	assert.doesNotMatch(server.log(), /\bdied\b|again_in_ms/);

	/* the other name takes over when the first has no address any more */
	point(["127.0.0.1 localhost", "127.0.0.4 spare.test"]);
	const spare = await forward("127.0.0.4");
	await other.close();
	await server.logged(/database_address .*host=spare\.test .*127\.0\.0\.4/,
		60000);
	await healthy();
	await server.down();
	await spare.close();
});
