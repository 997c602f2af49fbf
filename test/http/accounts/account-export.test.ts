/** Users export all that is stored about them, and nothing that is secret or of others. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertDone, assertFailed } from '../../support/cli.ts';
import { runCommand } from '../../support/command-runner.ts';
import { query } from '../../support/database.ts';
import { getWith, postJson } from '../../support/http.ts';
import { newUser, startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ada: string;
let bob: string;

interface Exported {
  readonly account: Record<string, unknown>;
  readonly api_keys: readonly { readonly name: string }[];
  readonly sessions: readonly object[];
  readonly groups: readonly object[];
  readonly vouchers: readonly object[];
  readonly statement: readonly { readonly kind: string }[];
  readonly log: readonly { readonly action: string; readonly by: string }[];
  readonly conversations: readonly {
    readonly title: string;
    readonly messages: readonly { readonly content: string }[];
  }[];
  readonly other_messages: readonly { readonly content: string; readonly cost: number }[];
}

before(async () => {
  server = await startServer({ CHIT_KEEP_CHATS_DAYS: '90' });
  [ada, bob] = [
    (await newUser(server.url, 'ada')).access,
    (await newUser(server.url, 'bob')).access,
  ];
});
after(() => server.stop());

async function exportOf(token: string): Promise<Exported> {
  const response = await getWith(`${server.url}/api/account/export/`, token);
  assert.equal(response.status, 200, response.text);
  assert.match(response.headers['content-disposition'] ?? '', /filename="account\.json"/);
  return JSON.parse(response.text) as Exported;
}

test('a new account exports little', async () => {
  const { conversations, other_messages: messages, statement, log } = await exportOf(bob);
  assert.deepEqual([conversations, messages, log], [[], [], []]);
  assert.deepEqual(
    statement.map(({ kind }) => kind),
    ['grant'],
  );
});

test('all of it is there, and neither secrets nor what others wrote', async () => {
  const { url } = server;
  const ask = (path: string, body: object, token = ada) => postJson(`${url}${path}`, body, token);
  for (const title of ['first', 'empty', 'long']) {
    const { id } = (await ask('/api/conversations/', { title })).json as { id: string };
    const count = { first: 2, empty: 0, long: 3 }[title] ?? 0;
    for (let index = 0; index < count; index += 1) {
      const message = `${title} ${index} ${'x'.repeat(title === 'long' ? 60_000 : 5)}`;
      await ask(`/api/conversations/${id}/messages/`, { message });
      for (;;) {
        const { json } = await getWith(`${url}/api/conversations/${id}/messages/`, ada);
        const { messages } = json as { messages: { status: string }[] };
        if (messages.every(({ status }) => status !== 'pending')) break;
      }
    }
  }
  await ask('/api/chat/', { message: 'outside "quoted"' });
  await ask('/api/chat/', { message: 'of bob' }, bob);
  const { key } = (await ask('/api/keys/', { name: 'editor' })).json as { key: string };
  const { id } = (await ask('/api/keys/', { name: 'old one' })).json as { id: string };
  await fetch(`${url}/api/keys/${id}/`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${ada}` },
  });
  assertDone(await runCommand(server.folder, ['grant', 'ada', '5', '--reason', 'a gift']));

  const text = (await getWith(`${url}/api/account/export/`, ada)).text;
  const all = JSON.parse(text) as Exported;
  assert.equal(all.account.username, 'ada');
  assert.deepEqual(
    all.api_keys.map(({ name }) => name),
    ['old one', 'editor'],
  );
  assert.ok(all.sessions.length > 0);
  assert.deepEqual([all.groups, all.vouchers], [[], []]);
  const shown = all.conversations.map(({ title, messages }) => [
    title,
    messages.map(({ content }) => content.slice(0, title.length + 2)),
  ]);
  assert.deepEqual(shown.toSorted(), [
    ['empty', []],
    ['first', ['first 0', 'first 1']],
    ['long', ['long 0', 'long 1', 'long 2']],
  ]);
  assert.deepEqual(
    all.other_messages.map(({ content }) => content),
    ['outside "quoted"'],
  );
  const kinds = Map.groupBy(all.statement, ({ kind }) => kind);
  assert.deepEqual([kinds.get('charge')?.length, kinds.get('grant')?.length], [6, 2]);
  assert.deepEqual(
    all.log.map(({ action, by }) => [action, by]),
    [['credits.grant', 'operator']],
  );
  assert.ok(!text.includes('of bob'));
  const secrets = await query(
    server.folder,
    'SELECT password_hash AS it FROM users UNION ALL SELECT secret_hash FROM api_keys ' +
      'UNION ALL SELECT jti FROM refresh_tokens',
  );
  for (const { it } of [...secrets, { it: key }, { it: ada }]) assert.ok(!text.includes(`${it}`));
});

test('the command exports the same into a file of its own, and that is logged', async () => {
  const export_ = (...args: string[]) => runCommand(server.folder, ['users', 'export', ...args]);
  assertDone(await export_('ada', 'ada.json'));
  const file = join(server.folder, 'ada.json');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const fromFile = JSON.parse(readFileSync(file, 'utf8')) as Exported;
  const { log, ...rest } = await exportOf(ada);
  // When a user was last seen is written a little later.
  const comparable = (it: Omit<Exported, 'log'>) => ({
    ...it,
    account: { ...it.account, last_seen: null },
    log: [],
    exported_at: '',
  });
  assert.deepEqual(comparable(fromFile), comparable(rest));
  assert.equal(log[0]?.action, 'user.export');
  assertFailed(await export_('ada', 'ada.json'), 1, /There is a file ada.json already/);
  assertFailed(await export_('nobody', 'new.json'), 1, /There is no user named "nobody"/);
  assert.equal(JSON.parse(assertDone(await export_('bob', '-'))).account.username, 'bob');
});

test('nobody exports more than ten times an hour, and nobody without a token', async () => {
  const statuses: number[] = [];
  for (let index = 0; index < 10; index += 1) {
    statuses.push((await getWith(`${server.url}/api/account/export/`, bob)).status);
  }
  assert.deepEqual([...new Set(statuses)], [200, 429]);
  const limited = await getWith(`${server.url}/api/account/export/`, bob);
  assert.ok(Number(limited.headers['retry-after']) > 0);
  assert.equal((await fetch(`${server.url}/api/account/export/`)).status, 401);
});

test('users are told how long chats are kept', async () => {
  const { json } = await getWith(`${server.url}/api/me/`, ada);
  assert.equal((json as { chats_kept_days: number }).chats_kept_days, 90);
});
