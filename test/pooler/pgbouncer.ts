/**
 * `npm run test:pooler`: servers whose connections go through a real PgBouncer in transaction mode.
 * Needs the program `pgbouncer` (Debian's package of that name), or one named by `PGBOUNCER`.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { getWith, postJson, send } from '../support/http.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { newUser, runChit, startServer, type TestServer } from '../support/server.ts';

const PROGRAM = process.env.PGBOUNCER ?? 'pgbouncer';
const VERSION = /(\d+)\.(\d+)/.exec(execFileSync(PROGRAM, ['--version'], { encoding: 'utf8' }));
/** Since 1.21 it can keep prepared statements, and does so by default. */
const KNOWS_PREPARED = Number(VERSION?.[1]) > 1 || Number(VERSION?.[2]) >= 21;
const IGNORED = 'statement_timeout,lock_timeout,idle_in_transaction_session_timeout';

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

interface Pooler {
  readonly host: string;
  stop(): void;
}

/** Starts PgBouncer in front of PostgreSQL. */
async function startPooler(settings: Readonly<Record<string, string>>): Promise<Pooler> {
  const folder = mkdtempSync(join(tmpdir(), 'chit-pooler-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const { hostname, port: postgresPort } = new URL(postgres.url);
  const lines = Object.entries({
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'plain',
    auth_file: join(folder, 'users.txt'),
    pool_mode: 'transaction',
    default_pool_size: '4',
    max_client_conn: '200',
    ...settings,
  }).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(join(folder, 'users.txt'), '"chit" "chit"\n');
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    `[databases]\n* = host=${hostname} port=${postgresPort}\n[pgbouncer]\n${lines.join('\n')}\n`,
  );
  // It refuses to run as root.
  const runAs = process.getuid?.() === 0 ? idsOf('nobody') : {};
  const child = spawn(PROGRAM, [join(folder, 'pgbouncer.ini')], { ...runAs, stdio: 'pipe' });
  await listening(child);
  return {
    host: `127.0.0.1:${port}`,
    stop: () => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function idsOf(user: string) {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      if (output.length < 10_000) output += chunk.toString();
      if (/process up/.test(output)) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`PgBouncer does not start:\n${output}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** The URL of a new database through poolers. */
async function urlThrough(...poolers: readonly Pooler[]): Promise<string> {
  const { pathname } = new URL(await postgres.newDatabase());
  return `postgres://chit:chit@${poolers.map(({ host }) => host).join(',')}${pathname}`;
}

/** Asks PostgreSQL itself. */
async function queryDirectly(url: string, text: string): Promise<pg.QueryResult> {
  const direct = new URL(postgres.url);
  direct.pathname = new URL(url).pathname;
  const client = new pg.Client({ connectionString: direct.href });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

const CASES: readonly (readonly [string, Record<string, string>])[] = [
  ['which refuses the limits of sessions', {}],
  ['which ignores the limits of sessions', { ignore_startup_parameters: IGNORED }],
  ...(KNOWS_PREPARED
    ? ([
        ['without prepared statements', { max_prepared_statements: '0' }],
        ['with 200 prepared statements', { max_prepared_statements: '200' }],
      ] as const)
    : []),
];

for (const [name, settings] of CASES) {
  describe(`PgBouncer ${VERSION?.[0]} ${name}`, () => {
    let pooler: Pooler;
    let url: string;
    const servers: TestServer[] = [];
    const limits = { CHIT_REQUESTS_PER_MINUTE: '120', CHIT_CONCURRENT_GENERATIONS: '100' };

    before(async () => {
      pooler = await startPooler(settings);
      url = await urlThrough(pooler);
      // Both at once: the migration is carried out by one, and the other waits for it.
      const all = { CHIT_DATABASE_URL: url, ...limits };
      servers.push(...(await Promise.all([startServer(all), startServer(all)])));
    });
    after(async () => {
      await Promise.all(servers.map((it) => it.stop()));
      pooler.stop();
    });

    const at = (index: number) => (servers[index % 2] as TestServer).url;

    test('it is said that sessions have no limits', () => {
      for (const server of servers) assert.match(server.output(), /behind a pooler/);
    });

    test('no chat fails, on either server, and the ledger agrees', async () => {
      for (let user = 0; user < 3; user += 1) {
        const { access } = await newUser(at(user), `user-${user}`);
        const sent = Array.from({ length: 40 }, (_, index) =>
          postJson(`${at(index)}/api/chat/`, { message: `message ${index}` }, access),
        );
        const statuses = (await Promise.all(sent)).map(({ status }) => status);
        assert.deepEqual(new Set(statuses), new Set([200]), String(statuses));
      }
      const { stdout } = await runChit(servers[0]?.folder ?? '', ['ledger', 'verify'], {
        settings: { CHIT_DATABASE_URL: url },
      });
      assert.match(stdout, /agree/i);
    });

    test('a server that starts while others are busy does not leave a lock behind', async () => {
      const { access } = await newUser(at(0), 'busy');
      const chats = Array.from({ length: 60 }, (_, index) =>
        postJson(`${at(index)}/api/chat/`, { message: 'Hello' }, access),
      );
      const third = await startServer({ CHIT_DATABASE_URL: url });
      await Promise.all(chats);
      await third.stop();
      const { rows } = await queryDirectly(
        url,
        "SELECT count(*)::int AS locks FROM pg_locks WHERE locktype = 'advisory'",
      );
      assert.deepEqual(rows, [{ locks: 0 }]);
    });

    test('limits are shared, and none of it is known to other sessions', async () => {
      const { access } = await newUser(at(0), 'limited');
      const sent = Array.from({ length: 180 }, (_, index) =>
        postJson(`${at(index)}/api/chat/`, { message: 'Hello' }, access),
      );
      const answers = await Promise.all(sent);
      const refused = answers.filter(({ headers }) => headers['chit-error'] === 'rate_limited');
      assert.ok(answers.length - refused.length <= 120);
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      for (let turn = 0; turn < 8; turn += 1) {
        const { rows } = await client.query(
          `SELECT current_setting('lock_timeout') AS lock, current_setting('statement_timeout')
            AS statement`,
        );
        assert.deepEqual(rows, [{ lock: '0', statement: '0' }]);
      }
      await client.end();
    });

    test('long reads and sign-in work', async () => {
      const { access } = await newUser(at(1), 'reader');
      assert.equal((await getWith(`${at(0)}/api/conversations/`, access)).status, 200);
      assert.equal((await getWith(`${at(1)}/api/tokens/history/`, access)).status, 200);
      assert.equal((await send(`${at(0)}/readyz`)).status, 200);
    });
  });
}

test('two poolers in the URL: when one ends, the other is used', async () => {
  const poolers = [await startPooler({}), await startPooler({})] as const;
  const url = await urlThrough(...poolers);
  const server = await startServer({ CHIT_DATABASE_URL: url });
  try {
    const { access } = await newUser(server.url, 'steady');
    const chat = () => postJson(`${server.url}/api/chat/`, { message: 'Hello' }, access);
    assert.equal((await chat()).status, 200);
    poolers[0].stop();
    assert.equal((await chat()).status, 200);
    assert.equal((await send(`${server.url}/readyz`)).status, 200);
  } finally {
    await server.stop();
    poolers[1].stop();
  }
});

test('a pooler of single statements cannot work, and it is said', async () => {
  const pooler = await startPooler({ pool_mode: 'statement' });
  const url = await urlThrough(pooler);
  await assert.rejects(startServer({ CHIT_DATABASE_URL: url }), /statement pooling mode/);
  pooler.stop();
});
