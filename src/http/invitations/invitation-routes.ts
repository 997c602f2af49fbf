import type { Context } from '../../app/context.ts';
import { invitationFaultText } from '../../app/invitations/fault-text.ts';
import { INVITATION_COLUMNS, invitationRow } from '../../app/invitations/invitation-row.ts';
import { type InvitedPeople, invitePeople } from '../../app/invitations/invite-people.ts';
import { sendInvitations } from '../../app/invitations/mail-invitations.ts';
import {
  eachInvitation,
  endInvitations,
  extendInvitations,
  type HandedOut,
  handedOut,
  handOutInvitations,
  type SomeInvitations,
} from '../../app/invitations/manage-invitations.ts';
import {
  DEFAULT_HOURS,
  type InvitationPlan,
  type InvitationRequest,
  type Lasting,
  planInvitations,
} from '../../app/invitations/plan-invitations.ts';
import { inTurns } from '../../app/user-import/read-rows.ts';
import { invalidField } from '../../core/errors.ts';
import { pageOf, rowsForPage } from '../../core/page.ts';
import {
  type Invitation,
  type InvitationCursor,
  stateOf,
} from '../../store/invitations/invitations.ts';
import { namesOf } from '../accounts/usernames.ts';
import { principalOf, staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  READ_ERRORS,
  STAFF_BODY_ERRORS,
  STAFF_ERRORS,
} from '../framework/common-schema.ts';
import { sendCsv } from '../framework/csv.ts';
import { requireFreshProof } from '../framework/fresh-proof.ts';
import { isoTime } from '../framework/iso-time.ts';
import { cursorIn, cursorText, limitIn, nextPage } from '../framework/paging.ts';
import {
  Changed,
  CodeList,
  CodesQuery,
  Ending,
  Extension,
  InvitationList,
  InvitationQuery,
  InvitationsReply,
  NewInvitations,
  Sending,
} from './invitation-schema.ts';

const tags = ['Admin: invitations'];
const security = [{ bearer: [] }];
const NotFound = { 404: detailed('There is no such invitation that somebody could come by.') };
const MAX_FAULTS_SHOWN = 200;
const CODE_COLUMNS = ['name', 'username', 'email', 'groups', 'code', 'link', 'expires_at'] as const;

/**
 * Invitations, for staff.
 * @param site the address of the site, in front of links in files; empty if it is not known
 */
export function invitationRoutes(api: Api, context: Context, site: string): void {
  inviteRoute(api, context);
  listRoute(api, context);
  codesRoute(api, context, site);
  changeRoutes(api, context);
}

function inviteRoute(api: Api, context: Context): void {
  api.post('/api/admin/invitations/', {
    config: staffWith('users:import'),
    schema: {
      tags,
      security,
      summary: 'Invite people from a list or from CSV: a dry run first, then exactly that',
      body: NewInvitations,
      response: {
        200: InvitationsReply,
        409: detailed('It would do something else now than in the dry run; nothing was done.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      const { csv, people, pools = true, mail } = request.body;
      const { dry_run, expected } = request.body;
      if ((csv === undefined) === (people === undefined)) {
        throw invalidField('csv', 'Give either "csv" or "people".', { code: 'required' });
      }
      const asked: InvitationRequest = {
        people: csv ?? (people ?? []).map(personIn),
        ...lastingIn(request.body),
        hasPools: pools,
        mailLanguage: mail,
      };
      if (dry_run) return shownPlan(await planInvitations(context, asked));
      if (csv !== undefined && expected === undefined) {
        const message = 'Do a dry run first, and send the "expected" of its answer.';
        throw invalidField('expected', message, { code: 'required' });
      }
      // It makes links to accounts, and may give any amount.
      await requireFreshProof(context, request);
      return shownDone(
        context,
        await invitePeople(context, principalOf(request), { ...asked, expected }),
      );
    },
  });
}

function listRoute(api: Api, context: Context): void {
  api.get('/api/admin/invitations/', {
    config: staffWith('users:read'),
    schema: {
      tags,
      security,
      summary: 'List or download invitations: who has come, and who has not',
      querystring: InvitationQuery,
      response: { 200: InvitationList, ...READ_ERRORS, ...STAFF_ERRORS },
    },
    handler: async (request, reply) => {
      const { q, state, batch, group, cursor, format } = request.query;
      const limit = limitIn(request.query);
      const atMs = context.now();
      const filter = {
        search: q?.trim() || undefined,
        state,
        batchId: batch,
        groupId: group,
        atMs,
      };
      const after = cursorIn(cursor, isCursor);
      const { actor } = principalOf(request);
      if (format === 'csv') {
        const all = eachInvitation(context, actor, filter);
        return sendCsv(reply, 'invitations', INVITATION_COLUMNS, csvRows(all, atMs));
      }
      const { found, counts } = await context.heavyReads.run(actor, async () => ({
        found: await context.invitations.page(filter, { after, limit: rowsForPage(limit) }),
        counts: after ? undefined : await context.invitations.counts(filter),
      }));
      const { items, last } = pageOf(found, limit);
      const nameOf = await namesOf(
        context,
        items.map(({ invitedBy }) => invitedBy),
      );
      const cursorOfLast = last && { batchId: last.batchId, number: last.number };
      return {
        invitations: items.map((it) => shown(it, { atMs, nameOf })),
        counts: counts ?? null,
        ...nextPage(cursorOfLast && cursorText(cursorOfLast)),
      };
    },
  });
}

function codesRoute(api: Api, context: Context, site: string): void {
  api.get('/api/admin/invitations/codes/', {
    config: staffWith('users:import'),
    schema: {
      tags,
      security,
      summary: 'Read, print or download the codes of open invitations',
      querystring: CodesQuery,
      response: {
        200: CodeList,
        409: detailed('The secret key was changed, so the codes are not known any more.'),
        ...NotFound,
        ...READ_ERRORS,
        ...STAFF_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const { batch, group, id, format } = request.query;
      const some = { batchId: batch, groupId: group, ids: id?.split(',') };
      await requireFreshProof(context, request);
      const handed = await handOutInvitations(context, principalOf(request), some);
      if (format === 'csv') {
        const rows = handed.map((it) => ({
          ...shownHanded(it),
          groups: it.invitation.groups.map(({ name }) => name).join('; '),
          link: `${site}${it.path}`,
        }));
        return sendCsv(reply, 'invitations', CODE_COLUMNS, rows);
      }
      return { invitations: handed.map(shownHanded) };
    },
  });
}

function changeRoutes(api: Api, context: Context): void {
  api.post('/api/admin/invitations/extend/', {
    config: staffWith('users:import'),
    schema: {
      tags,
      security,
      summary: 'Extend invitations, also expired ones; their codes stay',
      body: Extension,
      response: { 200: Changed, ...NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const change = { some: someIn(request.body), lasting: lastingIn(request.body) };
      return { changed: await extendInvitations(context, principalOf(request), change) };
    },
  });

  api.post('/api/admin/invitations/send/', {
    config: staffWith('users:import'),
    schema: {
      tags,
      security,
      summary: 'Mail open invitations to those who have an address, once more',
      body: Sending,
      response: {
        200: Changed,
        409: detailed('The site sends no mail.'),
        ...NotFound,
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      const { language = 'en' } = request.body;
      const change = { some: someIn(request.body), language };
      return { changed: await sendInvitations(context, principalOf(request), change) };
    },
  });

  api.post('/api/admin/invitations/end/', {
    config: staffWith('users:import'),
    schema: {
      tags,
      security,
      summary: 'End invitations that nobody has come by; their names are free again',
      body: Ending,
      response: { 200: Changed, ...NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const change = { some: someIn(request.body), reason: request.body.reason };
      return { changed: await endInvitations(context, principalOf(request), change) };
    },
  });
}

/** @throws ChitError `invalid_fields` if none are named, since that would be all */
function someIn(body: {
  readonly ids?: readonly string[];
  readonly batch?: string;
  readonly group?: string;
  readonly state?: 'open' | 'expired';
  readonly q?: string;
}): SomeInvitations {
  const { ids, batch: batchId, group: groupId, state, q } = body;
  const some = { ids, batchId, groupId, state, search: q?.trim() || undefined };
  if (Object.values(some).every((it) => it === undefined)) {
    const message = 'Give "ids", "batch", "group", "state" or "q".';
    throw invalidField('ids', message, { code: 'required' });
  }
  return some;
}

/** @throws ChitError `invalid_fields` for both at once */
function lastingIn({
  hours,
  until,
}: {
  readonly hours?: number;
  readonly until?: string;
}): Lasting {
  if (until === undefined) return { hours: hours ?? DEFAULT_HOURS };
  if (hours === undefined) return { untilMs: Date.parse(until) };
  throw invalidField('until', 'Give either "hours" or "until".', { code: 'invalid' });
}

/** Rows of the file of who has come and who has not. */
async function* csvRows(invitations: AsyncIterable<Invitation>, atMs: number) {
  for await (const it of invitations) {
    yield invitationRow(it, atMs);
  }
}

function personIn(person: {
  readonly name?: string;
  readonly username?: string;
  readonly email?: string;
  readonly groups?: readonly string[];
  readonly plan?: string;
  readonly tokens?: number;
}) {
  const { groups = [], tokens } = person;
  const trimmed = (text: string | undefined) => text?.trim() || undefined;
  return {
    name: trimmed(person.name),
    username: trimmed(person.username),
    email: trimmed(person.email),
    groups: [...new Set(groups.map((it) => it.trim()).filter((it) => it !== ''))],
    plan: trimmed(person.plan),
    tokens,
  };
}

function isCursor(it: unknown): it is InvitationCursor {
  const { batchId, number } = (it ?? {}) as { batchId?: unknown; number?: unknown };
  return (
    typeof batchId === 'string' && /^[0-9a-f-]{36}$/.test(batchId) && Number.isSafeInteger(number)
  );
}

function shownPlan(plan: InvitationPlan) {
  const { counts, faults } = plan;
  return {
    invited: false,
    batch: null,
    expected: plan.expected,
    counts: {
      rows: counts.rows,
      invitations: counts.invitations,
      here: counts.here,
      invited: counts.invited,
      emails: counts.emails,
      mails: counts.mails,
      new_groups: counts.newGroups,
      new_pools: counts.newPools,
      joins: counts.joins,
      plans: counts.plans,
      tokens: counts.credits,
      faults: faults.length,
    },
    new_groups: [...plan.newGroups],
    faults: faults.slice(0, MAX_FAULTS_SHOWN).map((fault) => ({
      row: fault.row,
      column: fault.column ?? null,
      code: fault.code,
      value: fault.value ?? null,
      earlier_row: fault.earlierRow ?? null,
      message: invitationFaultText(fault),
    })),
    rows: plan.rows.map((it) => ({
      row: it.row,
      state: it.state,
      name: it.name,
      username: it.username ?? null,
      email: it.email ?? null,
      joins: [...it.joins],
      plan: it.plan?.name ?? null,
      tokens: it.credits,
    })),
    invitations: [],
  };
}

async function shownDone(context: Context, { batchId, plan, invitations }: InvitedPeople) {
  const waiting = invitations.filter(
    (it) => it.acceptedAtMs === undefined && it.endedAtMs === undefined,
  );
  const done = { new_groups: [], faults: [], rows: [], counts: null, expected: null };
  return {
    ...(plan ? { ...shownPlan(plan), rows: [] } : done),
    invited: true,
    batch: batchId,
    invitations: await inTurns(waiting, (it) => shownHanded(handedOut(context, it))),
  };
}

function shownHanded({ invitation, code, path }: HandedOut) {
  return {
    id: invitation.id,
    name: invitation.name,
    username: invitation.username ?? null,
    email: invitation.email ?? null,
    groups: invitation.groups.map(({ name }) => name),
    code,
    path,
    expires_at: isoTime(invitation.expiresAtMs),
  };
}

function shown(
  invitation: Invitation,
  { atMs, nameOf }: { readonly atMs: number; readonly nameOf: (actor: string) => string | null },
) {
  const { userId, acceptedAtMs, accountName } = invitation;
  return {
    id: invitation.id,
    batch: invitation.batchId,
    name: invitation.name,
    username: invitation.username ?? null,
    email: invitation.email ?? null,
    groups: invitation.groups.map(({ id, name }) => ({ id, name })),
    plan: invitation.planName ?? null,
    tokens: invitation.credits,
    state: stateOf(invitation, atMs),
    invited_by: invitation.invitedBy,
    invited_by_name: nameOf(invitation.invitedBy),
    created_at: isoTime(invitation.createdAtMs),
    last_invited_at: isoTime(invitation.lastInvitedAtMs),
    expires_at: isoTime(invitation.expiresAtMs),
    ended_at: isoTime(invitation.endedAtMs),
    accepted_at: isoTime(acceptedAtMs),
    user:
      userId === undefined || acceptedAtMs === undefined
        ? null
        : { id: userId, username: accountName ?? null },
  };
}
