/** `chit mail`: what was given up is listed and sent again, and mail is tried out. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MailDelivery } from '../../src/app/notices/deliver-mail.ts';
import { handOn } from '../../src/app/notices/hand-on.ts';
import { userNotice } from '../../src/app/notices/new-notice.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { newAccount, openTestChit } from '../support/chit.ts';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { databaseOf, newFolder } from '../support/server.ts';

const folder = newFolder();
let isFull = true;
let server: MailServer;
let settings: Record<string, string>;

before(async () => {
  const full = { status: 552, text: 'mailbox full' };
  server = await startMailServer({ refuse: () => (isFull ? full : undefined) });
  settings = {
    CHIT_SMTP_URL: server.url,
    CHIT_MAIL_FROM: 'Chit <chit@example.org>',
    CHIT_PUBLIC_URL: 'https://chat.example.org',
  };
});
after(() => server.stop());

const chit = (args: readonly string[], more: Record<string, string> = {}) =>
  runCommand(folder, ['mail', ...args], { settings: { ...settings, ...more } });

/** Does what a running server would do. */
async function serving(work: (it: Awaited<ReturnType<typeof openTestChit>>) => Promise<unknown>) {
  const all = await openTestChit(await databaseOf(folder), scriptedModel(flatPrice(1)), settings);
  await work(all);
  await handOn(all.context);
  await new MailDelivery(all.context).run();
  await all.close();
}

test('mail that was given up is listed, and sent again: one, of a kind, or all', async () => {
  await serving(async ({ context, ...rest }) => {
    const userId = await newAccount({ context, ...rest });
    await context.emails.set(userId, 'anna@example.org', 1);
    const key = { name: 'cron', prefix: 'chit_abc' };
    const low = { tokens: 1, below: 400 };
    await context.notices.add([
      userNotice('key.new', userId, key),
      userNotice('key.new', userId, { ...key, name: 'other' }),
      userNotice('balance.low', userId, low),
    ]);
  });
  const listed = assertDone(await chit(['list', '--json']));
  const mails = listed.trimEnd().split('\n');
  const [first] = mails.map((it) => JSON.parse(it) as Record<string, string | null>);
  assert.equal(mails.length, 3);
  assert.deepEqual([first?.kind, first?.obstacle], ['balance.low', null]);
  assert.match(first?.last_error ?? '', /mailbox full/);
  assert.doesNotMatch(listed, /anna@example/);
  assert.match(assertDone(await chit(['list', '--kind', 'key.new'])), /^id +kind .*\n.*key\.new/);
  assert.equal(assertDone(await chit(['list', '--since', '2999-01-01'])), '');

  assertFailed(await chit(['retry']), 1, /Give the ids of mail, or --all/);
  assertFailed(await chit(['retry', 'x', '--all']), 1, /not both/);
  assertFailed(await chit(['retry', 'x']), 1, /no such mail/);
  assertFailed(await chit(['retry', '--since', 'monday']), 2, /no time such as/);
  assertFailed(await chit(['retry', '--all'], { CHIT_SMTP_URL: '' }), 1, /sends no mail/);
  isFull = false;
  assert.equal(assertDone(await chit(['retry', first?.id ?? ''])), '1 mail will be sent again.\n');
  assert.equal(
    assertDone(await chit(['retry', '--kind', 'key.new'])),
    '2 mails will be sent again.\n',
  );
  assert.equal(assertDone(await chit(['list'])), '');
  await serving(async () => undefined);
  const subjects = server.mails.map(({ subject = '' }) => subject.split(' ')[0]);
  assert.deepEqual(subjects.toSorted(), ['Few', 'New', 'New']);
});

test('a test mail says what the server answers, or what is wrong, in words', async () => {
  const args = ['test', 'root@example.org', '--language', 'de'];
  assert.match(assertDone(await chit(args)), /^The server for mail has taken it: 250 /);
  assert.equal(server.mails.at(-1)?.subject, 'Test-E-Mail von chat.example.org');
  isFull = true;
  assertFailed(await chit(args), 1, /does not accept mail to this address.*mailbox full/);
  const closed = { CHIT_SMTP_URL: 'smtp://127.0.0.1:1' };
  assertFailed(await chit(args, closed), 1, /No connection to the server of CHIT_SMTP_URL/);
  assertFailed(await chit(['test', 'nobody']), 2, /no address such as/);
});
