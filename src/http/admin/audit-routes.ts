import type { Context } from '../../app/context.ts';
import { type AuditEvent, auditEntry } from '../../app/principal.ts';
import { idFrom } from '../../app/usage/periods.ts';
import type { AuditFilter, LoggedEntry } from '../../store/admin/audit-log.ts';
import { groupIdIn, keyIdIn, namesOf, planIdIn, userIdIn } from '../accounts/usernames.ts';
import { principalOf, staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { READ_ERRORS, STAFF_ERRORS } from '../framework/common-schema.ts';
import { sendCsv } from '../framework/csv.ts';
import { isoTime } from '../framework/iso-time.ts';
import { idIn, limitIn, nextSearchPage } from '../framework/paging.ts';
import { AuditList, AuditQuery } from './audit-schema.ts';

/** How many entries are read at a time for a CSV file. */
const CSV_PAGE = 1_000;
/** Of one user, whose actions are searched; the newest. */
const MOST_KEYS = 200;
const COLUMNS = [
  'id',
  'at',
  'actor',
  'actor_name',
  'address',
  'action',
  'target',
  'target_name',
  'reason',
  'before',
  'after',
  'actor_key',
] as const;

/** The log of what staff and the command line did. */
export function auditRoutes(api: Api, context: Context): void {
  api.get('/api/admin/audit/', {
    config: staffWith('audit:read'),
    schema: {
      tags: ['Admin: audit log'],
      security: [{ bearer: [] }],
      summary: 'Read or download the audit log',
      querystring: AuditQuery,
      response: { 200: AuditList, ...READ_ERRORS, ...STAFF_ERRORS },
    },
    handler: async (request, reply) => {
      const { action, format, cursor, q, from, to } = request.query;
      const { actor } = principalOf(request);
      const filter = {
        actors: await actorsOf(context, request.query.actor),
        target: await nameOf(context, request.query.target),
        action,
        search: q?.trim() || undefined,
        ...spanOf(from, to),
      };
      if (format === 'csv') {
        const event: AuditEvent = {
          action: 'audit.export',
          target: 'audit_log',
          after: {
            actor: filter.actors?.[0] ?? null,
            action: action ?? null,
            target: filter.target ?? null,
            search: filter.search ?? null,
            from: from ?? null,
            to: to ?? null,
          },
        };
        await context.auditLog.add(auditEntry(principalOf(request), event));
        return sendCsv(reply, 'audit-log', COLUMNS, allEntries(context, actor, filter));
      }
      const beforeId = idIn(cursor) ?? filter.beforeId;
      const limit = limitIn(request.query);
      const page = await context.heavyReads.run(actor, () =>
        context.auditLog.page({ ...filter, beforeId, limit }),
      );
      return { entries: await shownEntries(context, page.rows), ...nextSearchPage(page) };
    },
  });
}

type Filter = Omit<AuditFilter, 'limit'>;

/** Ids begin with the time, so a span of time is a range of ids, which every index supports. */
function spanOf(from: string | undefined, to: string | undefined) {
  return {
    fromId: from === undefined ? undefined : idFrom(Date.parse(from)),
    beforeId: to === undefined ? undefined : idFrom(Date.parse(to) + 1),
  };
}

/**
 * The name in the log, such as `user:1`, of a username; text with a colon is one already. Unknown
 * usernames match nothing, and do not get into the log.
 */
async function nameOf(context: Context, text: string | undefined): Promise<string | undefined> {
  if (text === undefined || text.includes(':')) return text;
  const user = await context.users.byUsername(text);
  return `user:${user?.id ?? '?'}`;
}

/** As `nameOf`, with the admin keys of the user, whose actions are the user's too. */
async function actorsOf(
  context: Context,
  text: string | undefined,
): Promise<readonly string[] | undefined> {
  const name = await nameOf(context, text);
  if (name === undefined) return undefined;
  const userId = userIdIn(name);
  const keys = userId === undefined ? [] : await context.adminKeys.allOf(userId);
  return [name, ...keys.slice(0, MOST_KEYS).map(({ id }) => `key:${id}`)];
}

async function* allEntries(context: Context, reader: string, filter: Filter) {
  let { beforeId } = filter;
  let isOver = false;
  const next = async () => {
    if (isOver) return undefined;
    const page = await context.auditLog.page({ ...filter, beforeId, limit: CSV_PAGE });
    beforeId = page.nextId;
    isOver = beforeId === undefined;
    return page.rows;
  };
  for await (const rows of context.heavyReads.inSlices(reader, next)) {
    for (const { before, after, ...rest } of await shownEntries(context, rows)) {
      yield { ...rest, before: JSON.stringify(before), after: JSON.stringify(after) };
    }
  }
}

/**
 * Entries with the current usernames (erased users have none), with the names of plans and, for
 * transfers, with the balances before and after, which only the ledger has.
 */
async function shownEntries(context: Context, entries: readonly LoggedEntry[]) {
  const balances = await context.transfers.balances(entries.flatMap((it) => transferOf(it) ?? []));
  const nameIn = await namesOf(
    context,
    entries.flatMap(({ actor, target }) => [actor, target]),
  );
  const groups = await context.groups.names(idsIn(entries, groupIdIn));
  const plans = await context.plans.names(idsIn(entries, planIdIn).concat(plansIn(entries)));
  const keyIds = new Set(entries.flatMap(({ actor, target }) => [actor, target]));
  const keys = await context.adminKeys.among([...keyIds].flatMap((it) => keyIdIn(it) ?? []));
  const keyNames = new Map(keys.map(({ id, name }) => [`key:${id}`, name]));
  const factsOf = (entry: LoggedEntry, name: 'before' | 'after') => {
    const booked = balances.get(transferOf(entry) ?? '');
    const facts = withPlanName(entry[name], plans);
    if (!booked) return facts ?? null;
    const { beforeCredits, afterCredits } = booked;
    return { ...facts, balance: name === 'before' ? beforeCredits : afterCredits };
  };
  return entries.map((entry) => ({
    id: entry.id,
    at: isoTime(entry.atMs),
    actor: entry.actor,
    actor_name: nameIn(entry.actor),
    address: entry.address ?? null,
    action: entry.action,
    target: entry.target,
    target_name:
      keyNames.get(entry.target) ??
      nameIn(entry.target) ??
      groups.get(groupIdIn(entry.target) ?? '') ??
      plans.get(planIdIn(entry.target) ?? '') ??
      null,
    reason: entry.reason ?? null,
    before: factsOf(entry, 'before'),
    after: factsOf(entry, 'after'),
    actor_key: keyNames.get(entry.actor) ?? null,
  }));
}

function idsIn(entries: readonly LoggedEntry[], idIn: (target: string) => string | undefined) {
  return entries.flatMap(({ target }) => idIn(target) ?? []);
}

/** The ids of plans that entries name as what an account or a pool had or got. */
function plansIn(entries: readonly LoggedEntry[]): string[] {
  return entries
    .flatMap(({ before, after }) => [before?.plan, after?.plan])
    .filter((it) => typeof it === 'string');
}

/** Facts with the name of their plan; some name it by its id, others by its name. */
function withPlanName(facts: LoggedEntry['after'], plans: ReadonlyMap<string, string>) {
  const name = typeof facts?.plan === 'string' ? plans.get(facts.plan) : undefined;
  return name === undefined ? facts : { ...facts, plan_name: name };
}

function transferOf({ after }: LoggedEntry): string | undefined {
  const transfer = after?.transfer;
  return typeof transfer === 'string' ? transfer : undefined;
}
