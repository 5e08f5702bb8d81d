// Serves every state of every page (tests/pages/*.json) without a server:
// each request is one run of build/tests/support/render_page, which goes
// through the real engine, templates and assets, headers included.

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const build = process.env.BUILD ?? 'build';
const fixtures = `${root}/tests/pages`;

/** Names of the fixtures. */
export const pages = readdirSync(fixtures)
	.map((file) => file.replace(/\.json$/, ''))
	.sort();

function render(request, folder) {
	const path = new URL(request.url, 'http://localhost').pathname;
	const { headers } = request;

	return new Promise((resolve, reject) => {
		execFile(`${root}/${build}/tests/support/render_page`, [folder,
			path, headers['accept-language'] ?? '', headers.cookie ?? '',
			headers['accept-encoding'] ?? ''], { encoding: 'buffer' },
		(error, stdout) => error ? reject(error) : resolve(stdout));
	});
}

async function answer(request, response, folder) {
	const out = await render(request, folder);
	const end = out.indexOf('\n\n');
	const [status, ...headers] = out.subarray(0, end).toString().split('\n');

	response.statusCode = Number(status);
	for (const line of headers) {
		const colon = line.indexOf(': ');
		response.appendHeader(line.slice(0, colon), line.slice(colon + 2));
	}
	response.end(out.subarray(end + 2));
}

/** Starts a server on a free port; {origin, close}. */
export async function serve(folder = fixtures) {
	const server = createServer((request, response) => {
		answer(request, response, folder).catch((error) => {
			response.statusCode = 599;
			response.end(String(error));
		});
	});

	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		origin: `http://localhost:${server.address().port}`,
		close: () => new Promise((resolve) => server.close(resolve)),
	};
}
