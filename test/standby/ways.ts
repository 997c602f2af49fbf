/** What may stand between servers and the pair: nothing, HAProxy, or PgBouncer and HAProxy. */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Pair } from './pair.ts';
import { ask, freePort, giveAway, Program, until } from './programs.ts';

const START_WITHIN_MS = 20_000;

/** Starts what stands in the way, and resolves to the HOST:PORT that servers connect to. */
export type Way = (pair: Pair, folder: string, stack: AsyncDisposableStack) => Promise<string>;

export const WAYS: Readonly<Record<'hosts' | 'haproxy' | 'pgbouncer', Way>> = {
  hosts: async ({ hosts }) => hosts.join(','),
  haproxy: startHaproxy,
  pgbouncer: async (pair, folder, stack) =>
    startPgbouncer(await startHaproxy(pair, folder, stack), folder, stack),
};

/** Says on a port of its own with 200 or 503 whether a database is the primary, as Patroni does. */
async function startCheck(host: string, stack: AsyncDisposableStack): Promise<number> {
  const url = `postgres://chit:chit@${host}/postgres`;
  const server = createServer((_request, response) => {
    ask<{ is_standby: boolean }>(url, 'SELECT pg_is_in_recovery() AS is_standby').then(
      ([row]) => response.writeHead(row?.is_standby === false ? 200 : 503).end(),
      () => response.writeHead(503).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

async function startHaproxy(
  pair: Pair,
  folder: string,
  stack: AsyncDisposableStack,
): Promise<string> {
  const port = await freePort();
  const servers = await Promise.all(
    pair.hosts.map(async (host, index) => {
      const check = await startCheck(host, stack);
      return `  server database${index} ${host} check addr 127.0.0.1 port ${check}`;
    }),
  );
  const home = join(folder, 'haproxy');
  mkdirSync(home);
  const path = join(home, 'haproxy.cfg');
  const lines = [
    'defaults',
    '  mode tcp',
    '  timeout connect 1s',
    '  timeout check 1s',
    // A connection that is refused is tried at the other one, instead of a second later here.
    '  option redispatch 1',
    '  timeout client 1h',
    '  timeout server 1h',
    'listen postgres',
    `  bind 127.0.0.1:${port}`,
    '  option httpchk GET /',
    '  http-check expect status 200',
    // Who is no longer the primary loses its connections, so that nobody goes on writing there.
    '  default-server inter 300ms fall 2 rise 1 on-marked-down shutdown-sessions',
    ...servers,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  for (const it of [home, path]) giveAway(it);
  return started(new Program('haproxy', ['-db', '-f', path]), `127.0.0.1:${port}`, stack);
}

async function startPgbouncer(
  behind: string,
  folder: string,
  stack: AsyncDisposableStack,
): Promise<string> {
  const port = await freePort();
  const [host, portBehind] = behind.split(':');
  const home = join(folder, 'pgbouncer');
  mkdirSync(home);
  const [path, users] = [join(home, 'pgbouncer.ini'), join(home, 'users.txt')];
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'plain',
    auth_file: users,
    pool_mode: 'transaction',
    default_pool_size: '20',
    max_client_conn: '200',
    // By default it waits for 15 seconds after a connection that could not be made.
    server_login_retry: '0.5',
    server_connect_timeout: '2',
    ignore_startup_parameters: 'statement_timeout,lock_timeout,idle_in_transaction_session_timeout',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(users, '"chit" "chit"\n');
  writeFileSync(
    path,
    `[databases]\n* = host=${host} port=${portBehind}\n[pgbouncer]\n${lines.join('\n')}\n`,
  );
  for (const it of [home, path, users]) giveAway(it);
  return started(new Program('pgbouncer', [path]), `127.0.0.1:${port}`, stack);
}

async function started(
  program: Program,
  host: string,
  stack: AsyncDisposableStack,
): Promise<string> {
  stack.defer(() => program.killed());
  const url = `postgres://chit:chit@${host}/postgres`;
  await until(`it starts: ${program.output}`, START_WITHIN_MS, async () => {
    return (await ask(url, 'SELECT 1')).length === 1;
  });
  return host;
}
