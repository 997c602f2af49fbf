import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import { type AttachedFile, FILE_PIECE_BYTES } from '../../core/files.ts';
import { lockActiveUser } from '../accounts/users.ts';
import type { FileRow } from '../database/file-schema.ts';
import type { Database } from '../database/schema.ts';
import { visiblePrompt } from './visible-prompts.ts';

/** A file of a user, or of a shared assistant. */
export interface StoredFile extends AttachedFile {
  /** undefined for one of a shared assistant. */
  readonly userId: number | undefined;
  /** SHA-256, in hexadecimal. */
  readonly hash: string;
  readonly createdAtMs: number;
}

/** Who reads files. */
export interface Reader {
  readonly id: number;
  readonly isStaff: boolean;
}

/** The content of a file, or the text that was found in it. */
export type FilePart = 'content' | 'text';

const PARTS: Readonly<Record<FilePart, 0 | 1>> = { content: 0, text: 1 };
/** Few enough that nobody waits for the transaction on SQLite. */
const PIECES_AT_ONCE = 8;
const SWEPT_AT_ONCE = 50;

/**
 * Files in chats and of assistants. What they have goes with the last of them; what none has goes
 * after an hour.
 */
export class FileStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** How many bytes the files of a user have, with those that are being stored. */
  async bytesOf(userId: number): Promise<number> {
    return bytesOf(this.#db, userId);
  }

  /** A file of a user that is stored. */
  async find(userId: number, id: string): Promise<StoredFile | undefined> {
    const [file] = await this.findAll(userId, [id]);
    return file;
  }

  /** Those of some files that the user has, in no order. */
  async findAll(userId: number, ids: readonly string[]): Promise<StoredFile[]> {
    if (ids.length === 0) return [];
    const rows = await stored(this.#db, userId).where('id', 'in', ids).execute();
    return rows.map(toFile);
  }

  /**
   * A file that a user may read: an own one, and one of an assistant that the user may use or with
   * which a chat of the user was begun; staff, who look after them, those of all shared ones.
   */
  async findReadable(user: Reader, id: string): Promise<StoredFile | undefined> {
    const [file] = await this.findAllReadable(user, [id]);
    return file;
  }

  /** Those of some files that the user may read, in no order. */
  async findAllReadable(user: Reader, ids: readonly string[]): Promise<StoredFile[]> {
    if (ids.length === 0) return [];
    const rows = await anyStored(this.#db)
      .where('id', 'in', ids)
      .where(isReadableBy(user))
      .execute();
    return rows.map(toFile);
  }

  /** Those of some files that may be sent in a chat: own ones, and those that it was begun with. */
  async findSendable(
    { userId, conversationId }: { readonly userId: number; readonly conversationId: string },
    ids: readonly string[],
  ): Promise<StoredFile[]> {
    if (ids.length === 0) return [];
    const rows = await anyStored(this.#db)
      .where('id', 'in', ids)
      .where(isOfUserOrChat(userId, conversationId))
      .execute();
    return rows.map(toFile);
  }

  /** All files of a user and of the user's messages, oldest first, from behind one of them on. */
  async ofUser(userId: number, afterId: string, limit: number): Promise<StoredFile[]> {
    const rows = await anyStored(this.#db)
      .where(sql<boolean>`(user_id = ${userId} OR (user_id IS NULL AND ${isInMessageOf(userId)}))`)
      .where('id', '>', afterId)
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toFile);
  }

  /**
   * Finds a file that the user has uploaded before, and keeps it for another hour at least.
   * @param hash SHA-256, in hexadecimal
   */
  async reuse(
    userId: number,
    hash: string,
    { name, atMs }: { readonly name: string; readonly atMs: number },
  ): Promise<StoredFile | undefined> {
    const row = await this.#db
      .updateTable('files')
      .set({ name, pending_since: atMs })
      .where('user_id', '=', userId)
      .where('hash', '=', hash)
      .where('is_stored', '=', 1)
      .where('deleted_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    return row && toFile(row);
  }

  /**
   * Begins to store a file; its bytes count from now on.
   * @returns what is left if the quota does not suffice
   */
  add(
    file: StoredFile & { readonly userId: number },
    quotaBytes: number,
  ): Promise<'added' | 'user_inactive' | { readonly leftBytes: number }> {
    return this.#db.transaction().execute(async (transaction) => {
      // Uploads of a user take turns here, so that together they stay within the quota.
      if (!(await lockActiveUser(transaction, file.userId))) return 'user_inactive';
      const leftBytes = quotaBytes - (await bytesOf(transaction, file.userId));
      if (file.bytes > leftBytes) return { leftBytes };
      await transaction.insertInto('files').values(fileRow(file)).execute();
      return 'added';
    });
  }

  /** Adds a piece, in a transaction of its own: a large file must not keep others from booking. */
  async addPiece(fileId: string, part: FilePart, piece: number, data: Buffer): Promise<void> {
    await this.#db
      .insertInto('file_pieces')
      .values({ file_id: fileId, part: PARTS[part], piece, data })
      .execute();
  }

  /**
   * All pieces are there. If the same file was stored meanwhile, that one stays.
   * @returns the file; undefined if it was deleted
   */
  complete(
    file: StoredFile & { readonly userId: number },
    atMs: number,
  ): Promise<StoredFile | undefined> {
    const { id, userId, hash, name } = file;
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockActiveUser(transaction, userId))) return undefined;
      const other = await new FileStore(transaction).reuse(userId, hash, { name, atMs });
      if (other) {
        await markDeleted(transaction, sql`id = ${id}`, atMs);
        return other;
      }
      const { numUpdatedRows } = await transaction
        .updateTable('files')
        .set({ is_stored: 1, pending_since: atMs })
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n ? file : undefined;
    });
  }

  /** Reads a part of a file, a piece at a time, each by a query of its own. */
  async *pieces(fileId: string, part: FilePart): AsyncGenerator<Buffer> {
    for (let piece = 0; ; piece += 1) {
      const row = await this.#db
        .selectFrom('file_pieces')
        .select('data')
        .where('file_id', '=', fileId)
        .where('part', '=', PARTS[part])
        .where('piece', '=', piece)
        .executeTakeFirst();
      if (!row) return;
      const { buffer, byteOffset, length } = row.data;
      yield Buffer.from(buffer, byteOffset, length);
      if (length < FILE_PIECE_BYTES) return;
    }
  }

  /** A part that is text in UTF-8. */
  async textOf(fileId: string, part: FilePart): Promise<string> {
    const pieces: Buffer[] = [];
    for await (const piece of this.pieces(fileId, part)) pieces.push(piece);
    return new TextDecoder().decode(Buffer.concat(pieces));
  }

  /** The files of messages, by the id of the message, each in its order. */
  ofMessages(ids: readonly string[]): Promise<Map<string, AttachedFile[]>> {
    return filesOfMessages(this.#db, ids);
  }

  /**
   * Notes which files a message will have, before it is written.
   * @param of the user's own, and those that the conversation was begun with
   * @returns false, with nothing noted, if one of them is not there
   */
  attach(
    messageId: string,
    of: {
      readonly userId: number;
      readonly conversationId: string;
      readonly ids: readonly string[];
      readonly atMs: number;
    },
  ): Promise<boolean> {
    const { userId, conversationId, ids, atMs } = of;
    return this.#db.transaction().execute(async (transaction) => {
      const names = new Map<string, string>();
      // In the order of their ids, as whoever deletes them.
      for (const id of ids.toSorted()) {
        const row = await transaction
          .updateTable('files')
          .set({ pending_since: atMs })
          .where('id', '=', id)
          .where(isOfUserOrChat(userId, conversationId))
          .where('is_stored', '=', 1)
          .where('deleted_at', 'is', null)
          .returning('name')
          .executeTakeFirst();
        if (!row) return false;
        names.set(id, row.name);
      }
      const rows = ids.map((id, position) => {
        return { message_id: messageId, position, file_id: id, name: names.get(id) ?? '' };
      });
      await transaction.insertInto('message_files').values(rows).execute();
      return true;
    });
  }

  /** Takes back what was noted of a message that was not written. */
  async detach(messageId: string): Promise<void> {
    await sql`DELETE FROM message_files WHERE message_id = ${messageId} AND NOT EXISTS
      (SELECT 1 FROM messages WHERE id = ${messageId})`.execute(this.#db);
  }

  /** Deletes a file that nothing has. */
  remove(userId: number, id: string, atMs: number): Promise<'removed' | 'not_found' | 'in_use'> {
    return this.#db.transaction().execute(async (transaction) => {
      const row = await stored(transaction, userId).where('id', '=', id).executeTakeFirst();
      if (!row) return 'not_found';
      await lockFile(transaction, id);
      return (await markUnused(transaction, [id], atMs)) > 0 ? 'removed' : 'in_use';
    });
  }

  /**
   * Looks at some files that were uploaded or sent before a moment, and deletes those that no
   * message has.
   * @param beforeId the least id of messages since then
   * @returns how many were looked at; none once there are no more
   */
  async sweep(beforeMs: number, beforeId: string, atMs: number): Promise<number> {
    const pending = await this.#db
      .selectFrom('files')
      .select('id')
      .where('pending_since', '<', beforeMs)
      .where('deleted_at', 'is', null)
      .orderBy('pending_since')
      .limit(SWEPT_AT_ONCE)
      .execute();
    for (const { id } of pending) {
      await this.#db.transaction().execute(async (transaction) => {
        await lockFile(transaction, id);
        // A server may have died after it noted the files of a message and before it wrote that.
        await sql`DELETE FROM message_files WHERE file_id = ${id} AND message_id < ${beforeId}
          AND NOT EXISTS (SELECT 1 FROM messages
            WHERE id = message_files.message_id AND erased_at IS NULL)`.execute(transaction);
        const { numUpdatedRows } = await transaction
          .updateTable('files')
          .set({ pending_since: null })
          .where('id', '=', id)
          .where('pending_since', '<', beforeMs)
          .where('deleted_at', 'is', null)
          .executeTakeFirst();
        if (numUpdatedRows > 0n) await markUnused(transaction, [id], atMs);
      });
    }
    return pending.length;
  }

  /**
   * Deletes some pieces of files that are deleted, and the file itself after its last one.
   * @returns how many there were; none once there are no more
   */
  async deleteSome(): Promise<number> {
    const { rows } = await sql<{ id: string }>`SELECT id FROM files
      WHERE deleted_at IS NOT NULL ORDER BY deleted_at, id LIMIT 1`.execute(this.#db);
    const [file] = rows;
    if (!file) return 0;
    const { numAffectedRows = 0n } = await sql`DELETE FROM file_pieces
      WHERE file_id = ${file.id} AND (part, piece) IN (SELECT part, piece FROM file_pieces
        WHERE file_id = ${file.id} LIMIT ${sql.lit(PIECES_AT_ONCE)})`.execute(this.#db);
    if (numAffectedRows > 0n) return Number(numAffectedRows);
    // A piece may still be on its way; then it is tried again.
    const gone = await sql`DELETE FROM files WHERE id = ${file.id} AND NOT EXISTS
      (SELECT 1 FROM file_pieces WHERE file_id = ${file.id})`.execute(this.#db);
    return Number(gone.numAffectedRows ?? 0n);
  }
}

/**
 * Takes messages' files off them, and deletes those that no other message has; to be called in the
 * transaction that erases the messages, before it does.
 * @param messages a query of their ids
 * @param conversationId of a conversation that goes with them, and what it was begun with
 */
export async function releaseFiles(
  transaction: Kysely<Database>,
  messages: RawBuilder<unknown>,
  atMs: number,
  conversationId = '',
): Promise<void> {
  const { rows } = await sql<{ file_id: string }>`SELECT file_id FROM message_files
      WHERE message_id IN (${messages})
    UNION SELECT file_id FROM conversation_files
      WHERE conversation_id = ${conversationId}`.execute(transaction);
  if (rows.length === 0) return;
  const ids = rows.map((row) => row.file_id).toSorted();
  for (const id of ids) await lockFile(transaction, id);
  await sql`DELETE FROM message_files WHERE message_id IN (${messages})`.execute(transaction);
  await sql`DELETE FROM conversation_files
    WHERE conversation_id = ${conversationId}`.execute(transaction);
  await markUnused(transaction, ids, atMs);
}

/** Deletes all files of a user who is erased. */
export async function eraseFiles(
  transaction: Kysely<Database>,
  userId: number,
  atMs: number,
): Promise<void> {
  await sql`DELETE FROM message_files WHERE file_id IN
    (SELECT id FROM files WHERE user_id = ${userId})`.execute(transaction);
  await markDeleted(transaction, sql`user_id = ${userId}`, atMs);
}

/** The files of messages, by the id of the message, each in its order. */
export async function filesOfMessages(
  db: Kysely<Database>,
  ids: readonly string[],
): Promise<Map<string, AttachedFile[]>> {
  const files = new Map<string, AttachedFile[]>();
  if (ids.length === 0) return files;
  const rows = await db
    .selectFrom('message_files as l')
    .innerJoin('files as f', 'f.id', 'l.file_id')
    .selectAll('f')
    .select(['l.message_id', 'l.name as name_then'])
    .where('l.message_id', 'in', ids)
    .orderBy('l.message_id')
    .orderBy('l.position')
    .execute();
  for (const { message_id: message, name_then: name, ...row } of rows) {
    const ofMessage = files.get(message) ?? [];
    ofMessage.push({ ...attached(row), name });
    files.set(message, ofMessage);
  }
  return files;
}

function anyStored(db: Kysely<Database>) {
  return db
    .selectFrom('files')
    .selectAll()
    .where('is_stored', '=', 1)
    .where('deleted_at', 'is', null);
}

function stored(db: Kysely<Database>, userId: number) {
  return anyStored(db).where('user_id', '=', userId);
}

function isOfUserOrChat(userId: number, conversationId: string) {
  return sql<boolean>`(user_id = ${userId} OR id IN (SELECT file_id FROM conversation_files
    WHERE conversation_id = ${conversationId}))`;
}

function isInMessageOf(userId: number) {
  return sql<boolean>`EXISTS (SELECT 1 FROM message_files l JOIN messages m ON m.id = l.message_id
    WHERE l.file_id = files.id AND m.user_id = ${userId} AND m.erased_at IS NULL)`;
}

/** What was in a chat of a user stays there, also when its assistant is no longer shared. */
function isReadableBy({ id: userId, isStaff }: Reader) {
  const isVisible = isStaff ? sql`1 = 1` : visiblePrompt(userId);
  return sql<boolean>`(user_id = ${userId} OR (user_id IS NULL AND (
    EXISTS (SELECT 1 FROM prompt_files l JOIN prompts ON prompts.id = l.prompt_id
      WHERE l.file_id = files.id AND ${isVisible})
    OR EXISTS (SELECT 1 FROM conversation_files l JOIN conversations c
      ON c.id = l.conversation_id WHERE l.file_id = files.id AND c.user_id = ${userId})
    OR ${isInMessageOf(userId)})))`;
}

async function bytesOf(db: Kysely<Database>, userId: number): Promise<number> {
  const { rows } = await sql<{ bytes: number | string | null }>`SELECT sum(size) AS bytes
    FROM files WHERE user_id = ${userId} AND deleted_at IS NULL`.execute(db);
  return Number(rows[0]?.bytes ?? 0);
}

/** Until the transaction ends nobody attaches or deletes it. What it finds then is read anew. */
export async function lockFile(transaction: Kysely<Database>, id: string): Promise<void> {
  await sql`UPDATE files SET name = name WHERE id = ${id}`.execute(transaction);
}

/** Deletes those of some files, which are locked, that nothing has. @returns how many */
export function markUnused(
  transaction: Kysely<Database>,
  ids: readonly string[],
  atMs: number,
): Promise<number> {
  return markDeleted(
    transaction,
    sql`id IN (${sql.join(ids)})
      AND NOT EXISTS (SELECT 1 FROM message_files WHERE file_id = files.id)
      AND NOT EXISTS (SELECT 1 FROM prompt_files WHERE file_id = files.id)
      AND NOT EXISTS (SELECT 1 FROM conversation_files WHERE file_id = files.id)`,
    atMs,
  );
}

/** Their content goes afterwards, by `deleteSome`; what it was called goes at once. */
async function markDeleted(
  transaction: Kysely<Database>,
  which: RawBuilder<unknown>,
  atMs: number,
): Promise<number> {
  const { numAffectedRows } = await sql`UPDATE files
    SET deleted_at = ${atMs}, pending_since = NULL, name = '', hash = ''
    WHERE deleted_at IS NULL AND ${which}`.execute(transaction);
  return Number(numAffectedRows ?? 0n);
}

/** A new file as a row: nothing of it is stored yet. */
export function fileRow(file: StoredFile) {
  return {
    id: file.id,
    user_id: file.userId ?? null,
    hash: file.hash,
    name: file.name,
    kind: file.kind,
    media_type: file.mediaType,
    size: file.bytes,
    width: file.width ?? null,
    height: file.height ?? null,
    pages: file.pages ?? null,
    text_bytes: file.textBytes ?? null,
    is_stored: 0,
    pending_since: file.createdAtMs,
    deleted_at: null,
    created_at: file.createdAtMs,
  } as const;
}

/** A row as those see it who read a message or an assistant with the file. */
export function attached(row: Selectable<FileRow>): AttachedFile {
  const { id, name, kind, size: bytes } = row;
  return {
    id,
    name,
    kind,
    mediaType: row.media_type,
    bytes,
    width: row.width ?? undefined,
    height: row.height ?? undefined,
    pages: row.pages ?? undefined,
    textBytes: row.text_bytes ?? undefined,
    ...(row.user_id === null ? { isShared: true } : {}),
  };
}

function toFile(row: Selectable<FileRow>): StoredFile {
  const { user_id: userId, hash, created_at: createdAtMs } = row;
  return { ...attached(row), userId: userId ?? undefined, hash, createdAtMs };
}
