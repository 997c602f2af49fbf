import { type Kysely, type Selectable, sql } from 'kysely';
import type { Database } from '../database/schema.ts';
import type { ConversationRow } from '../database/schema-chat.ts';
import type { ShareRow } from '../database/share-row.ts';
import { type Conversation, toConversation } from './conversations.ts';

/** What anyone with the token can read of a conversation. */
export interface Share {
  readonly token: string;
  readonly conversationId: string;
  /** `live` is the branch that is shown, also what is added to it later. */
  readonly kind: 'snapshot' | 'live';
  /** The message at the end of a snapshot; undefined if it is empty, or live. */
  readonly leafId: string | undefined;
  /** The title of a snapshot; undefined if it is live. */
  readonly title: string | undefined;
  /** Whether readers see who shared it. */
  readonly showsName: boolean;
  /** undefined for never. */
  readonly expiresAtMs: number | undefined;
  /** When it was shared, or the snapshot was taken; not known of links of earlier versions. */
  readonly sharedAtMs: number | undefined;
}

/** What readers of a share get. */
export interface ShareFound {
  readonly share: Share;
  readonly conversation: Conversation;
  /** Who shared it. */
  readonly username: string;
}

/** What is shared of conversations, and with which token. */
export class ShareStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** What a user shares of a conversation, also if it has expired. */
  async of(userId: number, conversationId: string): Promise<Share | undefined> {
    const row = await this.#db
      .selectFrom('conversations as c')
      .leftJoin('shares as s', 's.conversation_id', 'c.id')
      .selectAll('s')
      .select(['c.id as conversation', 'c.share_token as old_token'])
      .where('c.user_id', '=', userId)
      .where('c.id', '=', conversationId)
      .executeTakeFirst();
    if (!row) return undefined;
    if (row.token !== null) return toShare(row as Selectable<ShareRow>);
    return row.old_token === null ? undefined : oldShare(row.conversation, row.old_token);
  }

  /** What has this token, unless it has expired or its user is disabled. */
  async byToken(token: string, nowMs: number): Promise<ShareFound | undefined> {
    const found = await this.#db
      .selectFrom('shares as s')
      .innerJoin('conversations as c', 'c.id', 's.conversation_id')
      .innerJoin('users as u', 'u.id', 'c.user_id')
      .selectAll('c')
      .select(['s.token as token', 's.is_snapshot', 's.leaf_id as last_id', 's.shows_name'])
      .select(['s.title as its_title', 's.expires_at', 's.created_at as shared_at', 'u.username'])
      .where('s.token', '=', token)
      .where('u.is_active', '=', 1)
      .where((of) => of.or([of('s.expires_at', 'is', null), of('s.expires_at', '>', nowMs)]))
      .executeTakeFirst();
    if (!found) return this.#byOldToken(token);
    const share = toShare({
      conversation_id: found.id,
      token: found.token,
      is_snapshot: found.is_snapshot,
      leaf_id: found.last_id,
      title: found.its_title,
      shows_name: found.shows_name,
      expires_at: found.expires_at,
      created_at: found.shared_at,
    });
    return { share, conversation: toConversation(found), username: found.username ?? '' };
  }

  async #byOldToken(token: string): Promise<ShareFound | undefined> {
    const row: (Selectable<ConversationRow> & { username: string | null }) | undefined =
      await this.#db
        .selectFrom('conversations as c')
        .innerJoin('users as u', 'u.id', 'c.user_id')
        .selectAll('c')
        .select('u.username')
        .where('c.share_token', '=', token)
        .where('u.is_active', '=', 1)
        .executeTakeFirst();
    if (!row) return undefined;
    const share = oldShare(row.id, token);
    return { share, conversation: toConversation(row), username: row.username ?? '' };
  }

  /**
   * Shares a conversation of a user, or changes how.
   * @param share its token is used unless the conversation has one that has not expired
   * @returns undefined if there is no such conversation
   */
  put(userId: number, share: Share, nowMs: number): Promise<Share | undefined> {
    const { conversationId: id } = share;
    return this.#db.transaction().execute(async (transaction) => {
      const old = await transaction
        .selectFrom('conversations')
        .select('share_token')
        .where('user_id', '=', userId)
        .where('id', '=', id)
        .executeTakeFirst();
      if (!old) return undefined;
      // Locks it, so that nobody deletes or shares it meanwhile.
      const { numUpdatedRows } = await transaction
        .updateTable('conversations')
        .set({ share_token: null })
        .where('user_id', '=', userId)
        .where('id', '=', id)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return undefined;
      // So that the link of a share that has expired never works again.
      await transaction
        .deleteFrom('shares')
        .where('conversation_id', '=', id)
        .where('expires_at', '<=', nowMs)
        .execute();
      const values = {
        is_snapshot: share.kind === 'snapshot' ? (1 as const) : (0 as const),
        leaf_id: share.leafId ?? null,
        title: share.title ?? null,
        shows_name: share.showsName ? (1 as const) : (0 as const),
        expires_at: share.expiresAtMs ?? null,
        created_at: share.sharedAtMs ?? sql<number>`0`,
      };
      const row = await transaction
        .insertInto('shares')
        .values({ conversation_id: id, token: old.share_token ?? share.token, ...values })
        .onConflict((conflict) => conflict.column('conversation_id').doUpdateSet(values))
        .returningAll()
        .executeTakeFirstOrThrow();
      return toShare(row);
    });
  }

  /** Ends sharing a conversation of a user: its token no longer works. */
  async end(userId: number, conversationId: string): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('conversations')
        .set({ share_token: null })
        .where('user_id', '=', userId)
        .where('id', '=', conversationId)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return;
      const ended = transaction.deleteFrom('shares').where('conversation_id', '=', conversationId);
      await ended.execute();
    });
  }
}

/** A link of an earlier version: live, for ever. */
function oldShare(conversationId: string, token: string): Share {
  return {
    token,
    conversationId,
    kind: 'live',
    leafId: undefined,
    title: undefined,
    showsName: false,
    expiresAtMs: undefined,
    sharedAtMs: undefined,
  };
}

function toShare(row: Selectable<ShareRow>): Share {
  return {
    token: row.token,
    conversationId: row.conversation_id,
    kind: row.is_snapshot === 1 ? 'snapshot' : 'live',
    leafId: row.leaf_id ?? undefined,
    title: row.title ?? undefined,
    showsName: row.shows_name === 1,
    expiresAtMs: row.expires_at ?? undefined,
    sharedAtMs: row.created_at === 0 ? undefined : row.created_at,
  };
}
