/** Gives accounts what their invitations promised: tokens, groups, a plan and the address. */
import { hasCode } from '../../core/errors.ts';
import type { Invitation } from '../../store/invitations/invitations.ts';
import type { Context } from '../context.ts';
import { assignPlan } from '../credits/assign-plan.ts';
import { grantAuditEntry } from '../credits/grant-credits.ts';
import { addMembers } from '../groups/manage-groups.ts';
import type { Principal } from '../principal.ts';

/** Whoever opened the account has done it by then, or has stopped. */
const LEFT_AFTER_MS = 60_000;
const AT_ONCE = 50;

/**
 * Gives an account what its invitation promised, in the name of whoever invited. May be repeated:
 * what the account has already, it is not given again. Groups and plans that have ended meanwhile
 * are left out.
 */
export async function finishInvitation(
  context: Context,
  invitation: Invitation,
  userId: number,
): Promise<void> {
  const { id, groups, planId, email, invitedBy, grantId } = invitation;
  const principal: Principal = { actor: invitedBy, address: undefined, user: undefined };
  if (grantId !== undefined) await grantRest(context, principal, { invitation, grantId, userId });
  for (const group of groups) {
    const joining = { users: [{ id: userId }], isManager: false };
    await addMembers(context, principal, group.id, joining).catch(unlessEnded);
  }
  const present = await context.accountPlans.find(userId);
  if (planId !== undefined && present?.planId !== planId) {
    const assignment = { accountIds: [userId], planId, from: 'now' as const };
    await assignPlan(context, principal, assignment).catch(unlessEnded);
  }
  if (email !== undefined) await keepEmail(context, { id, userId, email });
  await context.invitationClaims.completed(id, context.now());
}

/**
 * Notes that somebody has come, and gives the rest. The account is there by now, whatever happens:
 * what is missing is done in the background.
 */
export async function noteAccepted(
  context: Context,
  invitation: Invitation,
  userId: number,
): Promise<void> {
  await context.invitationClaims
    .accepted(invitation.id, userId, context.now())
    .then(() => finishInvitation(context, invitation, userId))
    .catch(() => undefined);
}

/** Finishes what servers that stopped have left. */
export async function finishInvitations(
  context: Context,
  isStopping: () => boolean,
): Promise<number> {
  const left = await context.invitationClaims.unfinished(context.now() - LEFT_AFTER_MS, AT_ONCE);
  let finished = 0;
  for (const invitation of left) {
    if (isStopping() || invitation.userId === undefined) break;
    await context.invitationClaims.accepted(invitation.id, invitation.userId, context.now());
    await finishInvitation(context, invitation, invitation.userId);
    finished += 1;
  }
  return finished;
}

/**
 * Books what an invitation gives above the opening balance of an account that was there before. The
 * transfer has an id of its own, by which the ledger knows it however often this is done.
 */
async function grantRest(
  context: Context,
  principal: Principal,
  grant: { readonly invitation: Invitation; readonly grantId: string; readonly userId: number },
): Promise<void> {
  const { invitation, grantId: transferId, userId: accountId } = grant;
  const credits = invitation.credits - (await context.transfers.openingBalanceOf(accountId));
  if (credits <= 0) return;
  const reason = 'Invitation';
  const { outcome } = await context.ledger.submit({
    kind: 'grant',
    transferId,
    accountId,
    credits,
    actor: principal.actor,
    reason,
    idempotency: undefined,
    atMs: context.now(),
    audit: [grantAuditEntry(principal, { transferId, accountId, credits }, { reason })],
  });
  const isDone = outcome === 'granted' || outcome === 'account_unknown';
  // With a balance at the limit nothing more fits into it.
  if (!isDone && outcome !== 'balance_limit') throw new Error(`A grant ended with ${outcome}.`);
}

/** Who came by the link that was mailed has shown that the address is theirs. */
async function keepEmail(
  { invitationClaims, emails, now }: Context,
  { id, userId, email }: { readonly id: string; readonly userId: number; readonly email: string },
): Promise<void> {
  const verifiedAtMs = (await invitationClaims.cameBy(id)) === 'mail' ? now() : undefined;
  // What a provider or the user has shown is worth more than what staff wrote.
  if ((await emails.of(userId))?.verifiedAtMs !== undefined) return;
  const outcome = await emails.set(userId, email, verifiedAtMs);
  // Somebody else has verified it meanwhile; then it is this user's only by what staff said.
  if (outcome === 'taken') await emails.set(userId, email, undefined);
}

function unlessEnded(error: unknown): void {
  const codes = ['group_ended', 'group_not_found', 'plan_ended', 'plan_not_found'] as const;
  if (!codes.some((code) => hasCode(error, code))) throw error;
}
