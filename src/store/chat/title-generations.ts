import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/schema.ts';

/** A title that a model is to make. */
export interface TitleGeneration {
  /** The id of the generation. */
  readonly id: string;
  readonly conversationId: string;
  readonly userId: number;
  readonly atMs: number;
}

/** Which generations made titles, so that there is one of each conversation. */
export class TitleGenerationStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /**
   * Claims the title of a conversation that is kept.
   * @returns false if it has been claimed, by whichever server, or the conversation is gone
   */
  async claim({ id, conversationId, userId, atMs }: TitleGeneration): Promise<boolean> {
    const { numAffectedRows } = await sql`
      INSERT INTO title_generations (id, conversation_id, user_id, created_at)
      SELECT ${id}, c.id, c.user_id, CAST(${atMs} AS bigint) FROM conversations c
      WHERE c.id = ${conversationId} AND c.user_id = ${userId} AND c.is_temporary = 0
      ON CONFLICT (conversation_id) DO NOTHING`.execute(this.#db);
    return numAffectedRows === 1n;
  }

  /** Erases what is stored of the words of the generation; its charge stays. */
  async eraseWords(id: string, atMs: number): Promise<void> {
    await sql`UPDATE messages SET reply = CASE WHEN reply IS NULL THEN NULL ELSE '' END,
      content = '', erased_at = ${atMs} WHERE id = ${id}`.execute(this.#db);
  }

  /** Renames a conversation, unless its owner has done so. */
  async rename(
    { userId, conversationId }: Pick<TitleGeneration, 'userId' | 'conversationId'>,
    titles: { readonly from: string; readonly to: string },
  ): Promise<void> {
    await this.#db
      .updateTable('conversations')
      .set({ title: titles.to })
      .where('id', '=', conversationId)
      .where('user_id', '=', userId)
      .where('title', '=', titles.from)
      .execute();
  }
}
