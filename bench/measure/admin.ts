/** How long the pages of the panel wait for their API, in a large ledger. */
import { openAccount } from '../../src/app/accounts/register-user.ts';
import { rollUp } from '../../src/app/usage/roll-up.ts';
import type { Chit } from '../../src/compose.ts';
import { percentile } from '../load/statistics.ts';
import type { Bench } from '../plan.ts';
import { query } from '../setup/postgres.ts';
import { balanceAfter, type LedgerSize, seedWorkspace, spreadIds } from '../setup/seed.ts';
import {
  DATABASE_NAMES,
  type DatabaseKind,
  openWorkspace,
  removeWorkspace,
  type Workspace,
} from '../setup/workspaces.ts';
import { startChit } from '../system/processes.ts';

/** The latencies of one kind of request. */
export interface RouteTime {
  readonly route: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export interface AdminTimes {
  readonly database: DatabaseKind;
  readonly users: number;
  readonly charges: number;
  readonly days: number;
  /** Until all charges were summed up, and how many of them in a second. */
  readonly summedUpSeconds: number;
  readonly routes: readonly RouteTime[];
}

const DAYS = 90;
const DAY_MS = 86_400_000;
const SETTINGS = { CHIT_STAFF_READS_CHATS: '1', CHIT_ACCESS_TOKEN_MINUTES: '1440' };
const WARM_UPS = 3;

interface Request {
  readonly path: string;
  readonly body?: object;
}

/** Seeds a ledger, sums it up, and requests each route many times with varying parameters. */
export async function measureAdmin(bench: Bench, database: DatabaseKind): Promise<AdminTimes> {
  const { plan, progress } = bench;
  const what = `admin on ${DATABASE_NAMES[database]}`;
  const transfers = plan.admin.accounts * (plan.admin.grants + plan.admin.charges);
  const everyMs = Math.floor((DAYS * DAY_MS) / transfers);
  const beginsAtMs = Date.now() - transfers * everyMs - 120_000;
  const size: LedgerSize = { ...plan.admin, pace: { beginsAtMs, everyMs } };
  const workspace = await seedWorkspace(database, size, (step, steps) => {
    progress.show(`${what}: seeding, ${step} of ${steps}`);
  });
  progress.show(`${what}: summing up`);
  const chit = await openWorkspace(workspace, SETTINGS);
  const begun = performance.now();
  await rollUp(chit.context);
  const summedUpSeconds = (performance.now() - begun) / 1000;
  const access = await bossOf(chit);
  await chit.close();
  await livenUp(workspace, size);

  const server = await startChit({
    ...workspace,
    settings: { ...workspace.settings, ...SETTINGS },
  });
  const routes: RouteTime[] = [];
  for (const [route, requestOf] of Object.entries(requestsFor(size))) {
    progress.show(`${what}: ${route}`);
    const times: number[] = [];
    for (let nth = 0; nth < plan.adminRequests + WARM_UPS; nth += 1) {
      const ms = await timeOf(`http://127.0.0.1:${server.port}`, access, requestOf(nth));
      if (nth >= WARM_UPS) times.push(ms);
    }
    const sorted = Float64Array.from(times).sort();
    routes.push({ route, p50Ms: percentile(sorted, 0.5), p95Ms: percentile(sorted, 0.95) });
  }
  await server.stop();
  await removeWorkspace(workspace);
  const charges = size.accounts * size.charges;
  return { database, users: size.accounts, charges, days: DAYS, summedUpSeconds, routes };
}

/** An access token of a superuser. */
async function bossOf({ context }: Chit): Promise<string> {
  const flags = { isStaff: true, isSuperuser: true, openingCredits: 0 };
  const account = { username: 'boss', password: 'a passphrase', ...flags };
  const { userId } = await openAccount(context, account, {});
  return context.tokens.issue('access', userId, Date.now()).token;
}

/** Makes users differ: some were seen, a few are disabled or staff, half have a balance of their
 * own and the others the same, and each is in the audit log. */
async function livenUp(workspace: Workspace, { accounts }: LedgerSize): Promise<void> {
  const statements = [
    'UPDATE users SET last_seen_at = joined_at + (id / 4096 * 7919) % 7000000',
    'UPDATE users SET is_active = 0 WHERE (id / 4096) % 100 = 7',
    `UPDATE accounts SET posted = posted - (id / 4096 * 7919) % 1000000
      WHERE (id / 4096) % 2 = 0 AND posted > 1000000`,
    `UPDATE users SET is_staff = 1 WHERE (id / 4096) % ${Math.ceil(accounts / 100)} = 1`,
    `INSERT INTO audit_log (id, at, actor, action, target, reason)
      SELECT id, created_at, 'cli:boss', 'credits.grant', 'user:' || account_id, 'Term begins'
      FROM transfers WHERE kind = 'grant' AND number = 1`,
  ];
  if (workspace.kind === 'postgres') {
    await query(workspace.database, ...statements, 'VACUUM ANALYZE');
    return;
  }
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(workspace.database);
  for (const statement of statements) db.exec(statement);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

/** The requests of each page, with varying parameters. */
function requestsFor(size: LedgerSize): Record<string, (nth: number) => Request> {
  const ids = spreadIds(size, 500);
  const idOf = (nth: number) => ids[(nth * 37) % ids.length];
  const balance = balanceAfter(size, size.grants + size.charges);
  const dayBefore = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
  const get = (path: string): Request => ({ path: `/api/admin/${path}` });
  const cursor = (value: string | number, id: number) =>
    Buffer.from(JSON.stringify({ value, id })).toString('base64url');
  const middle = (nth: number) => (ids[(nth * 37) % ids.length] ?? 0) / 4096;
  return {
    'users, newest first': () => get('users/'),
    'users, by name, from the middle': (nth) =>
      get(`users/?sort=name&cursor=${cursor(`person-${middle(nth)}`, 0)}`),
    'users, by balance': () => get('users/?sort=-balance'),
    'users, by balance, from the middle': (nth) =>
      get(`users/?sort=balance&cursor=${cursor(balance - (nth % 2) * 5_000, idOf(nth) ?? 0)}`),
    'users, seen last': () => get('users/?sort=-last_seen'),
    'users, by a name': (nth) => get(`users/?q=person-${middle(nth)}`),
    'users, by a letter': () => get('users/?q=p'),
    'users, disabled': () => get('users/?state=disabled'),
    'users, disabled, by balance': () => get('users/?state=disabled&sort=balance'),
    'users, some names, by balance': () => get('users/?q=person-77&sort=-balance'),
    'users, staff': () => get('users/?role=staff&sort=name'),
    'one user': (nth) => get(`users/${idOf(nth)}/`),
    'statement of a user': (nth) => get(`users/${idOf(nth)}/history/`),
    'usage of a user': (nth) => get(`users/${idOf(nth)}/usage/`),
    'usage by hour': () => get('usage/?step=hour'),
    'usage by hour, two weeks': () =>
      get(`usage/?step=hour&from=${new Date(Date.now() - 13 * DAY_MS).toISOString()}`),
    'usage by day': () => get('usage/'),
    'usage by day, of a model': () => get('usage/?model=dummy'),
    'usage by day, of some weeks': (nth) =>
      get(`usage/?from=${dayBefore(60 + (nth % 20))}&to=${dayBefore(20)}`),
    'usage by month': () => get('usage/?step=month'),
    'who used most': () => get('usage/users/'),
    'who used most, on a day': (nth) =>
      get(`usage/users/?period=${dayBefore(1 + (nth % 20)).slice(0, 10)}`),
    'models and their health': () => get('models/'),
    'chats, newest first': () => ({ ...get('chats/'), body: { reason: 'bench' } }),
    'chats of a user': (nth) => ({
      ...get('chats/'),
      body: { reason: 'bench', user: `user:${idOf(nth)}` },
    }),
    'chats, searched': () => ({ ...get('chats/'), body: { reason: 'bench', q: 'not there' } }),
    'audit log': () => get('audit/'),
    'audit log, searched': () => get('audit/?q=not+there'),
    'audit log, of a user': (nth) => get(`audit/?target=user:${idOf(nth)}`),
    'audit log, of a week': (nth) =>
      get(`audit/?from=${dayBefore(30 + (nth % 20))}&to=${dayBefore(23 + (nth % 20))}`),
    'audit log, of a week, searched': () =>
      get(`audit/?from=${dayBefore(30)}&to=${dayBefore(23)}&q=not+there`),
    settings: () => get('settings/'),
  };
}

async function timeOf(url: string, access: string, { path, body }: Request): Promise<number> {
  const begun = performance.now();
  const answer = await fetch(url + path, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${access}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`);
  return performance.now() - begun;
}
