/** Sharing a conversation by a link: as it is now, or as it goes on. */
import { randomBytes } from 'node:crypto';
import { ChitError } from '../../core/errors.ts';
import type { Page } from '../../core/page.ts';
import type { Conversation } from '../../store/chat/conversations.ts';
import type { Message } from '../../store/chat/messages.ts';
import type { Share, ShareFound } from '../../store/chat/shares.ts';
import type { Context } from '../context.ts';
import { MAX_PAGE, pageFrom, requireConversation, shownBranch } from './conversations.ts';
import { type OpenFile, openFileOfMessage } from './files/read-file.ts';

/** As hard to guess as an API key: anyone with the link may read. */
const SHARE_TOKEN_BYTES = 18;
const DAY_MS = 86_400_000;

/** How to share; what is undefined stays as it is, or is as by default. */
export interface ShareChange {
  /** `snapshot` takes one now, also where there is an older one. By default a new share is one. */
  readonly kind?: 'snapshot' | 'live' | undefined;
  /** From now on; null for no end, which is the default. */
  readonly expiresInDays?: number | null | undefined;
  /** Whether readers see the username; by default they do not. */
  readonly showsName?: boolean | undefined;
}

/**
 * How a user shares a conversation; undefined if not, or no longer.
 * @throws ChitError `conversation_not_found`
 */
export async function readShare(
  context: Context,
  userId: number,
  id: string,
): Promise<Share | undefined> {
  await requireConversation(context, userId, id);
  const share = await context.shares.of(userId, id);
  const hasExpired = (share?.expiresAtMs ?? Number.POSITIVE_INFINITY) <= context.now();
  return hasExpired ? undefined : share;
}

/**
 * Lets anyone with the token read a conversation, or changes what they read and for how long. The
 * token stays the same until sharing ends. Without a change, what is shared already stays as it is.
 * @throws ChitError `conversation_not_found`, and what `HeavyReads` throws
 */
export async function shareConversation(
  context: Context,
  userId: number,
  id: string,
  change: ShareChange = {},
): Promise<Share> {
  const conversation = await requireConversation(context, userId, id);
  const before = await readShare(context, userId, id);
  if (before && Object.values(change).every((it) => it === undefined)) return before;
  const nowMs = context.now();
  const { kind = before?.kind ?? 'snapshot', expiresInDays } = change;
  const keepsSnapshot = change.kind === undefined && before?.kind === 'snapshot';
  const keptEndMs = expiresInDays === undefined ? before?.expiresAtMs : undefined;
  const share = {
    token: before?.token ?? randomBytes(SHARE_TOKEN_BYTES).toString('base64url'),
    conversationId: id,
    kind,
    ...(keepsSnapshot
      ? { leafId: before.leafId, title: before.title, sharedAtMs: before.sharedAtMs }
      : await contentOf(context, conversation, kind)),
    showsName: change.showsName ?? before?.showsName ?? false,
    expiresAtMs: expiresInDays ? nowMs + expiresInDays * DAY_MS : keptEndMs,
  };
  const stored = await context.shares.put(userId, share, nowMs);
  if (!stored) throw new ChitError('conversation_not_found', undefined);
  return stored;
}

/** What is shared from now on. Of a snapshot, only what nothing can change any more. */
async function contentOf(
  context: Context,
  { id: conversationId, userId, title, leafId }: Conversation,
  kind: Share['kind'],
) {
  const sharedAtMs = context.now();
  if (kind === 'live') return { leafId: undefined, title: undefined, sharedAtMs };
  if (leafId === undefined) return { leafId, title, sharedAtMs };
  const read = () => context.messages.lastEnded({ conversationId, leafId });
  return { leafId: await context.heavyReads.run(`user:${userId}`, read), title, sharedAtMs };
}

/** Ends sharing: the token no longer works. @throws ChitError `conversation_not_found` */
export async function unshareConversation(
  context: Context,
  userId: number,
  id: string,
): Promise<void> {
  await requireConversation(context, userId, id);
  await context.shares.end(userId, id);
}

/** What readers of a share see. */
export interface SharedPage {
  readonly share: Share;
  readonly title: string;
  /** Who shared it; undefined if that is not shown. */
  readonly username: string | undefined;
  readonly messages: Page<Message>;
}

/**
 * A page of what is shared, oldest message first.
 * @param reader the address of whoever reads it, who need not be signed in
 * @throws ChitError `conversation_not_found` if the token is unknown or no longer works, or its
 *   user is disabled; `read_too_long`, and what `HeavyReads` throws
 */
export async function sharedConversation(
  context: Context,
  reader: string,
  token: string,
  page: { readonly afterId: string | undefined; readonly limit: number },
): Promise<SharedPage> {
  const found = await requireShared(context, token);
  const { share, conversation, username } = found;
  const limit = Math.min(page.limit, MAX_PAGE);
  const branch = { id: conversation.id, leafId: lastShared(found) };
  const slice = await context.heavyReads.run(`address:${reader}`, () =>
    shownBranch(context, branch, { ...page, limit }),
  );
  return {
    share,
    title: share.title ?? conversation.title,
    username: share.showsName ? username : undefined,
    messages: pageFrom(slice),
  };
}

/**
 * Opens a file of a message that is shared.
 * @param reader the address of whoever reads it, who need not be signed in
 * @throws ChitError `file_not_found`, whatever is not there or not shared: the link, the message or
 *   the file; and what `HeavyReads` throws
 */
export async function openSharedFile(
  context: Context,
  reader: string,
  { token, messageId, fileId }: Readonly<Record<'token' | 'messageId' | 'fileId', string>>,
): Promise<OpenFile> {
  const unknown = () => new ChitError('file_not_found', undefined);
  const found = await context.shares.byToken(token, context.now());
  const leafId = found && lastShared(found);
  if (!found || leafId === undefined) throw unknown();
  const file = await openFileOfMessage(context, messageId, fileId);
  const branch = { conversationId: found.conversation.id, leafId };
  const read = () => context.messages.isInBranch(messageId, branch);
  // A browser asks for all pictures of a page at once, so none of them is refused.
  if (!(await context.heavyReads.run(`address:${reader}`, read, true))) throw unknown();
  return file;
}

/**
 * What is behind a token.
 * @throws ChitError `conversation_not_found` if it is unknown or no longer works, or its user is
 *   disabled
 */
export async function requireShared(context: Context, token: string): Promise<ShareFound> {
  const found = await context.shares.byToken(token, context.now());
  if (!found) throw new ChitError('conversation_not_found', undefined);
  return found;
}

/** The message at the end of the branch that is shared; undefined if nothing was said. */
export function lastShared({ share, conversation }: ShareFound): string | undefined {
  return share.kind === 'snapshot' ? share.leafId : conversation.leafId;
}
