/** Users download what is stored about them, and are told when chats are deleted. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { flatPrice } from '../../../src/core/pricing.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

let site: Site;

before(async () => {
  site = await startSite([scriptedModel(flatPrice(100))], { CHIT_KEEP_CHATS_DAYS: '90' });
});
after(() => site?.close());

test('the account page says when chats go, and saves all data as one file', async () => {
  const ada = await site.meet();
  const { page, username } = ada;
  await ada.enter();
  await ada.say('keep this');
  await ada.answered();
  await ada.openAccount();
  await page.getByText('Chats are deleted 90 days after their last message.').waitFor();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Only as JSON' }).click();
  const download = await saved;
  assert.equal(download.suggestedFilename(), `${username}.json`);
  const data = JSON.parse(readFileSync(await download.path(), 'utf8'));
  assert.equal(data.account.username, username);
  assert.match(data.conversations[0].messages[0].content, /keep this/);
  await ada.leave();
});
