/** What staff and the command line do with invitations that they have made. */
import { ChitError } from '../../core/errors.ts';
import type { Invitation, InvitationFilter } from '../../store/invitations/invitations.ts';
import type { Context } from '../context.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { inTurns, MAX_IMPORT_ROWS } from '../user-import/read-rows.ts';
import { endOf, type Lasting } from './plan-invitations.ts';

/** As many invitations can be changed or printed at once. */
export const MAX_AT_ONCE = MAX_IMPORT_ROWS;
/** How long it is known who came, and who did not. */
const KEEP_MS = 180 * 24 * 3_600_000;
const FORGET_AT_ONCE = 200;
const READ_AT_ONCE = 500;

/** Some invitations: listed, or all of a batch, of a group, of a state or that a search finds. */
export type SomeInvitations = Omit<InvitationFilter, 'atMs'>;

/** An invitation with what is handed out. */
export interface HandedOut {
  readonly invitation: Invitation;
  /** As it is printed. */
  readonly code: string;
  /** The path of the page that the code leads to; the code is in the fragment, so in no log. */
  readonly path: string;
}

/**
 * Ends invitations that nobody has come by. Their names are free again; what was accepted stays.
 * @returns how many were ended
 * @throws ChitError `invitation_not_found` if there is none
 */
export async function endInvitations(
  context: Context,
  principal: Principal,
  { some, reason }: { readonly some: SomeInvitations; readonly reason: string | undefined },
): Promise<number> {
  const found = await waitingInvitations(context, some);
  return context.invitations.end(idsOf(found), (ended) =>
    auditEntry(principal, {
      action: 'invitation.end',
      target: targetOf(found),
      reason,
      after: { people: ended },
    }),
  );
}

/**
 * Lets invitations last anew, also those that have expired. Their codes stay.
 * @returns how many were extended
 * @throws ChitError `invitation_not_found` if there is none, `invalid_fields`
 */
export async function extendInvitations(
  context: Context,
  principal: Principal,
  { some, lasting }: { readonly some: SomeInvitations; readonly lasting: Lasting },
): Promise<number> {
  const expiresAtMs = endOf(lasting, context.now());
  const found = await waitingInvitations(context, some);
  const hashesOf = (id: string) => context.invitationCodes.hashesOf(id);
  return context.invitations.extend(idsOf(found), { expiresAtMs, hashesOf }, (extended) =>
    auditEntry(principal, {
      action: 'invitation.extend',
      target: targetOf(found),
      after: { people: extended, expires_at: new Date(expiresAtMs).toISOString() },
    }),
  );
}

/**
 * The codes of invitations that are open, to be printed or copied, which goes into the audit log.
 * @throws ChitError `invitation_not_found` if none is open, `invitation_codes_lost` if the secret
 *   key is not the one that they were made with
 */
export async function handOutInvitations(
  context: Context,
  principal: Principal,
  some: SomeInvitations,
): Promise<HandedOut[]> {
  const found = await waitingInvitations(context, { ...some, state: 'open' });
  const handed = await inTurns(found, (invitation) => {
    const { codeHash } = context.invitationCodes.hashesOf(invitation.id);
    if (codeHash !== invitation.codeHash) throw new ChitError('invitation_codes_lost', undefined);
    return handedOut(context, invitation);
  });
  await context.auditLog.add(
    auditEntry(principal, {
      action: 'invitation.codes',
      target: targetOf(found),
      after: { people: found.length },
    }),
  );
  return handed;
}

/**
 * All invitations of a filter, in the order of lists, read some at a time.
 * @param actor whose turn it is to read much
 */
export async function* eachInvitation(
  context: Context,
  actor: string,
  filter: InvitationFilter,
): AsyncGenerator<Invitation> {
  let after: Invitation | undefined;
  for (;;) {
    const from = after;
    const page = await context.heavyReads.run(actor, () =>
      context.invitations.page(filter, { after: from, limit: READ_AT_ONCE }),
    );
    yield* page;
    after = page.at(-1);
    if (page.length < READ_AT_ONCE) return;
  }
}

/** An invitation with its code. */
export function handedOut({ invitationCodes }: Context, invitation: Invitation): HandedOut {
  const code = invitationCodes.codeOf(invitation.id);
  return { invitation, code, path: `/invited#${code}` };
}

/** Deletes invitations that were accepted or over half a year ago. */
export async function forgetInvitations(
  { invitations, now }: Pick<Context, 'invitations' | 'now'>,
  isStopping: () => boolean,
): Promise<void> {
  while (!isStopping() && (await invitations.forget(now() - KEEP_MS, FORGET_AT_ONCE)) > 0);
}

/**
 * Some invitations that nobody has come by and that have not ended.
 * @throws ChitError `invitation_not_found` if there is none
 */
export async function waitingInvitations(
  context: Context,
  some: SomeInvitations,
): Promise<Invitation[]> {
  const filter = { ...some, atMs: context.now() };
  const limits = { only: 'waiting', most: MAX_AT_ONCE } as const;
  const found = await context.invitations.all(filter, limits);
  if (found.length === 0) throw new ChitError('invitation_not_found', undefined);
  return found;
}

/** What the audit log names: one invitation, or the batch that all are of; otherwise the site. */
export function targetOf(found: readonly Invitation[]): string {
  const [first] = found;
  if (found.length === 1) return `invitation:${first?.id}`;
  const isOne = found.every(({ batchId }) => batchId === first?.batchId);
  return isOne ? `invitation:${first?.batchId}` : 'site';
}

function idsOf(found: readonly Invitation[]): string[] {
  return found.map(({ id }) => id);
}
