/** Two databases that Patroni looks after, with one etcd (Debian's packages). */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failover, Pair } from './pair.ts';
import { ask, freePort, giveAway, killWithChildren, Program, until } from './programs.ts';

const BIN = globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1) ?? '';
const START_WITHIN_MS = 90_000;
/** The least that Patroni takes: after so long the place of a primary that is gone is free. */
const TTL_SECONDS = 20;
const FAIL_OVER_WITHIN_MS = 90_000;

class Member {
  readonly name: string;
  readonly port: number;
  readonly restPort: number;
  readonly home: string;
  readonly #etcd: string;
  #patroni: Program | undefined;

  constructor(name: string, ports: readonly [number, number], home: string, etcd: string) {
    this.name = name;
    [this.port, this.restPort] = ports;
    this.home = home;
    this.#etcd = etcd;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `postgres://chit:chit@${this.host}/postgres`;
  }

  get output(): string {
    return this.#patroni?.output ?? '';
  }

  start(): void {
    const path = join(this.home, `${this.name}.json`);
    // YAML, of which JSON is a part.
    writeFileSync(path, JSON.stringify(this.#configuration()));
    giveAway(path);
    this.#patroni = new Program('patroni', [path]);
  }

  /** Kills Patroni and all processes of the database at once, as when the machine is gone. */
  async kill(): Promise<void> {
    const killed = this.#patroni?.killed();
    const file = join(this.home, this.name, 'postmaster.pid');
    if (existsSync(file)) {
      killWithChildren(Number(readFileSync(file, 'utf8').split('\n')[0]));
    }
    await killed;
  }

  /** Asks Patroni: `primary` and `sync` are answered with 200 where it is so. */
  async is(what: 'primary' | 'sync'): Promise<boolean> {
    const signal = AbortSignal.timeout(2_000);
    return (await fetch(`http://127.0.0.1:${this.restPort}/${what}`, { signal })).status === 200;
  }

  #configuration(): object {
    const user = { username: 'chit', password: 'chit' };
    const parameters = { unix_socket_directories: '', fsync: 'off', wal_log_hints: 'on' };
    return {
      scope: 'chit',
      name: this.name,
      restapi: {
        listen: `127.0.0.1:${this.restPort}`,
        connect_address: `127.0.0.1:${this.restPort}`,
      },
      etcd3: { host: this.#etcd },
      bootstrap: {
        dcs: {
          ttl: TTL_SECONDS,
          loop_wait: 1,
          retry_timeout: 3,
          synchronous_mode: true,
          postgresql: { use_pg_rewind: true, use_slots: true, parameters },
        },
        initdb: [{ encoding: 'UTF8' }, { locale: 'C' }, 'no-sync'],
      },
      postgresql: {
        listen: this.host,
        connect_address: this.host,
        data_dir: join(this.home, this.name),
        bin_dir: BIN,
        pgpass: join(this.home, `${this.name}.pgpass`),
        authentication: { superuser: user, replication: user, rewind: user },
        pg_hba: ['all', 'replication'].map((it) => `host ${it} all 127.0.0.1/32 scram-sha-256`),
      },
    };
  }
}

/** Starts etcd and both members, in a folder that is removed with the stack. */
export async function startPatroni(folder: string, stack: AsyncDisposableStack): Promise<Pair> {
  const home = join(folder, 'patroni');
  mkdirSync(home, { mode: 0o700 });
  giveAway(home);
  const etcd = `127.0.0.1:${await freePort()}`;
  const peers = `http://127.0.0.1:${await freePort()}`;
  const flags = {
    'data-dir': join(home, 'etcd'),
    'listen-client-urls': `http://${etcd}`,
    'advertise-client-urls': `http://${etcd}`,
    'listen-peer-urls': peers,
    'initial-advertise-peer-urls': peers,
    'initial-cluster': `default=${peers}`,
  };
  const keeper = new Program(
    'etcd',
    Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
  );
  stack.defer(() => keeper.killed());
  await until('etcd answers', START_WITHIN_MS, async () => {
    return (await fetch(`http://${etcd}/health`)).status === 200;
  });
  const newMember = async (name: string) =>
    new Member(name, [await freePort(), await freePort()], home, etcd);
  let primary = await newMember('one');
  let standby = await newMember('two');
  const members = [primary, standby];
  stack.defer(async () => {
    await Promise.all(members.map((it) => it.kill()));
  });
  primary.start();
  await untilIs(primary, 'primary', START_WITHIN_MS);
  standby.start();
  await untilIs(standby, 'sync', START_WITHIN_MS);
  return {
    hosts: members.map(({ host }) => host),
    get primaryUrl() {
      return primary.url;
    },
    failOver: async (): Promise<Failover> => {
      const killedMs = Date.now();
      await primary.kill();
      await untilIs(standby, 'primary', FAIL_OVER_WITHIN_MS);
      const promotedMs = Date.now();
      [primary, standby] = [standby, primary];
      standby.start();
      await untilIs(standby, 'sync', FAIL_OVER_WITHIN_MS);
      await ask(primary.url, "SELECT pg_logical_emit_message(true, 'test', 'in sync')");
      return { killedMs, promotedMs, inSyncMs: Date.now(), rebuiltWith: 'Patroni' };
    },
  };
}

async function untilIs(member: Member, what: 'primary' | 'sync', withinMs: number): Promise<void> {
  try {
    await until(`${member.name} is ${what}`, withinMs, () => member.is(what));
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${member.output}`);
  }
}
