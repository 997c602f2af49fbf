/** The modes of TLS mean what libpq's mean, against a PostgreSQL with certificates. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_LIMITS, openPool } from '../../../src/store/database/postgres-pool.ts';
import { postgresAddress } from '../../../src/store/database/postgres-url.ts';
import { type OwnPostgres, startOwnPostgres } from '../../support/postgres.ts';

const CERTIFICATES = join(import.meta.dirname, '../../support/certificates');
const AUTHORITY = `sslrootcert=${join(CERTIFICATES, 'authority.crt')}`;
const OTHER_AUTHORITY = `sslrootcert=${join(CERTIFICATES, 'other-authority.crt')}`;

let withTls: OwnPostgres;
let without: OwnPostgres;
let folder: string;

before(async () => {
  without = await startOwnPostgres();
  folder = mkdtempSync(join(tmpdir(), 'chit-test-'));
  const { uid, gid } = statSync(without.data);
  chownSync(folder, uid, gid);
  const [cert, key] = ['server.crt', 'server.key'].map((name) => {
    const path = join(folder, name);
    copyFileSync(join(CERTIFICATES, name), path);
    chmodSync(path, 0o600);
    chownSync(path, uid, gid);
    return path;
  }) as [string, string];
  const settings = {
    ssl: 'on',
    ssl_cert_file: cert,
    ssl_key_file: key,
    ssl_ca_file: join(folder, 'authority.crt'),
    fsync: 'off',
  };
  copyFileSync(join(CERTIFICATES, 'authority.crt'), settings.ssl_ca_file);
  chownSync(settings.ssl_ca_file, uid, gid);
  withTls = await startOwnPostgres({ settings });
});
after(async () => {
  await Promise.all([withTls, without].map((it) => it.stop()));
  rmSync(folder, { recursive: true, force: true });
});

/** The version of TLS of a connection, or `none`, or the error. */
async function connected(server: OwnPostgres, host: string, parameters: string): Promise<string> {
  const { port } = new URL(server.url);
  let pool: ReturnType<typeof openPool> | undefined;
  try {
    pool = openPool(`postgres://chit:chit@${host}:${port}/postgres?${parameters}`, DEFAULT_LIMITS);
    const { rows } = await pool.query<{ version: string | null }>(
      'SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    return rows[0]?.version ?? 'none';
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return `${code} ${message}`;
  } finally {
    await pool?.end();
  }
}

/** Sets who may connect, and how. */
async function setHba(...lines: string[]): Promise<void> {
  writeFileSync(join(withTls.data, 'pg_hba.conf'), `${lines.join('\n')}\n`);
  const { port } = new URL(withTls.url);
  const ask = async (query: string) => {
    const local = openPool(`postgres://chit:chit@127.0.0.1:${port}/postgres`, DEFAULT_LIMITS);
    try {
      return (await local.query<{ it: string }>(query)).rows[0]?.it;
    } finally {
      await local.end();
    }
  };
  const readAt = 'SELECT pg_conf_load_time()::text AS it';
  const before = await ask(readAt);
  await ask('SELECT pg_reload_conf()::text AS it');
  // The postmaster reads it when it gets to it; a new connection knows, or is refused by then.
  for (const endMs = performance.now() + 30_000; ; await sleep(20)) {
    if ((await ask(readAt).catch(() => 'refused')) !== before) return;
    assert.ok(performance.now() < endMs, 'the file is not read');
  }
}

const ALL = 'host all all all scram-sha-256';

const CASES = [
  // A server with TLS, by its name and by an address that its certificate does not have.
  ['withTls', 'localhost', '', /^TLSv1\.3$/],
  ['withTls', 'localhost', 'sslmode=disable', /^none$/],
  ['withTls', 'localhost', 'sslmode=allow', /^none$/],
  ['withTls', 'localhost', 'sslmode=prefer', /^TLSv1\.3$/],
  ['withTls', '127.0.0.1', 'sslmode=prefer', /^TLSv1\.3$/],
  ['withTls', '127.0.0.1', `sslmode=prefer&${OTHER_AUTHORITY}`, /^TLSv1\.3$/],
  ['withTls', '127.0.0.1', 'sslmode=require', /^TLSv1\.3$/],
  ['withTls', '127.0.0.1', 'ssl=true', /^TLSv1\.3$/],
  ['withTls', '127.0.0.1', 'sslmode=no-verify', /^TLSv1\.3$/],
  ['withTls', '127.0.0.1', `sslmode=require&${AUTHORITY}`, /^TLSv1\.3$/],
  ['withTls', 'localhost', `sslmode=require&${OTHER_AUTHORITY}`, /SELF_SIGNED|UNABLE_TO|CERT/],
  ['withTls', '127.0.0.1', `sslmode=verify-ca&${AUTHORITY}`, /^TLSv1\.3$/],
  ['withTls', 'localhost', `sslmode=verify-ca&${OTHER_AUTHORITY}`, /SELF_SIGNED|UNABLE_TO|CERT/],
  ['withTls', 'localhost', `sslmode=verify-full&${AUTHORITY}`, /^TLSv1\.3$/],
  ['withTls', '127.0.0.1', `sslmode=verify-full&${AUTHORITY}`, /ERR_TLS_CERT_ALTNAME_INVALID/],
  ['withTls', 'localhost', `sslmode=verify-full&${OTHER_AUTHORITY}`, /SELF_SIGNED|UNABLE_TO|CERT/],
  ['withTls', 'localhost', 'sslmode=verify-full', /SELF_SIGNED|UNABLE_TO|CERT/],
  ['withTls', 'localhost', 'sslmode=verify-full&sslrootcert=system', /SELF_SIGNED|UNABLE_TO|CERT/],
  // A server without TLS.
  ['without', 'localhost', '', /^none$/],
  ['without', 'localhost', 'sslmode=allow', /^none$/],
  ['without', 'localhost', 'sslmode=prefer', /^none$/],
  ['without', 'localhost', 'sslmode=require', /does not support SSL/],
  ['without', 'localhost', `sslmode=verify-ca&${AUTHORITY}`, /does not support SSL/],
  ['without', 'localhost', `sslmode=verify-full&${AUTHORITY}`, /does not support SSL/],
  // What cannot be.
  ['withTls', 'localhost', 'sslmode=verify-ca', /needs the certificate of its authority/],
  ['withTls', 'localhost', 'sslmode=require&sslrootcert=system', /needs sslmode=verify-full/],
  ['withTls', 'localhost', 'sslmode=sometimes', /sslmode must be one of/],
  [
    'withTls',
    'localhost',
    'sslmode=verify-full&sslrootcert=/no/file',
    /sslrootcert cannot be read/,
  ],
  ['withTls', 'localhost', 'require_auth=scram-sha-256', /require_auth is not supported/],
] as const;

test('each mode, with the right and the wrong host and authority', async () => {
  for (const [server, host, parameters, expected] of CASES) {
    const at = server === 'withTls' ? withTls : without;
    assert.match(await connected(at, host, parameters), expected, `${host} ${parameters}`);
  }
});

test('where the server only takes one way, allow and prefer find it', async () => {
  await setHba('hostssl all all all scram-sha-256');
  assert.equal(await connected(withTls, 'localhost', 'sslmode=allow'), 'TLSv1.3');
  assert.match(await connected(withTls, 'localhost', 'sslmode=disable'), /^28000 .*no encryption/);
  await setHba('hostnossl all all all scram-sha-256');
  assert.equal(await connected(withTls, 'localhost', 'sslmode=prefer'), 'none');
  assert.match(await connected(withTls, 'localhost', 'sslmode=require'), /^28000 .*SSL encryption/);
  await setHba(ALL);
});

test('a wrong password is not sent again without TLS', async () => {
  const { port } = new URL(withTls.url);
  const pool = openPool(`postgres://chit:wrong@localhost:${port}/postgres`, DEFAULT_LIMITS);
  await assert.rejects(pool.query('SELECT 1'), { code: '28P01' });
  assert.notEqual(pool.options.ssl, false);
  await pool.end();
});

test('a certificate of the client is shown', async () => {
  await setHba('hostssl all all all cert', ALL);
  const own = ['sslcert=client.crt', 'sslkey=client.key'].map((it) =>
    it.replace('=', `=${CERTIFICATES}/`),
  );
  assert.equal(
    await connected(withTls, 'localhost', `sslmode=require&${own.join('&')}`),
    'TLSv1.3',
  );
  assert.match(await connected(withTls, 'localhost', 'sslmode=require'), /^28000 .*certificate/);
  await setHba(ALL);
});

test('neither a Unix socket nor an address without a name is misread', () => {
  const socket = postgresAddress('postgres://ada@%2Frun%2Fpg/chit?sslmode=require');
  assert.deepEqual(socket.targets, [
    { hostIndex: 0, host: '/run/pg', port: undefined, ssl: false },
  ]);
  const { targets, settings } = postgresAddress(
    'postgres://ada:p%40ss@[::1]:5433,b.example/chit%2Done?sslmode=disable&application_name=x',
  );
  assert.deepEqual(targets, [
    { hostIndex: 0, host: '::1', port: 5433, ssl: false },
    { hostIndex: 1, host: 'b.example', port: 5432, ssl: false },
  ]);
  assert.deepEqual(settings, {
    user: 'ada',
    password: 'p@ss',
    database: 'chit-one',
    application_name: 'x',
  });
  const listed = postgresAddress('postgres:///chit?host=a,b&port=6000&sslmode=disable');
  assert.deepEqual(
    listed.targets.map(({ host, port }) => [host, port]),
    [
      ['a', 6_000],
      ['b', 6_000],
    ],
  );
});
