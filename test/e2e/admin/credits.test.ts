/** Granting and deducting tokens in the panel, also when responses are lost. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { eventuallyEqual, eventuallyPasses } from '../../support/eventually.ts';
import { intercept } from '../../support/intercept.ts';
import { type PanelSite, startPanelSite } from '../../support/panel.ts';

const GRANTS = '**/api/admin/grants/';

let site: PanelSite;
let boss: Person;
let page: Page;

before(async () => {
  site = await startPanelSite();
});
beforeEach(async () => {
  boss = await site.enter('boss');
  page = boss.page;
  await page.goto('/admin/credits');
});
afterEach(() => boss.leave());
after(() => site?.close());

async function look(list: string, reason = 'Term begins'): Promise<void> {
  await page.getByLabel('Users and tokens').fill(list);
  await page.getByLabel('Reason').fill(reason);
  await page.getByRole('button', { name: 'Preview' }).click();
}

/** Lets the booking reach the server but loses the response. */
function loseAnswers(): Promise<{ readonly end: () => void }> {
  return intercept(page, GRANTS, async (route) => {
    if (route.request().postDataJSON().dry_run) return route.continue();
    await route.fetch();
    return route.abort();
  });
}

test('tokens granted to one user show on the page that the grant started from', async () => {
  const [, grace] = site.ids;
  const before = (await site.tokensOf('grace')) ?? 0;
  await page.goto(`/admin/users/${grace}`);
  await page.getByRole('link', { name: 'Add or remove tokens' }).click();
  const list = page.getByLabel('Users and tokens');
  while ((await list.inputValue()) !== 'grace ') await page.waitForTimeout(20);
  await look('grace 1,000', 'A present');
  await page.getByText('1 account: 1,000 tokens added.').waitFor();
  await page.getByRole('button', { name: 'Apply to 1 account' }).click();
  await page.getByText('Added 1,000 tokens to grace.').waitFor();
  await page.getByRole('heading', { name: 'grace' }).waitFor();
  await page.getByText('Grant · A present').waitFor();
  assert.equal(await site.tokensOf('grace'), before + 1_000);
});

test('a list whose response was lost is booked once, also when it is sent again from the form', async () => {
  const before = (await site.tokensOf('alan')) ?? 0;
  const interception = await loseAnswers();
  await look('alan 70');
  await page.getByRole('button', { name: 'Apply to 1 account' }).click();
  await page.getByText('it is not known whether this was applied').waitFor();
  await eventuallyEqual(() => page.locator('.toast').count(), 0);
  assert.equal(await site.tokensOf('alan'), before + 70);
  await page.getByRole('button', { name: 'Back to the list' }).click();
  await page.getByText('The server did not answer to a list you sent earlier').waitFor();
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('it is not known whether this was applied').waitFor();
  interception.end();
  // Users reload the page and paste the list again.
  await page.reload();
  await look('alan 70');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Added 70 tokens to alan.').waitFor();
  assert.equal(await site.tokensOf('alan'), before + 70);
  await eventuallyEqual(() => page.getByText('The server did not answer').count(), 0);
  // After a response the same list is a new booking.
  await look('alan 70');
  await page.getByRole('button', { name: 'Apply to 1 account' }).click();
  await page.getByText('Added 70 tokens to alan.').waitFor();
  assert.equal(await site.tokensOf('alan'), before + 140);
});

test('a refused request has a known outcome', async () => {
  const before = await site.tokensOf('edsger');
  await look('edsger -5');
  await page.route(GRANTS, (route) => route.fulfill({ status: 400, json: { detail: 'Not so.' } }));
  await page.getByRole('button', { name: 'Apply to 1 account' }).click();
  await page.locator('.toast').getByText('Not so.').waitFor();
  await eventuallyEqual(() => page.getByText('it is not known').count(), 0);
  assert.equal(await site.tokensOf('edsger'), before);
});

test('after a server error it is unknown whether the list was booked', async () => {
  await look('edsger 5');
  await page.route(GRANTS, (route) => route.fulfill({ status: 503, json: { detail: 'Busy.' } }));
  await page.getByRole('button', { name: 'Apply to 1 account' }).click();
  await page.getByText('it is not known whether this was applied').waitFor();
  await page.getByRole('button', { name: 'Back to the list' }).click();
  await page.getByRole('button', { name: 'I have checked' }).click();
  await eventuallyEqual(() => page.getByText('The server did not answer').count(), 0);
});

test('problems are listed first with their lines, and booking is not offered', async () => {
  await look('name,tokens\nada 1,000\nnobody 5\nalan -99,000,000\nada 3');
  await page.getByText('3 problems.').waitFor();
  const rows = await page.locator('tbody tr').allInnerTexts();
  assert.match(rows[0] ?? '', /nobody\s+Line 3: There is no such user\./);
  assert.match(rows[1] ?? '', /alan\s+Line 4: The balance is too low\./);
  assert.match(rows[2] ?? '', /ada\s+Line 5: This user is listed twice\./);
  assert.doesNotMatch(rows[3] ?? '', /Line/);
  await eventuallyEqual(() => page.getByRole('button', { name: 'Apply' }).count(), 0);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const text of ['Line 4: The balance is too low', 'After']) {
    await eventuallyPasses(async () => {
      const box = await page.getByText(text).boundingBox();
      assert.ok(box && box.x + box.width <= 390, text);
    });
  }
});

test('a list with invalid lines is not sent; each error is shown by its line', async () => {
  const sent: string[] = [];
  page.on('request', (it) => {
    if (it.url().includes('/grants/')) sent.push(it.url());
  });
  await look(`ada 5\nalan\ngrace,1,000\nada ${'9'.repeat(17)}`);
  const alert = page.getByRole('alert');
  await alert.getByText('Line 2: a username followed by a whole number').waitFor();
  await alert.getByText('Line 3: 1,000 after a comma can be read in two ways').waitFor();
  await alert.getByText(/^Line 4: 9+ is too large/).waitFor();
  // Pasted at once: typing it line by line would take the browser too long.
  await page.getByLabel('Users and tokens').evaluate((field: { value: string }) => {
    field.value = 'ada 1\n'.repeat(10_001);
  });
  await page.getByLabel('Users and tokens').dispatchEvent('input');
  await page.getByRole('button', { name: 'Preview' }).click();
  await alert
    .getByText('The list has 10,001 lines; at most 10,000 can be applied at once.')
    .waitFor();
  assert.deepEqual(sent, []);
});

test('errors that the server finds are shown by their lines', async () => {
  await page.route(GRANTS, (route) =>
    route.fulfill({ status: 400, json: { 'to/1/tokens': ['Not a valid value.'] } }),
  );
  await look('name tokens\nada 5\n\nalan 6');
  await page.getByRole('alert').getByText('Line 4: Not a valid value.').waitFor();
});

test('a draft is still there after visiting another page', async () => {
  await page.getByLabel('Users and tokens').fill('ada 5');
  await page.getByRole('navigation').getByRole('link', { name: 'Users' }).click();
  await page.locator('tbody tr').first().waitFor();
  await page.getByRole('navigation').getByRole('link', { name: 'Credits' }).click();
  await eventuallyEqual(() => page.getByLabel('Users and tokens').inputValue(), 'ada 5');
});
