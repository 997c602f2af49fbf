import { ChitError } from '../../core/errors.ts';
import type { Chat, ChatQuery } from '../../store/admin/staff-message-search.ts';
import type { Found } from '../../store/database/scan-window.ts';
import type { Context } from '../context.ts';
import { type By, entryOf } from '../principal.ts';

/**
 * Lets staff look at what users said, where the deployment allows it. Each look is in the audit
 * log, with its reason, before anything is shown.
 * @throws ChitError `chats_hidden`
 */
export async function readChats(
  context: Context,
  by: By,
  query: ChatQuery & { readonly reason: string },
): Promise<Found<Chat>> {
  if (!context.policy.doStaffReadChats) throw new ChitError('chats_hidden', undefined);
  const { reason, userId, search, beforeId } = query;
  const target = userId === undefined ? 'chats' : `user:${userId}`;
  const after = { search: search ?? null, goes_on: beforeId !== undefined };
  await context.auditLog.add(entryOf(context, by, { action: 'chats.read', target, reason, after }));
  return context.chats.page(query);
}
