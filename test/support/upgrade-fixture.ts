/**
 * Makes the databases that `test/store/upgrade.test.ts` upgrades: a small one with rows in every
 * table, on both kinds of database, kept as SQL text in `test/store/upgrade/`. It is run once for
 * each version, when it is released, with a checkout of it in which `npm ci` has been run:
 *
 *     node test/support/upgrade-fixture.ts CHECKOUT VERSION
 *
 * It uses a server of that checkout as users and staff do, and kills it in the middle of a reply,
 * so that there are a lease, an open hold and a journal.
 */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { query } from './database.ts';
import { dumpDatabase } from './database-dump.ts';
import { DATABASES } from './databases.ts';
import { type Answer, getWith, postJson, send } from './http.ts';
import { startOwnPostgres } from './postgres.ts';
import { type ProviderEmulator, startProviderEmulator } from './providers/emulator.ts';
import { environmentWith, newFolder, startServer, type TestServer } from './server.ts';

const [checkout = '', version = ''] = process.argv.slice(2);
const PROGRAM = join(resolve(checkout), 'bin/chit.js');
const OUTPUT = join(import.meta.dirname, '../store/upgrade');
const PASSWORD = 'Pa55word!x';
/** Usage is summed up a minute after the fact, every ten seconds. */
const LONGEST_WAIT_MS = 120_000;

interface Site {
  readonly server: TestServer;
  readonly provider: ProviderEmulator;
  readonly settings: Record<string, string>;
}

const postgres = await startOwnPostgres();
process.env.CHIT_TEST_POSTGRES_URL = postgres.url;
try {
  for (const name of DATABASES) {
    process.env.TEST_DATABASE = name;
    const { sql } = await makeDatabase();
    writeFileSync(join(OUTPUT, `${version}-${name.toLowerCase()}.sql`), sql);
  }
} finally {
  await postgres.stop();
}

async function makeDatabase() {
  const folder = newFolder();
  const provider = await startProviderEmulator();
  const config = {
    providers: { emulated: { wire: 'openai', baseUrl: `${provider.url}/v1` } },
    models: [
      { name: 'flat', provider: 'emulated', price: { perMessage: 10 } },
      {
        name: 'metered',
        provider: 'emulated',
        price: { perMillionInput: 1_000, perMillionOutput: 1_000_000 },
      },
    ],
  };
  writeFileSync(join(folder, 'chit.json'), JSON.stringify(config));
  const server = await startServer({}, folder, [PROGRAM, 'serve']);
  const site: Site = {
    server,
    provider,
    settings: environmentWith({
      CHIT_SECRET_KEY: 'a secret key that only the tests of this project know',
      CHIT_DATABASE_URL: server.databaseUrl,
    }),
  };
  try {
    await fill(site);
    // This throws if it finds a fault.
    chit(site, ['ledger', 'verify']);
    return await dumpDatabase(server.databaseUrl);
  } finally {
    await server.kill();
    await provider.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(site: Site): Promise<void> {
  const { server, provider } = site;
  const { url, folder } = server;
  chit(site, ['createsuperuser', '--username', 'root'], PASSWORD);
  const root = await logIn(url, 'root');
  const ada = await signUp(url, 'ada');
  const bob = await signUp(url, 'bob');
  await signUp(url, 'carol');

  const body = { message: 'Hello', model: 'flat' };
  const chatHeaders = { 'idempotency-key': 'a key of chat', ...bearer(ada) };
  done(await send(`${url}/api/chat/`, json(body, chatHeaders)));
  done(
    await postJson(
      `${url}/api/chat/`,
      { message: "It's a 'quoted' question", model: 'metered' },
      ada,
    ),
  );
  // An error that is not retried.
  provider.behaveNext({ refuse: { status: 400 } });
  await postJson(`${url}/api/chat/`, { message: 'This fails', model: 'metered' }, ada);
  provider.behaveNext({ fault: { kind: 'cut', afterChunks: 4 } });
  await postJson(`${url}/api/chat/`, { message: 'This breaks off', model: 'metered' }, ada);
  done(await postJson(`${url}/api/chat/`, { message: 'From bob', model: 'flat' }, bob));
  // Reading the list moves messages that have no conversation into one.
  done(await getWith(`${url}/api/conversations/`, ada));
  const conversation = done(await postJson(`${url}/api/conversations/`, { title: 'Mine' }, ada));
  const { id } = conversation.json as { id: string };
  const question = { message: 'In a conversation', model: 'metered' };
  done(await postJson(`${url}/api/conversations/${id}/messages/`, question, ada));
  done(await postJson(`${url}/api/conversations/${id}/share/`, {}, ada));

  const created = done(await postJson(`${url}/api/keys/`, { name: 'editor', budget: 500 }, ada));
  const { key } = created.json as { key: string };
  const completion = { model: 'metered', messages: [{ role: 'user', content: 'Relayed' }] };
  const keyHeaders = { 'idempotency-key': 'a key of v1', authorization: `Bearer ${key}` };
  done(await send(`${url}/v1/chat/completions`, json(completion, keyHeaders)));

  chit(site, ['grant', 'ada', '250', '--reason', 'A gift', '--idempotency-key', 'a key of grant']);
  chit(site, ['grant', 'bob', '-50', '--reason', 'Taken back']);
  await until(site, "SELECT count(*) AS count FROM messages WHERE status = 'pending'", 0);
  const [charge] = await query(folder, 'SELECT max(id) AS id FROM transfers WHERE credits = -10');
  chit(site, ['refund', String(charge?.id), '--reason', 'It was not good']);
  chit(site, ['users', 'disable', 'carol']);
  const [bobRow] = await query(folder, "SELECT id FROM users WHERE username = 'bob'");
  done(await postJson(`${url}/api/admin/users/${bobRow?.id}/password-link/`, {}, root));
  chit(site, ['users', 'delete', 'carol', '--yes']);
  await until(site, 'SELECT count(*) AS count FROM usage_active', 3);

  provider.behave({ fault: { kind: 'hang', afterChunks: 5 } });
  const unfinished = { message: 'This is never finished', model: 'metered', stream: true };
  postJson(`${url}/api/chat/`, unfinished, ada).catch(() => undefined);
  await until(site, 'SELECT count(*) AS count FROM journal', 1);
  await server.kill();
}

function chit({ server, settings }: Site, args: readonly string[], input = ''): void {
  const options = { cwd: server.folder, env: settings, input };
  process.stdout.write(execFileSync(process.execPath, [PROGRAM, ...args], options));
}

/** Waits until a count is at least `count`; for 0, until it is 0. */
async function until({ server }: Site, sql: string, count: number): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const [row] = await query(server.folder, sql);
    const isReached = count === 0 ? row?.count === 0 : Number(row?.count) >= count;
    if (isReached) return;
    if (performance.now() - startedMs > LONGEST_WAIT_MS) throw new Error(`Timed out: ${sql}`);
    await setTimeout(250);
  }
}

async function signUp(url: string, username: string): Promise<string> {
  done(await postJson(`${url}/api/register/`, { username, password: PASSWORD }));
  return logIn(url, username);
}

async function logIn(url: string, username: string): Promise<string> {
  const login = done(await postJson(`${url}/api/login/`, { username, password: PASSWORD }));
  return (login.json as { access: string }).access;
}

function bearer(access: string): Record<string, string> {
  return { authorization: `Bearer ${access}` };
}

function json(body: unknown, headers: Record<string, string>) {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

function done(answer: Answer): Answer {
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`);
  return answer;
}
