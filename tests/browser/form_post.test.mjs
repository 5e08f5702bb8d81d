// The answer to an app as a form that submits itself, under its own policy:
// it reaches another site, also when that one redirects on to a third.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { chromium } from 'playwright-core';

import { serve } from '../support/pages.mjs';

async function listen(handler) {
	const server = createServer(handler);

	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return server;
}

test('form_post reaches an app that redirects on', { timeout: 300000 },
	async () => {
		const folder = mkdtempSync(join(tmpdir(), 'permiso-form-post-'));
		const third = await listen((request, response) => response.end('there'));
		const there = `http://localhost:${third.address().port}/there`;
		let body = '';
		const app = await listen((request, response) => {
			request.on('data', (chunk) => { body += chunk; });
			request.on('end', () => {
				response.writeHead(303, { location: there });
				response.end();
			});
		});
		const target = `http://127.0.0.1:${app.address().port}/callback`;

		writeFileSync(join(folder, 'answer.json'), JSON.stringify({
			page: 'form_post',
			form_post: true,
			model: {
				title: 'T', lead: null, target: `url:${target}`,
				fields: [{ name: 'code', value: 'a"<b' },
					{ name: 'submit', value: 'x' }],
			},
		}));

		const server = await serve(folder);
		const browser = await chromium.launch({
			executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
			args: ['--no-sandbox'] });

		try {
			const page = await browser.newPage();
			const said = [];

			page.on('console', (message) => said.push(message.text()));
			await page.goto(`${server.origin}/page/answer`);
			await page.waitForURL(there);
			assert.deepEqual(Object.fromEntries(new URLSearchParams(body)),
				{ code: 'a"<b', submit: 'x' });
			assert.deepEqual(said, []);
		} finally {
			await browser.close();
			await server.close();
			app.close();
			third.close();
			rmSync(folder, { recursive: true });
		}
	});
