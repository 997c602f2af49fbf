import { entryOf } from '../../app/admin/by.ts';
import type { Context } from '../../app/context.ts';
import type { AuditFilter, LoggedEntry } from '../../store/audit-log.ts';
import type { Api } from '../api.ts';
import { AuditList, AuditQuery, STAFF_ERRORS } from '../schemas/admin.ts';
import { cursorIn, iso, limitIn, pageOf, sendCsv, staffIn } from './pages.ts';

/** More than a log of people's deeds has in years; beyond, the filters narrow it down. */
const MOST_IN_A_FILE = 100_000;
const FILE_PAGE = 5_000;

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
      const { action, format, cursor, q } = request.query;
      const filter = {
        actor: await nameOf(context, request.query.actor),
        target: await nameOf(context, request.query.target),
        ...{ action, search: q?.trim() || undefined },
      };
      if (format === 'csv') {
        const all = await everything(context, filter);
        const deed = { action: 'audit.export', target: 'audit_log', after: { rows: all.length } };
        await context.auditLog.add(entryOf(context, staffIn(request), deed as never));
        return sendCsv(reply, 'audit-log', (await named(context, all)).map(asRow)) as never;
      }
      const limit = limitIn(request.query);
      const beforeId = cursorIn(cursor, (it): it is string => typeof it === 'string');
      const found = await context.auditLog.list({ ...filter, beforeId, limit: limit + 1 });
      const { items, more } = pageOf(found, limit, ({ id }) => id);
      return { entries: await named(context, items), ...more };
    },
  });
}

type Filter = Omit<AuditFilter, 'beforeId' | 'limit'>;

/** As the log names somebody whose username is given; a name with a colon is such already. */
async function nameOf(context: Context, text: string | undefined): Promise<string | undefined> {
  if (text === undefined || text.includes(':')) return text;
  const user = await context.users.byUsername(text);
  return `user:${user?.id ?? text}`;
}

async function everything(context: Context, filter: Filter): Promise<LoggedEntry[]> {
  const all: LoggedEntry[] = [];
  for (let beforeId: string | undefined; all.length < MOST_IN_A_FILE; beforeId = all.at(-1)?.id) {
    const page = await context.auditLog.list({ ...filter, beforeId, limit: FILE_PAGE });
    all.push(...page);
    if (page.length < FILE_PAGE) break;
  }
  return all;
}

/** With the names of the users as they are now; who was erased has none. */
async function named(context: Context, entries: readonly LoggedEntry[]) {
  const ids = entries.flatMap(({ actor, target }) => [userIdIn(actor), userIdIn(target)]);
  const wanted = [...new Set(ids.filter((it) => it !== undefined))];
  const users = await context.users.among({ usernames: [], ids: wanted });
  const names = new Map(users.map(({ id, username }) => [id, username]));
  return entries.map((entry) => ({
    id: entry.id,
    at: iso(entry.atMs),
    actor: entry.actor,
    actor_name: names.get(userIdIn(entry.actor) ?? -1) ?? null,
    address: entry.address ?? null,
    action: entry.action,
    target: entry.target,
    target_name: names.get(userIdIn(entry.target) ?? -1) ?? null,
    reason: entry.reason ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
  }));
}

function asRow({ before, after, ...rest }: Awaited<ReturnType<typeof named>>[number]) {
  return { ...rest, before: JSON.stringify(before), after: JSON.stringify(after) };
}

function userIdIn(name: string): number | undefined {
  const [, id] = /^user:(\d{1,16})$/.exec(name) ?? [];
  return id === undefined ? undefined : Number(id);
}
