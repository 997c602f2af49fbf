import type { Context } from '../../app/context.ts';
import { auditEntry } from '../../app/principal.ts';
import { idFrom } from '../../app/usage/periods.ts';
import type { AuditFilter, LoggedEntry } from '../../store/admin/audit-log.ts';
import { STAFF_ERRORS } from '../accounts/managed-user-schema.ts';
import { namesOf } from '../accounts/usernames.ts';
import type { Api } from '../framework/api.ts';
import { foundOf, idIn, iso, limitIn, sendCsv, staffIn } from '../framework/lists.ts';
import { AuditList, AuditQuery } from './audit-schema.ts';

/** So many are read at once for a file. */
const FILE_PAGE = 1_000;
const COLUMNS = [
  ...(['id', 'at', 'actor', 'actor_name', 'address', 'action', 'target', 'target_name'] as const),
  ...(['reason', 'before', 'after'] as const),
];

/** The log of what staff and the command line did. */
export function adminAuditRoutes(api: Api, context: Context): void {
  api.get('/api/admin/audit/', {
    config: { access: 'staff' },
    schema: {
      tags: ['Admin: audit log'],
      security: [{ bearer: [] }],
      summary: 'Read or download the audit log',
      querystring: AuditQuery,
      response: { 200: AuditList, ...STAFF_ERRORS },
    },
    handler: async (request, reply) => {
      const { action, format, cursor, q, from, to } = request.query;
      const filter = {
        actor: await nameOf(context, request.query.actor),
        target: await nameOf(context, request.query.target),
        action,
        search: q?.trim() || undefined,
        ...spanOf(from, to),
      };
      if (format === 'csv') {
        const { actor = null, target = null, search = null } = filter;
        const span = { from: from ?? null, to: to ?? null };
        const after = { actor, action: action ?? null, target, search, ...span };
        const deed = { action: 'audit.export', target: 'audit_log', after } as const;
        await context.auditLog.add(auditEntry(context, staffIn(request), deed));
        return sendCsv(reply, 'audit-log', COLUMNS, everything(context, filter));
      }
      const page = await context.auditLog.page({
        ...filter,
        beforeId: idIn(cursor) ?? filter.beforeId,
        limit: limitIn(request.query),
      });
      return { entries: await named(context, page.rows), ...foundOf(page) };
    },
  });
}

type Filter = Omit<AuditFilter, 'limit'>;

/** Ids begin with the time, so a span of time is one of ids: every index goes by these. */
function spanOf(from: string | undefined, to: string | undefined) {
  return {
    fromId: from === undefined ? undefined : idFrom(Date.parse(from)),
    beforeId: to === undefined ? undefined : idFrom(Date.parse(to) + 1),
  };
}

/** As the log names somebody whose username is given; a name with a colon is such already.
 * Of a name that nobody has there is nothing, and it does not get into the log. */
async function nameOf(context: Context, text: string | undefined): Promise<string | undefined> {
  if (text === undefined || text.includes(':')) return text;
  const user = await context.users.byUsername(text);
  return `user:${user?.id ?? '?'}`;
}

async function* everything(context: Context, filter: Filter) {
  let { beforeId } = filter;
  do {
    const page = await context.auditLog.page({ ...filter, beforeId, limit: FILE_PAGE });
    for (const { before, after, ...rest } of await named(context, page.rows)) {
      yield { ...rest, before: JSON.stringify(before), after: JSON.stringify(after) };
    }
    beforeId = page.nextId;
  } while (beforeId !== undefined);
}

/**
 * With the names of the users as they are now (who was erased has none), and with the balances that
 * bookings found and left, which stand in the book.
 */
async function named(context: Context, entries: readonly LoggedEntry[]) {
  const balances = await context.transfers.balances(entries.flatMap((it) => transferOf(it) ?? []));
  const nameIn = await namesOf(
    context,
    entries.flatMap(({ actor, target }) => [actor, target]),
  );
  const withBalance = (entry: LoggedEntry, name: 'before' | 'after') => {
    const booked = balances.get(transferOf(entry) ?? '');
    const facts = entry[name];
    if (!booked) return facts ?? null;
    const { beforeCredits, afterCredits } = booked;
    return { ...facts, balance: name === 'before' ? beforeCredits : afterCredits };
  };
  return entries.map((entry) => ({
    id: entry.id,
    at: iso(entry.atMs),
    actor: entry.actor,
    actor_name: nameIn(entry.actor),
    address: entry.address ?? null,
    action: entry.action,
    target: entry.target,
    target_name: nameIn(entry.target),
    reason: entry.reason ?? null,
    before: withBalance(entry, 'before'),
    after: withBalance(entry, 'after'),
  }));
}

function transferOf({ after }: LoggedEntry): string | undefined {
  const transfer = after?.transfer;
  return typeof transfer === 'string' ? transfer : undefined;
}
