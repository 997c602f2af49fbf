/** Requests about plans, groups, vouchers and limits: valid bodies, and the ids in their paths. */
import type { Occasion } from './make-body.ts';
import type { Random } from './random.ts';

type Body = Record<string, unknown>;

const LARGE = 1_000_000_000;
const NOWHERE = '01234567-0123-7123-8123-0123456789ab';
const GROUP_PATH = /^\/api\/(admin\/)?groups\/\{id\}/;
const ENDING = /\/\{id\}\/(end|replace)\/$/;

/** Whether a path names a plan, a group or a batch of vouchers. */
export function isAboutLimits(path: string): boolean {
  return GROUP_PATH.test(path) || /^\/api\/admin\/(plans|vouchers)\/\{id\}/.test(path);
}

/** Whether a route is for the managers of groups. */
export function isForManagers(path: string): boolean {
  return path.startsWith('/api/groups/{id}/');
}

/**
 * An id for a parameter of a path.
 * @param groupId of the group that the path names, if it has been chosen
 */
export function limitsIdFor(
  { random, ids, ownerName }: Occasion,
  path: string,
  name: string,
  groupId: string | undefined,
): string {
  if (name === 'budget') return ids.any(`budget of ${groupId}`, random) ?? NOWHERE;
  if (name === 'user') {
    return ids.any(`member of ${groupId}`, random) ?? ids.any('lamb-id', random) ?? '0';
  }
  // What ends is something that requests made, so that the rest goes on.
  const spare = ENDING.test(path) ? 'spare ' : '';
  if (path.includes('/plans/')) return ids.any(`${spare}plan`, random) ?? NOWHERE;
  if (path.includes('/vouchers/')) return ids.any(`${spare}batch`, random) ?? NOWHERE;
  if (path.startsWith('/api/admin/')) return ids.any(`${spare}group`, random) ?? NOWHERE;
  const owner = random.chance(0.8) ? ownerName : random.pick(['vera', 'viktor', 'gina']);
  return ids.any(`group of ${owner}`, random) ?? NOWHERE;
}

/** A valid body for a route about limits; undefined for any other route. */
export function limitsBody(
  on: Occasion,
  path: string,
  method: string,
  groupId: string | undefined,
): Body | undefined {
  return BODIES[`${method} ${path.replace('/api/admin/groups/', '/api/groups/')}`]?.(on, groupId);
}

type MakeBody = (on: Occasion, groupId: string | undefined) => Body;

const BODIES: Readonly<Record<string, MakeBody>> = {
  'POST /api/admin/plans/': (on) => ({ ...planFields(on), ...asked(on, ['dry_run']) }),
  'PATCH /api/admin/plans/{id}/': ({ random, ...on }) => ({
    ...(random.chance(0.5) ? { tokens: 1 + random.below(LARGE) } : { windows: windows(random) }),
    ...asked({ random, ...on }),
  }),
  'POST /api/admin/plans/{id}/end/': (on) => asked(on),
  'POST /api/admin/plans/{id}/replace/': (on) => ({ ...planFields(on), ...asked(on) }),
  'POST /api/admin/plans/{id}/accounts/': (on) => ({
    accounts: [
      Number(on.ids.any(on.random.chance(0.8) ? 'lamb-id' : 'pool', on.random) ?? 0),
      ...(on.random.chance(0.5) ? [Number(on.ids.any('lamb-id', on.random) ?? 0)] : []),
    ],
    ...given(on),
  }),
  'POST /api/admin/users/{id}/plan/': (on) => ({ plan: planId(on), ...given(on) }),
  'POST /api/groups/{id}/plan/': (on) => ({ plan: planId(on), ...given(on) }),
  'POST /api/admin/vouchers/': ({ random, ids }) => ({
    name: `batch ${random.hex(4)}`,
    codes: 1 + random.below(20),
    ...(random.chance(0.6)
      ? { tokens: 1 + random.below(500) }
      : { plan: ids.any('plan-name', random) ?? 'plan 0', days: 1 + random.below(60) }),
    ...(random.chance(0.5) ? { uses_per_code: 1 + random.below(5) } : {}),
    ...(random.chance(0.5) ? { uses_per_user: 1 + random.below(5) } : {}),
    ...(random.chance(0.2) ? { expires_at: '2099-01-01T00:00:00Z' } : {}),
  }),
  'POST /api/vouchers/redeem/': ({ random, ids }) => ({ code: ids.any('code', random) ?? 'x' }),
  'POST /api/groups/': ({ random }) => ({
    name: `group ${random.hex(6)}`,
    ...(random.chance(0.2) ? { has_pool: random.chance(0.5) } : {}),
    ...(random.chance(0.2) ? { models: ['flat', 'usage'] } : {}),
  }),
  'PATCH /api/groups/{id}/': ({ random }) =>
    random.chance(0.5) ? { name: `group ${random.hex(6)}` } : { models: null },
  'POST /api/groups/{id}/grant/': ({ random }) => ({
    tokens: random.below(2_000) - 500 || 1,
    reason: 'a hostile test',
  }),
  'POST /api/groups/{id}/members/': ({ random, ids }) => ({
    users: random.chance(0.5)
      ? [{ id: Number(ids.any('lamb-id', random) ?? 0) }]
      : [{ username: ids.any('lamb-name', random) ?? 'x' }],
    ...(random.chance(0.2) ? { is_manager: random.chance(0.5) } : {}),
  }),
  'POST /api/groups/{id}/members/remove/': ({ random, ids }) => ({
    ids: [Number(ids.any('lamb-id', random) ?? 0)],
  }),
  'POST /api/groups/{id}/give/': ({ random, ids }, groupId) => ({
    to: [
      {
        id: Number(ids.any(`member of ${groupId}`, random) ?? 0),
        tokens: 1 + random.below(100),
      },
    ],
    reason: 'a hostile test',
  }),
  'POST /api/groups/{id}/budgets/': ({ random }) => ({
    limit: LARGE,
    ...random.pick([{}, { hours: 1 + random.below(48) }, { calendar: calendar(random) }]),
  }),
  'PATCH /api/groups/{id}/budgets/{budget}/': ({ random }) => ({
    limit: random.chance(0.9) ? LARGE : random.below(1_000),
  }),
  'PUT /api/groups/{id}/budgets/{budget}/members/{user}/': ({ random }) => ({
    limit: random.pick([null, LARGE, random.below(1_000)]),
  }),
  'PUT /api/limits/own/': ({ random }) => limit(random),
  'PUT /api/admin/users/{id}/limits/': ({ random }) => ({
    ...limit(random),
    reason: 'a hostile test',
  }),
};

function limit(random: Random): Body {
  return {
    tokens: random.chance(0.9) ? LARGE : random.below(1_000),
    window: random.pick(['none', 'day', 'week', 'month']),
    ...(random.chance(0.5) ? { time_zone: 'America/New_York' } : {}),
  };
}

function planFields({ random }: Occasion): Body {
  return {
    name: `plan ${random.hex(8)}`,
    tokens: 1 + random.below(LARGE),
    calendar: calendar(random),
    ...(random.chance(0.5) ? { windows: windows(random) } : {}),
    ...(random.chance(0.2) ? { models: ['flat', 'usage'] } : {}),
    ...(random.chance(0.2) ? { requests_per_minute: 10_000 } : {}),
  };
}

function windows(random: Random): Body[] {
  const all = [
    { tokens: LARGE, hours: 1 + random.below(48) },
    { tokens: LARGE, calendar: calendar(random) },
  ];
  return all.slice(random.below(3));
}

function calendar(random: Random): Body {
  const terms = [{ first_day: '2026-09-01', last_day: '2099-07-31' }];
  const time_zone = random.pick(['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/New_York']);
  return {
    time_zone,
    ...random.pick<Body>([
      { kind: 'day' },
      { kind: 'week', weekday: 1 + random.below(7) },
      { kind: 'month', day: 1 + random.below(31) },
      { kind: 'term', terms },
    ]),
  };
}

/** How an action on a plan is asked for. */
function asked({ random }: Occasion, names = ['dry_run', 'from', 'reason']): Body {
  const all: Body = {
    dry_run: random.chance(0.3),
    from: random.pick(['now', 'renewal']),
    reason: 'a hostile test',
  };
  const wanted = names.filter(() => random.chance(0.5));
  return Object.fromEntries(wanted.map((name) => [name, all[name]]));
}

function given(on: Occasion): Body {
  const body = asked(on);
  const ends = body.from === 'now' && on.random.chance(0.3);
  return ends ? { ...body, ends_at: '2099-01-01T00:00:00Z' } : body;
}

function planId({ random, ids }: Occasion): string | null {
  return random.chance(0.2) ? null : (ids.any('plan', random) ?? null);
}
