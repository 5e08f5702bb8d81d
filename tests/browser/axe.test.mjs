// Every state of every page, as a browser sees it: accessible (axe-core, all
// rules), complete, within its width, and quiet on the console.
//
//	PAGES_MATRIX=all node --test tests/browser/axe.test.mjs
//
// looks at light and dark, both directions, wide and 320 px; without it only
// at two corners of that.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { chromium } from 'playwright-core';

import { pages, serve } from '../support/pages.mjs';

const axe = readFileSync(createRequire(import.meta.url)
	.resolve('axe-core/axe.min.js'), 'utf8');
const program = process.env.CHROMIUM ?? '/usr/bin/chromium';

const wide = { width: 1280, height: 800 };
const narrow = { width: 320, height: 640 };
const corners = [
	{ colorScheme: 'light', viewport: wide, dir: 'ltr', locale: 'en' },
	{ colorScheme: 'dark', viewport: narrow, dir: 'rtl', locale: 'de' },
];
const all = ['light', 'dark'].flatMap((colorScheme) => [wide, narrow]
	.flatMap((viewport) => ['ltr', 'rtl'].map((dir) => (
		{ colorScheme, viewport, dir, locale: 'en' }))));
const matrix = process.env.PAGES_MATRIX === 'all' ? all : corners;

let server;
let browser;

before(async () => {
	server = await serve();
	browser = await chromium.launch({ executablePath: program,
		args: ['--no-sandbox'] });
});

after(async () => {
	await browser?.close();
	await server?.close();
});

/** What axe-core finds, one line each. */
async function violations(page) {
	await page.evaluate(axe);
	const { violations } = await page.evaluate(() => axe.run(document,
		{ resultTypes: ['violations'] }));

	return violations.map(({ id, nodes }) =>
		`${id}: ${nodes.map(({ html }) => html.slice(0, 90)).join(' | ')}`);
}

/** Rules of ours, read from the document. */
function facts() {
	const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
	const root = document.documentElement;
	const small = [...document.querySelectorAll('button, a[href], input:not([type=hidden])')]
		.filter((one) => !one.matches('.skip') && one.checkVisibility())
		.filter((one) => one.getBoundingClientRect().height < 20);

	return {
		headings: document.querySelectorAll('h1').length,
		title: / – Acme$/.test(document.title),
		twice: ids.filter((id, i) => ids.indexOf(id) !== i),
		overflow: Math.max(0, root.scrollWidth - innerWidth),
		landmarks: ['header', 'main', 'footer']
			.filter((name) => !document.querySelector(name)),
		small: small.map(({ outerHTML }) => outerHTML.slice(0, 80)),
	};
}

const sound = { headings: 1, title: true, twice: [], overflow: 0,
	landmarks: [], small: [] };

for (const name of pages) {
	test(`page ${name}`, { timeout: 300000 }, async () => {
		for (const { dir, ...how } of matrix) {
			const context = await browser.newContext(how);
			const page = await context.newPage();
			const said = [];

			page.on('console', (message) => {
				if (!message.text().startsWith('Failed to load resource: '
					+ 'the server responded with a status of 4')
					&& !message.text().includes('status of 503'))
					said.push(message.text());
			});
			page.on('pageerror', (error) => said.push(String(error)));
			await page.goto(`${server.origin}/page/${name}`);
			await page.evaluate((to) => {
				document.documentElement.dir = to;
			}, dir);

			const where = `${name} ${JSON.stringify({ dir, ...how })}`;
			assert.deepEqual(await violations(page), [], where);
			assert.deepEqual(await page.evaluate(facts), sound, where);
			assert.deepEqual(said, [], where);
			await context.close();
		}
	});
}

test('text spacing of WCAG 1.4.12 loses nothing', async () => {
	const context = await browser.newContext({ viewport: narrow });
	const page = await context.newPage();

	for (const name of pages) {
		await page.goto(`${server.origin}/page/${name}`);
		await page.evaluate(() => {
			const sheet = new CSSStyleSheet();

			sheet.replaceSync('* { line-height: 1.5 !important;'
				+ ' letter-spacing: .12em !important;'
				+ ' word-spacing: .16em !important; }');
			document.adoptedStyleSheets = [sheet];
		});
		assert.equal((await page.evaluate(facts)).overflow, 0, name);
	}
	await context.close();
});

test('without scripts the page says so and offers the other ways', async () => {
	const context = await browser.newContext({ javaScriptEnabled: false });
	const page = await context.newPage();

	await page.goto(`${server.origin}/page/login`);
	assert.equal(await page.isVisible('#passkey'), false);
	assert.equal(await page.isVisible('noscript .note'), true);
	assert.equal(await page.isVisible('a[href^="/login/other"]'), true);
	await context.close();
});

/** Bytes and requests of one cold visit, headers included. */
async function cold(path) {
	const context = await browser.newContext();
	const page = await context.newPage();
	const cdp = await context.newCDPSession(page);
	const urls = new Map();
	let bytes = 0;

	await cdp.send('Network.enable');
	cdp.on('Network.requestWillBeSent', ({ requestId, request }) =>
		urls.set(requestId, request.url));
	cdp.on('Network.loadingFinished', ({ encodedDataLength }) => {
		bytes += encodedDataLength;
	});
	await page.goto(server.origin + path);
	await page.waitForLoadState('networkidle');
	await context.close();
	return { bytes, urls: [...urls.values()] };
}

test('a cold visit of the sign-in page is at most 12 KB and 5 requests',
	async () => {
		const { bytes, urls } = await cold('/page/login');

		console.log(`# sign-in page, cold: ${bytes} bytes, ${urls.length} requests`);
		assert.ok(bytes <= 12 * 1024, `${bytes} bytes`);
		assert.ok(urls.length <= 5, urls.join('\n'));
		assert.deepEqual(urls.filter((url) => !url.startsWith(server.origin)),
			[]);
	});
