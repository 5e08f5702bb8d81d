import { chromium } from 'playwright-core';
import { pages, serve } from './support/pages.mjs';
import { mkdirSync } from 'node:fs';
mkdirSync('/tmp/shots', {recursive:true});
const s = await serve();
const b = await chromium.launch({executablePath:'/usr/bin/chromium', args:['--no-sandbox']});
const only = process.argv[3] ? process.argv[3].split(',') : pages;
const modes = { light:{colorScheme:'light',viewport:{width:1000,height:720}}, dark:{colorScheme:'dark',viewport:{width:1000,height:720}}, phone:{colorScheme:'light',viewport:{width:320,height:640}} };
const want = (process.argv[2]||'light,dark,phone').split(',');
for (const m of want) {
  const c = await b.newContext({...modes[m], locale: process.env.LANG_ || 'en'});
  const p = await c.newPage();
  p.on('console', e => console.log(m, e.text()));
  for (const n of only) {
    await p.goto(`${s.origin}/page/${n}`);
    if (n==='leaving') await p.waitForTimeout(100);
    const w = await p.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (w>0) console.log('WIDE', m, n, w);
    await p.screenshot({path:`/tmp/shots/${n}-${m}.png`, fullPage:true});
  }
  await c.close();
}
await b.close(); await s.close();
