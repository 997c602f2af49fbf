/** The page under a path of its host: loading, signing in, links, the panel, and a shared chat. */
import assert from 'node:assert/strict';
import { flatPrice } from '../../src/core/pricing.ts';
import { Person } from '../support/browser.ts';
import { after, before, test } from '../support/browser-test.ts';
import { script, scriptedModel } from '../support/scripted-model.ts';
import { type Site, startSite } from '../support/site.ts';

let site: Site;
let ada: Person;

before(async () => {
  site = await startSite([scriptedModel(flatPrice(1))], {
    CHIT_PUBLIC_URL: 'http://people.test/team/chat/',
  });
  ada = await Person.meet(site.browser, site.server.url);
});
after(() => site?.close());

test('everything stays under the path of the site', async () => {
  const { page } = ada;
  const outside: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (request.url().startsWith('http') && !pathname.startsWith('/team/chat/')) {
      outside.push(pathname);
    }
  });
  const shows = (path: string) => page.waitForURL(`${site.server.url}/team/chat${path}`);

  await page.goto('/team/chat/');
  await ada.enter();
  await ada.say(script({ say: 'Hello from below' }));
  await page.getByText('Hello from below', { exact: true }).waitFor();
  await shows('/c/*');
  await page.reload();
  await page.getByText('Hello from below', { exact: true }).waitFor();

  await page.locator('a.foot-name').click();
  await shows('/account');
  await page.locator('a.back').waitFor();
  assert.equal(await page.locator('a.back').getAttribute('href'), '/team/chat/');
  await page.goBack();
  await page.getByText('Hello from below', { exact: true }).waitFor();

  const shared = await page.evaluate(`fetch('/team/chat/api/session/refresh/', { method: 'POST' })
    .then((it) => it.status)`);
  assert.equal(shared, 200, 'the cookie is sent under the path');
  await page.goto('/team/chat/admin/');
  await page.getByRole('link', { name: 'To the chat' }).or(page.locator('main a')).first().click();
  await shows('/');
  await page.goto('/team/chat/nowhere/at/all');
  await page.locator('a.button').click();
  await shows('/');
  assert.deepEqual(outside, []);
  await ada.leave();
});
