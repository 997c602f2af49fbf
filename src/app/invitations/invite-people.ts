/** Inviting people, as staff and the command line do. */
import { ChitError } from '../../core/errors.ts';
import { placeKey } from '../../store/accounts/import-places.ts';
import { addInvitations, type NewInvitation } from '../../store/invitations/add-invitations.ts';
import type { Invitation } from '../../store/invitations/invitations.ts';
import type { Context } from '../context.ts';
import { newGroup } from '../groups/manage-groups.ts';
import { newId } from '../ids.ts';
import { requireMail } from '../notices/email-address.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { inTurns, MAX_IMPORT_ROWS } from '../user-import/read-rows.ts';
import { invitationFaultText } from './fault-text.ts';
import { invitationMail } from './mail-invitations.ts';
import {
  endOf,
  type InvitationPlan,
  type InvitationRequest,
  planInvitations,
} from './plan-invitations.ts';

/** `expected` of a plan: the id of the batch, and the digest of what it does. */
const EXPECTED = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[\w-]{43}$/;

/** What was done. */
export interface InvitedPeople {
  readonly batchId: string;
  /** Undefined if an earlier request with the same `expected` has done it. */
  readonly plan: InvitationPlan | undefined;
  /** In the order of the list; without those who are here or were invited before. */
  readonly invitations: readonly Invitation[];
}

/**
 * Invites people: all of a list or nobody. No account is opened and nothing is booked before
 * somebody comes; their usernames are kept for them, and groups that do not exist are created. Sent
 * again with the same `expected`, it invites nobody twice.
 * @param request `expected` is that of the plan which somebody has looked at; undefined if nobody
 *   has, as for a single person
 * @throws ChitError `invitations_refused`, `invitations_changed`, `invalid_fields`, `mail_off`,
 *   with nothing done
 */
export async function invitePeople(
  context: Context,
  principal: Principal,
  request: InvitationRequest & { readonly expected: string | undefined },
): Promise<InvitedPeople> {
  const { expected, ...asked } = request;
  if (asked.mailLanguage !== undefined) requireMail(context);
  const [, givenId] = EXPECTED.exec(expected ?? '') ?? [];
  if (expected !== undefined && givenId === undefined) throw changed();
  const batchId = givenId ?? newId();
  const replayed = async () => {
    if (givenId === undefined || (await context.invitations.sizeOf(batchId)) === 0)
      return undefined;
    return { batchId, plan: undefined, invitations: await batchOf(context, batchId) };
  };
  const earlier = await replayed();
  if (earlier) return earlier;
  const plan = await planInvitations(context, asked, batchId);
  // The same request may have done it just now, which is why nothing is as it was expected.
  const meanwhile = plan.expected === expected ? undefined : await replayed();
  if (meanwhile) return meanwhile;
  const [fault] = plan.faults;
  if (fault) {
    const { row, column } = fault;
    const first = { row, column, message: invitationFaultText(fault) };
    throw new ChitError('invitations_refused', { faults: plan.faults.length, first });
  }
  if (expected !== undefined && plan.expected !== expected) throw changed();
  if (plan.counts.invitations === 0) return { batchId, plan, invitations: [] };
  const outcome = await add(context, principal, { asked, batchId, plan });
  if (outcome === 'taken') throw changed();
  const invitations = await batchOf(context, batchId);
  return { batchId, plan: outcome === 'there' ? undefined : plan, invitations };
}

function changed(): ChitError<'invitations_changed'> {
  return new ChitError('invitations_changed', undefined);
}

function batchOf({ invitations, now }: Context, batchId: string): Promise<Invitation[]> {
  return invitations.all({ batchId, atMs: now() }, { most: MAX_IMPORT_ROWS });
}

async function add(
  context: Context,
  principal: Principal,
  {
    asked,
    batchId,
    plan,
  }: {
    readonly asked: InvitationRequest;
    readonly batchId: string;
    readonly plan: InvitationPlan;
  },
): Promise<'added' | 'there' | 'taken'> {
  const { invitations: store, invitationCodes, importPlaces } = context;
  const atMs = context.now();
  const expiresAtMs = endOf(asked, atMs);
  const newGroups = plan.newGroups.map((name) =>
    newGroup(context, principal, { name, hasPool: asked.hasPools, models: undefined }),
  );
  const ids = new Map(newGroups.map(({ group }) => [placeKey(group.name), group.id]));
  const names = plan.rows.flatMap(({ joins }) => joins);
  for (const [key, { id }] of await importPlaces.named('groups', names)) ids.set(key, id);
  const invited = plan.rows.filter(({ state }) => state === 'new');
  const invitations = await inTurns(
    invited.map((row, index) => ({ row, number: index + 1 })),
    ({ row, number }): NewInvitation => {
      const id = newId();
      return {
        id,
        number,
        name: row.name,
        username: row.username,
        email: row.email,
        planId: row.plan?.id,
        credits: row.credits,
        ...invitationCodes.hashesOf(id),
        groupIds: row.joins.flatMap((name) => ids.get(placeKey(name)) ?? []),
      };
    },
  );
  const { counts } = plan;
  const entry = auditEntry(principal, {
    action: 'invitation.create',
    target: `invitation:${batchId}`,
    after: {
      people: counts.invitations,
      tokens: counts.credits,
      plans: counts.plans,
      mails: counts.mails,
      joins: counts.joins,
      expires_at: new Date(expiresAtMs).toISOString(),
    },
  });
  const batch = { id: batchId, invitedBy: principal.actor, atMs, expiresAtMs };
  const { mailLanguage } = asked;
  const mailed = mailLanguage === undefined ? [] : invitations;
  const mails = await inTurns(mailed, ({ email, ...it }) =>
    email === undefined || mailLanguage === undefined
      ? []
      : invitationMail(context, principal, { ...it, email, expiresAtMs }, mailLanguage),
  );
  return addInvitations(store, { ...batch, invitations, newGroups, entry, mails: mails.flat() });
}
