/** Plans, groups, vouchers and limits of a hostile run, and what requests know of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from './random.ts';
import type { Identity, Site } from './site.ts';

/** Whoever looks after the groups of the run. */
export const MANAGER = 'gina';
const GROUPS = 3;
const MEMBERS = 4;
const POOL_TOKENS = 1_000_000_000;
const PLAN_TOKENS = 50_000_000;
const MONTH = { kind: 'month', day: 1, time_zone: 'Europe/Berlin' };

interface Made {
  readonly id: string;
}

/**
 * Makes plans with windows, groups with pools, managers, members, budgets and keys, batches of
 * vouchers, and ceilings. The ids are added to those that requests name; the group of a victim is
 * named by its secret, and only attackers of its members know its id.
 */
export async function furnishLimits(site: Site, manager: Identity, random: Random): Promise<void> {
  const plans = await makePlans(site);
  const managerId = await idOf(site, manager.credential);
  const eve = site.identities.find(({ name }) => name === 'eve') as Identity;
  const eveId = await idOf(site, eve.credential);
  for (let nth = 0; nth < GROUPS; nth += 1) {
    const lambs = site.ids.all('lamb-id').slice(nth * MEMBERS, (nth + 1) * MEMBERS);
    const group = await makeGroup(site, `class ${nth}`, {
      managers: [managerId],
      members: [eveId, ...lambs.map(Number)],
    });
    site.ids.add('group', group.id);
    site.ids.add(`group of ${MANAGER}`, group.id);
    site.ids.add('pool', group.account);
    for (const id of [managerId, eveId, ...lambs]) site.ids.add(`member of ${group.id}`, id);
    for (const { name, credential } of [manager, eve]) {
      const key = await addKey(site, credential, group.id);
      site.meet({ name: `${name}s key of class ${nth}`, kind: 'key', ownerName: name, ...key });
    }
    if (nth > 0) continue;
    const path = `/api/admin/groups/${group.id}/plan/`;
    await site.ask(site.root, 'POST', path, { plan: plans[0], from: 'now' });
  }
  for (const { name, access } of site.victims) {
    const [, secret = ''] = site.secrets.get(name) ?? [];
    const members = { managers: [await idOf(site, access)], members: [] };
    const group = await makeGroup(site, secret, members);
    site.ids.add(`group of ${name}`, group.id);
    await waitForPool(site, access);
  }
  const accounts = [eveId, ...site.ids.all('lamb-id').slice(0, 2).map(Number)];
  const given = `/api/admin/plans/${plans[1]}/accounts/`;
  await site.ask(site.root, 'POST', given, { accounts, from: 'now' });
  await makeVouchers(site, random);
  const own = { tokens: PLAN_TOKENS, window: 'month', time_zone: 'Europe/Berlin' };
  await site.ask(eve.credential, 'PUT', '/api/limits/own/', own);
  const limit = { ...own, window: 'day', reason: 'a hostile test' };
  await site.ask(site.root, 'PUT', `/api/admin/users/${eveId}/limits/`, limit);
}

async function makePlans(site: Site): Promise<string[]> {
  const wanted = [
    { windows: [{ tokens: PLAN_TOKENS, hours: 5 }], calendar: MONTH },
    {
      windows: [
        { tokens: PLAN_TOKENS, calendar: { kind: 'week', time_zone: 'UTC' } },
        { tokens: 20_000_000, hours: 1 },
      ],
      calendar: { kind: 'day', time_zone: 'Asia/Kolkata' },
    },
    { calendar: MONTH, models: ['flat', 'usage'], requests_per_minute: 10_000 },
  ];
  const ids: string[] = [];
  for (const [nth, fields] of wanted.entries()) {
    const body = { name: `plan ${nth}`, tokens: PLAN_TOKENS, ...fields };
    const made = await site.ask(site.root, 'POST', '/api/admin/plans/', body);
    const { plan } = made.json as { plan: Made };
    ids.push(plan.id);
    site.ids.add('plan', plan.id);
    site.ids.add('plan-name', body.name);
  }
  return ids;
}

/** A group with a full pool, and a budget for each member. */
async function makeGroup(
  site: Site,
  name: string,
  people: { readonly managers: readonly number[]; readonly members: readonly number[] },
): Promise<Made & { readonly account: number }> {
  const made = await site.ask(site.root, 'POST', '/api/admin/groups/', { name });
  const { group } = made.json as { group: Made & { account: number } };
  const path = `/api/admin/groups/${group.id}/`;
  const listed = (ids: readonly number[]) => ids.map((id) => ({ id }));
  const managers = { users: listed(people.managers), is_manager: true };
  await site.ask(site.root, 'POST', `${path}members/`, managers);
  if (people.members.length > 0) {
    await site.ask(site.root, 'POST', `${path}members/`, { users: listed(people.members) });
  }
  const grant = { tokens: POOL_TOKENS, reason: 'a hostile test' };
  await site.ask(site.root, 'POST', `${path}grant/`, grant);
  for (const window of [{}, { hours: 2 }, { calendar: MONTH }]) {
    const budget = { limit: PLAN_TOKENS, ...window };
    const added = await site.ask(site.root, 'POST', `${path}budgets/`, budget);
    site.ids.add(`budget of ${group.id}`, (added.json as Made).id);
  }
  return group;
}

async function makeVouchers(site: Site, random: Random): Promise<void> {
  const uses = { uses_per_code: 100, uses_per_user: 50 };
  for (const what of [{ tokens: 500 }, { plan: 'plan 1', days: 30 }, { plan: 'plan 2', days: 1 }]) {
    const body = { name: `batch ${random.hex(4)}`, codes: 20, ...what, ...uses };
    const made = await site.ask(site.root, 'POST', '/api/admin/vouchers/', body);
    const { id } = made.json as Made;
    site.ids.add('batch', id);
    const sheet = await site.ask(site.root, 'GET', `/api/admin/vouchers/${id}/codes/`);
    for (const { code } of (sheet.json as { codes: { code: string }[] }).codes) {
      site.ids.add('code', code);
    }
  }
}

/** Which accounts pay is read at most once a second. */
async function waitForPool(site: Site, access: string): Promise<void> {
  for (;;) {
    const answer = await site.ask(access, 'GET', '/api/tokens/');
    if ((answer.json as { tokens: number }).tokens === PLAN_TOKENS) return;
    await sleep(50);
  }
}

async function addKey(site: Site, access: string, group: string) {
  const fields = { name: 'a key of a class', group };
  const made = await site.ask(access, 'POST', '/api/keys/', fields);
  return { credential: (made.json as { key: string }).key, isCounted: true };
}

async function idOf(site: Site, access: string): Promise<number> {
  return ((await site.ask(access, 'GET', '/api/me/')).json as { id: number }).id;
}
