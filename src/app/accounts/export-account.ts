/** All that is stored about a user, for the user (GDPR, articles 15 and 20). */
import type { ApiKey } from '../../store/accounts/api-keys.ts';
import type { UserEmail } from '../../store/accounts/emails.ts';
import type { Factors } from '../../store/accounts/factors.ts';
import type { Identity } from '../../store/accounts/identities.ts';
import type { RefreshTokenRecord } from '../../store/accounts/refresh-tokens.ts';
import type { User } from '../../store/accounts/users.ts';
import type { AdminKey } from '../../store/admin/admin-keys.ts';
import type { LoggedEntry } from '../../store/admin/audit-log.ts';
import type { Conversation } from '../../store/chat/conversations.ts';
import type { Folder } from '../../store/chat/folders.ts';
import type { Message, MessageSlice } from '../../store/chat/messages.ts';
import type { Prompt } from '../../store/chat/prompts.ts';
import type { StatementLine } from '../../store/credits/transfers.ts';
import type { ScimUser } from '../../store/directory/scim-users.ts';
import type { Membership } from '../../store/groups/groups.ts';
import type { Invitation } from '../../store/invitations/invitations.ts';
import type { MailChoice } from '../../store/notices/mail-settings.ts';
import type { ShownNotice } from '../../store/notices/notices.ts';
import type { RedeemedVoucher } from '../../store/vouchers/vouchers.ts';
import { shownBranch } from '../chat/conversations.ts';
import type { Context } from '../context.ts';
import { type PlanOfAccount, planOfAccount } from '../credits/account-plan.ts';
import { readStatement } from '../credits/read-statement.ts';

const PAGE = 200;
/** Prompts can be long. */
const PROMPTS_AT_ONCE = 20;
/** More groups and sessions of one user are not exported. */
const MOST = 1_000;

/** What is short enough to be read at once. */
export interface AccountFacts {
  readonly user: User;
  readonly balanceCredits: number;
  readonly plan: PlanOfAccount | undefined;
  readonly groups: readonly Membership[];
  /** Of chats. */
  readonly folders: readonly Folder[];
  /** Also those that were revoked. */
  readonly keys: readonly ApiKey[];
  readonly adminKeys: readonly AdminKey[];
  readonly sessions: readonly RefreshTokenRecord[];
  /** Without what they are checked with. */
  readonly factors: Factors;
  readonly vouchers: readonly RedeemedVoucher[];
  /** For mail; undefined if none was given. */
  readonly email: UserEmail | undefined;
  readonly mailChoice: MailChoice;
  /** What the user was told of the account, newest first. */
  readonly notices: readonly ShownNotice[];
  /** By which the account was opened. */
  readonly invitation: Invitation | undefined;
  /** At providers by which the user signs in. */
  readonly identities: readonly Identity[];
  /** What new chats begin with; empty for none. */
  readonly instructions: string;
  /** What a directory says of the user by SCIM; undefined if none does. */
  readonly scimUser: ScimUser | undefined;
  /** The entry of an LDAP directory that signs the user in. */
  readonly ldapSubject: string | undefined;
}

/** A part of an export, in this order; `messages` are those of the conversation before. */
export type AccountSlice =
  | { readonly kind: 'account'; readonly facts: AccountFacts }
  | { readonly kind: 'statement'; readonly lines: readonly StatementLine[] }
  | { readonly kind: 'log'; readonly entries: readonly LoggedEntry[] }
  | { readonly kind: 'prompts'; readonly prompts: readonly Prompt[] }
  | { readonly kind: 'conversation'; readonly conversation: Conversation }
  | { readonly kind: 'messages'; readonly messages: readonly Message[] }
  | { readonly kind: 'other_messages'; readonly messages: readonly Message[] };

/**
 * Reads all that is stored about a user, a slice at a time. There are no secrets in it: neither
 * hashes of passwords or keys nor tokens.
 * @throws ChitError what `HeavyReads` throws, for the first slice, and `read_too_long`
 */
export function exportAccount(context: Context, user: User): AsyncGenerator<AccountSlice> {
  const slices = slicesOf(context, user);
  return context.heavyReads.inSlices(`user:${user.id}`, async () => {
    const { done, value } = await slices.next();
    return done ? undefined : value;
  });
}

async function* slicesOf(context: Context, user: User): AsyncGenerator<AccountSlice, undefined> {
  yield { kind: 'account', facts: await factsOf(context, user) };
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor; isFirst = false) {
    const page = await readStatement(context, user.id, { cursor, limit: `${PAGE}` });
    yield { kind: 'statement', lines: page.lines };
    cursor = page.nextCursor;
  }
  for (let beforeId: string | undefined, isFirst = true; isFirst || beforeId; isFirst = false) {
    const filter = { target: `user:${user.id}`, beforeId, limit: PAGE };
    const { rows, nextId } = await context.auditLog.page(filter);
    yield { kind: 'log', entries: rows };
    beforeId = nextId;
  }
  yield* promptsOf(context, user.id);
  yield* chatsOf(context, user.id);
  for (const isRelayed of [false, true]) {
    for await (const messages of inPages((page) =>
      context.messages.outside(user.id, { ...page, isRelayed }),
    )) {
      yield { kind: 'other_messages', messages };
    }
  }
  return undefined;
}

async function* promptsOf(context: Context, userId: number): AsyncGenerator<AccountSlice> {
  for (let afterId: string | undefined = ''; afterId !== undefined; ) {
    const prompts: Prompt[] = await context.prompts.ownPage(userId, afterId, PROMPTS_AT_ONCE);
    afterId = prompts.at(-1)?.id;
    if (prompts.length > 0) yield { kind: 'prompts', prompts };
  }
}

async function* chatsOf(context: Context, userId: number): AsyncGenerator<AccountSlice> {
  for await (const conversation of pagesOfChats(context, userId)) {
    yield { kind: 'conversation', conversation };
    for await (const messages of inPages((of) => context.messages.all(conversation.id, of))) {
      yield { kind: 'messages', messages };
    }
  }
}

/** The conversations of a user, last used first; each page of them waits for its turn. */
export function conversationsOf(
  context: Context,
  userId: number,
): AsyncGenerator<Conversation, void> {
  return pagesOfChats(context, userId, (read) =>
    context.heavyReads.run(`user:${userId}`, read, true),
  );
}

/** The branch of a conversation that is shown, oldest first; each slice waits for its turn. */
export async function* branchOf(
  context: Context,
  conversation: Conversation,
): AsyncGenerator<readonly Message[], void> {
  const { heavyReads } = context;
  yield* inPages((page) => {
    const read = () => shownBranch(context, conversation, page);
    return heavyReads.run(`user:${conversation.userId}`, read, true);
  });
}

async function* pagesOfChats(
  context: Context,
  userId: number,
  inTurn: <T>(read: () => Promise<T>) => Promise<T> = (read) => read(),
): AsyncGenerator<Conversation, void> {
  let after: Conversation | undefined;
  for (;;) {
    const page = { after, limit: PAGE };
    const conversations = await inTurn(() => context.conversations.list(userId, page));
    yield* conversations;
    after = conversations.at(-1);
    if (!after) return;
  }
}

/** The pages of a list that are not empty. */
async function* inPages(
  read: (page: {
    readonly afterId: string | undefined;
    readonly limit: number;
  }) => Promise<MessageSlice>,
): AsyncGenerator<readonly Message[]> {
  let afterId: string | undefined;
  for (let hasMore = true; hasMore; ) {
    const slice = await read({ afterId, limit: PAGE });
    ({ hasMore } = slice);
    afterId = slice.messages.at(-1)?.id;
    if (slice.messages.length > 0) yield slice.messages;
  }
}

async function factsOf(context: Context, user: User): Promise<AccountFacts> {
  const plan = await planOfAccount(context, user.id);
  const account = await context.ledger.account(user.id);
  const [groups, folders, keys, adminKeys, sessions, vouchers, identities, scimUser] =
    await Promise.all([
      context.groups.ofUser(user.id, MOST),
      context.folders.all(user.id),
      context.apiKeys.allOf(user.id),
      context.adminKeys.allOf(user.id),
      context.refreshTokens.validOf(user.id, context.now(), { limit: MOST }),
      context.vouchers.redeemedBy(user.id),
      context.identities.of(user.id),
      context.scimUsers.byId(user.id),
    ]);
  const factors = await context.factors.of(user.id);
  const balanceCredits = account?.postedCredits ?? 0;
  const instructions = await context.prompts.defaultInstructions(user.id);
  const mail = {
    email: await context.emails.of(user.id),
    mailChoice: await context.mailSettings.of(user.id),
    notices: await context.notices.of(user.id, { limit: MOST }),
  };
  const lists = { groups, folders, keys, adminKeys, sessions, factors, vouchers, identities };
  const ldapSubject = await context.ldapUsers.subjectOf(user.id);
  const invitation = await context.invitations.ofUser(user.id);
  const others = { invitation, scimUser, ldapSubject };
  return { user, balanceCredits, plan, instructions, ...others, ...lists, ...mail };
}
