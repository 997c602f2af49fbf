import { ChitError } from '../../core/errors.ts';
import type { FoundMessage, StaffMessageQuery } from '../../store/admin/staff-message-search.ts';
import type { Found } from '../../store/database/scan-window.ts';
import type { Context } from '../context.ts';
import { auditEntry, type Principal } from '../principal.ts';

/**
 * Lets staff read users' chats, where the deployment allows it. Every access is in the audit log,
 * with its reason, before anything is shown.
 * @throws ChitError `chats_hidden`, `read_too_long`, and what `HeavyReads` throws
 */
export async function readChats(
  context: Context,
  principal: Principal,
  query: StaffMessageQuery & { readonly reason: string },
): Promise<Found<FoundMessage>> {
  if (!context.policy.canStaffReadChats) throw new ChitError('chats_hidden', undefined);
  const { reason, userId, search, beforeId } = query;
  await context.auditLog.add(
    auditEntry(principal, {
      action: 'chats.read',
      target: userId === undefined ? 'chats' : `user:${userId}`,
      reason,
      after: { search: search ?? null, goes_on: beforeId !== undefined },
    }),
  );
  return context.heavyReads.run(principal.actor, () => context.staffMessageSearch.page(query));
}
