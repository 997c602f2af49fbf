/** What the panel says of a webhook whose receiver is gone. */
import assert from 'node:assert/strict';
import { makeWebhook, turnOffGone } from '../../../src/app/notices/webhooks.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { accessibilityViolations, horizontalOverflow, PASSWORD } from '../../support/browser.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { createAccount } from '../../support/chit.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

const BY = { actor: 'cli:test', address: undefined, user: undefined } as const;

let site: Site;
before(async () => {
  site = await startSite([scriptedModel(flatPrice(1))]);
});
after(() => site?.close());

test('a webhook that its receiver turned off says why, until somebody turns it on', async () => {
  const { context } = site.server.chit;
  await createAccount(context, {
    username: 'boss',
    password: PASSWORD,
    isStaff: true,
    isSuperuser: true,
  });
  const url = 'https://ops.example.org/hook';
  const wish = { name: 'Ops', url, kinds: ['backup.failed'], isActive: true } as const;
  const { id } = await makeWebhook(context, BY, wish);
  await turnOffGone(context, { id, url });
  const person = await site.meet('boss');
  const { page } = person;
  await page.goto('/admin/webhooks');
  await person.signIn();
  await page.getByRole('cell', { name: 'Off: its receiver is gone' }).waitFor();
  await page.getByRole('link', { name: 'Ops', exact: true }).click();
  const note = page.getByText(/^The receiver answered on .* gone for good \(410\)/);
  await note.waitFor();
  assert.equal(await horizontalOverflow(page), 0);
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.getByLabel('Send events').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await note.waitFor({ state: 'detached' });
  assert.equal((await context.webhooks.find(id))?.isActive, true);
  await person.leave();
});
