/** A primary and a synchronous standby of Debian's PostgreSQL, put together by hand. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { ask, freePort, giveAway, Program, run, until } from './programs.ts';

const BIN = globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1) ?? '';
const START_WITHIN_MS = 60_000;
const IN_SYNC_WITHIN_MS = 60_000;

/**
 * In the file, since `pg_rewind` starts a server by itself; it needs hints in the write-ahead log.
 * The machine is never lost, so what is on the disk does not matter.
 */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  wal_log_hints: 'on',
  wal_keep_size: '1GB',
  synchronous_commit: 'on',
  wal_receiver_timeout: '2s',
  wal_retrieve_retry_interval: '200ms',
};

/** What a failover did, and when. */
export interface Failover {
  /** When the primary was killed. */
  readonly killedMs: number;
  /** When the other one could write. */
  readonly promotedMs: number;
  /** When both were in sync again, so that the next one may be killed. */
  readonly inSyncMs: number;
  /** How the killed one became a standby. */
  readonly rebuiltWith: string;
}

/** Two databases of which one is the primary. */
export interface Pair {
  /** HOST:PORT of both. */
  readonly hosts: readonly string[];
  /** Of the database that can be written, at this moment. */
  readonly primaryUrl: string;
  /**
   * Kills the primary; the standby takes over, and the killed one becomes its standby.
   * @param lagMs for so long before the kill nothing that is written reaches the standby
   */
  failOver(lagMs: number): Promise<Failover>;
}

/** The version of the PostgreSQL that is used. */
export const postgresVersion = /postgresql\/(\d+)/.exec(BIN)?.[1] ?? 'none';

class Node {
  readonly data: string;
  readonly port: number;
  /** Between it and its standby. */
  readonly proxy: TcpProxy;
  program: Program | undefined;

  constructor(data: string, port: number, proxy: TcpProxy) {
    this.data = data;
    this.port = port;
    this.proxy = proxy;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `postgres://chit:chit@${this.host}/postgres`;
  }

  get conninfo(): string {
    return `host=127.0.0.1 port=${this.proxy.port} user=chit password=chit dbname=postgres`;
  }

  async start(): Promise<void> {
    const flags = ['-D', this.data, '-c', `port=${this.port}`];
    const program = new Program(join(BIN, 'postgres'), flags);
    this.program = program;
    await until(`PostgreSQL starts: ${program.output}`, START_WITHIN_MS, async () => {
      if (program.hasEnded) throw new Error(`PostgreSQL ended: ${program.output}`);
      return (await ask(this.url, 'SELECT 1')).length === 1;
    });
  }

  async baseBackupOf(source: Node): Promise<void> {
    rmSync(this.data, { recursive: true, force: true });
    const from = ['-d', source.conninfo, '-D', this.data];
    await run(join(BIN, 'pg_basebackup'), [...from, '-X', 'stream', '-c', 'fast', '-R', '-N']);
  }

  /** Makes what was a primary a standby of the one that took over. */
  async rewindTo(source: Node): Promise<void> {
    // Before PostgreSQL 16 the new timeline is read from the last checkpoint.
    await ask(source.url, 'CHECKPOINT');
    const from = [`--source-server=${source.conninfo}`, `--target-pgdata=${this.data}`];
    await run(join(BIN, 'pg_rewind'), [...from, '--write-recovery-conf', '--no-sync']);
  }
}

/**
 * Starts both, in a folder that is removed with the stack.
 * @param isSynchronous whether commits wait for the standby
 */
export async function startPair(
  folder: string,
  stack: AsyncDisposableStack,
  isSynchronous = true,
): Promise<Pair> {
  if (!existsSync(join(BIN, 'pg_rewind'))) {
    throw new Error("Debian's PostgreSQL is not installed (apt-get install postgresql).");
  }
  chmodSync(folder, 0o755);
  const home = join(folder, 'pair');
  const password = join(folder, 'password');
  mkdirSync(home);
  writeFileSync(password, 'chit\n');
  for (const path of [home, password]) giveAway(path);
  const newNode = async (name: string) => {
    const port = await freePort();
    const proxy = await startTcpProxy(port);
    stack.defer(() => proxy.stop());
    return new Node(join(home, name), port, proxy);
  };
  let primary = await newNode('one');
  let standby = await newNode('two');
  const nodes = [primary, standby];
  stack.defer(async () => {
    await Promise.all(nodes.map(({ program }) => program?.killed()));
  });
  const flags = ['-D', primary.data, '-U', 'chit', `--pwfile=${password}`, '-A', 'scram-sha-256'];
  await run(join(BIN, 'initdb'), [...flags, '-E', 'UTF8', '--locale=C', '-N']);
  const settings = Object.entries(SETTINGS).map(([name, value]) => `${name} = '${value}'\n`);
  appendFileSync(join(primary.data, 'postgresql.conf'), settings.join(''));
  await primary.start();
  await standby.baseBackupOf(primary);
  await standby.start();
  const makeStandby = isSynchronous ? makeSynchronous : untilCaughtUp;
  await makeStandby(primary);
  return {
    hosts: nodes.map(({ host }) => host),
    get primaryUrl() {
      return primary.url;
    },
    failOver: async (lagMs) => {
      if (lagMs > 0) primary.proxy.stall({ andNew: true });
      await sleep(lagMs);
      const killedMs = Date.now();
      await primary.program?.killed();
      primary.proxy.resume();
      // It has no standby yet. Until it has one it commits alone, or nobody could be served.
      await ask(standby.url, "ALTER SYSTEM SET synchronous_standby_names = ''");
      await ask(standby.url, 'SELECT pg_promote(true, 60)');
      const promotedMs = Date.now();
      [primary, standby] = [standby, primary];
      const rebuiltWith = await rebuild(standby, primary);
      await makeStandby(primary);
      return { killedMs, promotedMs, inSyncMs: Date.now(), rebuiltWith };
    },
  };
}

async function rebuild(node: Node, source: Node): Promise<string> {
  try {
    await node.rewindTo(source);
    await node.start();
    await untilStreaming(source);
    return 'pg_rewind';
  } catch {
    await node.program?.killed();
    await node.baseBackupOf(source);
    await node.start();
    return 'pg_basebackup';
  }
}

async function untilStreaming(primary: Node): Promise<void> {
  await until('the standby streams', IN_SYNC_WITHIN_MS / 2, async () => {
    const [row] = await ask<{ state: string }>(
      primary.url,
      'SELECT state FROM pg_stat_replication',
    );
    return row?.state === 'streaming';
  });
}

/** The standby has all that was written by now. */
async function untilCaughtUp(primary: Node): Promise<void> {
  await untilStreaming(primary);
  await until('the standby has caught up', IN_SYNC_WITHIN_MS, async () => {
    const [row] = await ask<{ has_all: boolean }>(
      primary.url,
      'SELECT flush_lsn >= pg_current_wal_lsn() AS has_all FROM pg_stat_replication',
    );
    return row?.has_all === true;
  });
}

/** From now on a commit is told only when the standby has it on its disk. */
async function makeSynchronous(primary: Node): Promise<void> {
  await untilStreaming(primary);
  await ask(primary.url, "ALTER SYSTEM SET synchronous_standby_names = '*'");
  await ask(primary.url, 'SELECT pg_reload_conf()');
  await until('the standby is in sync', IN_SYNC_WITHIN_MS, async () => {
    const rows = await ask<{ sync_state: string }>(
      primary.url,
      "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'",
    );
    return rows[0]?.sync_state === 'sync';
  });
  // What was committed alone before is on the standby once this is, since it comes after it. Each
  // process reads the new setting between two statements, so the last old commit is a moment away.
  await sleep(500);
  await ask(primary.url, "SELECT pg_logical_emit_message(true, 'test', 'in sync')");
}
