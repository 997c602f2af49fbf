/** The files of assistants, and of the chats that were begun with them. */
import { type Kysely, sql } from 'kysely';
import { type AttachedFile, FILE_PIECE_BYTES } from '../../core/files.ts';
import type { Database } from '../database/schema.ts';
import {
  attached,
  type FilePart,
  fileRow,
  lockFile,
  markUnused,
  type StoredFile,
} from './files.ts';
import type { PromptOwner } from './prompt-owner.ts';

/** 1.5 MB: nobody waits long for the transaction on SQLite. */
const COPIED_AT_ONCE = 8;
const PARTS: Readonly<Record<FilePart, 0 | 1>> = { content: 0, text: 1 };

/** Why an assistant cannot have some files; nothing was changed. */
export type FilesRefused = 'file_not_found' | { readonly leftBytes: number };

/** The files that an assistant is to have. */
export interface WantedFiles {
  readonly ids: readonly string[];
  /** What those of its owner may have together, if no quota of a user counts them. */
  readonly quotaBytes: number | undefined;
}

/** Files of assistants: read, and copied for those that are shared. */
export class AssistantFileStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** The files that a chat was begun with, in their order. */
  async ofConversation(conversationId: string): Promise<AttachedFile[]> {
    const rows = await this.#db
      .selectFrom('conversation_files as l')
      .innerJoin('files as f', 'f.id', 'l.file_id')
      .selectAll('f')
      .select('l.name as name_then')
      .where('l.conversation_id', '=', conversationId)
      .orderBy('l.position')
      .execute();
    return rows.map(({ name_then: name, ...row }) => ({ ...attached(row), name }));
  }

  /** How many bytes the files of shared assistants of an owner have together, but for one. */
  bytesOf(owner: PromptOwner, exceptId?: string): Promise<number> {
    return bytesOf(this.#db, owner, exceptId);
  }

  /**
   * Copies a file, so that it belongs to nobody, some pieces at a time. What is not given
   * to an assistant within an hour is deleted.
   * @returns false if it was deleted meanwhile; then nothing is left
   */
  async copyShared(
    file: StoredFile,
    as: { readonly id: string; readonly atMs: number },
  ): Promise<boolean> {
    const { id, atMs } = as;
    const copy = { ...file, id, userId: undefined, createdAtMs: atMs };
    await this.#db.insertInto('files').values(fileRow(copy)).execute();
    const content = await this.#copyPart(file.id, id, 'content');
    await this.#copyPart(file.id, id, 'text');
    const isWhole = content === Math.ceil(file.bytes / FILE_PIECE_BYTES);
    if (!isWhole) {
      await this.discard([id], atMs);
      return false;
    }
    await this.#db
      .updateTable('files')
      .set({ is_stored: 1 })
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .execute();
    return true;
  }

  /** Deletes those of some copies that nothing has. */
  async discard(ids: readonly string[], atMs: number): Promise<void> {
    if (ids.length === 0) return;
    await this.#db.transaction().execute(async (transaction) => {
      for (const id of ids.toSorted()) await lockFile(transaction, id);
      await markUnused(transaction, ids, atMs);
    });
  }

  /** @returns how many pieces it has */
  async #copyPart(from: string, to: string, part: FilePart): Promise<number> {
    for (let piece = 0; ; piece += COPIED_AT_ONCE) {
      const { numAffectedRows = 0n } = await sql`INSERT INTO file_pieces
          (file_id, part, piece, data)
        SELECT ${to}, part, piece, data FROM file_pieces WHERE file_id = ${from}
          AND part = ${PARTS[part]} AND piece >= ${piece}
          AND piece < ${piece + COPIED_AT_ONCE}`.execute(this.#db);
      const copied = Number(numAffectedRows);
      if (copied < COPIED_AT_ONCE) return piece + copied;
      await new Promise(setImmediate);
    }
  }
}

/** The files of assistants, by the id of the assistant, each in its order. */
export async function filesOfPrompts(
  db: Kysely<Database>,
  ids: readonly string[],
): Promise<Map<string, AttachedFile[]>> {
  const files = new Map<string, AttachedFile[]>();
  if (ids.length === 0) return files;
  const rows = await db
    .selectFrom('prompt_files as l')
    .innerJoin('files as f', 'f.id', 'l.file_id')
    .selectAll('f')
    .select(['l.prompt_id', 'l.name as name_then'])
    .where('l.prompt_id', 'in', ids)
    .orderBy('l.prompt_id')
    .orderBy('l.position')
    .execute();
  for (const { prompt_id: prompt, name_then: name, ...row } of rows) {
    const ofPrompt = files.get(prompt) ?? [];
    ofPrompt.push({ ...attached(row), name });
    files.set(prompt, ofPrompt);
  }
  return files;
}

/**
 * Gives an assistant its files, in a transaction that has locked its owner and, if it exists, it.
 * Own ones are files of their user, shared ones files of nobody; those that it has already stay.
 * @param checked what `checkFiles` found
 */
export async function putFiles(
  transaction: Kysely<Database>,
  promptId: string,
  { names, ids, before }: CheckedFiles,
  atMs: number,
): Promise<void> {
  await transaction.deleteFrom('prompt_files').where('prompt_id', '=', promptId).execute();
  const rows = ids.map((id, position) => {
    return { prompt_id: promptId, position, file_id: id, name: names.get(id) ?? '' };
  });
  if (rows.length > 0) await transaction.insertInto('prompt_files').values(rows).execute();
  const removed = before.filter((id) => !names.has(id));
  if (removed.length > 0) await markUnused(transaction, removed, atMs);
}

/** Files that an assistant can have, all of them locked, and those that it has. */
export interface CheckedFiles {
  readonly ids: readonly string[];
  readonly names: ReadonlyMap<string, string>;
  readonly before: readonly string[];
}

/** Locks the files that an assistant is to have and those that it has, and checks the former. */
export async function checkFiles(
  transaction: Kysely<Database>,
  { id: promptId, owner }: { readonly id: string; readonly owner: PromptOwner },
  { ids, quotaBytes }: WantedFiles,
): Promise<CheckedFiles | FilesRefused> {
  const had = await transaction
    .selectFrom('prompt_files')
    .select(['file_id', 'name'])
    .where('prompt_id', '=', promptId)
    .execute();
  const before = had.map((row) => row.file_id);
  const names = new Map<string, string>();
  let bytes = 0;
  for (const id of [...new Set([...before, ...ids])].toSorted()) {
    const row = await transaction
      .updateTable('files')
      .set((of) => ({ name: of.ref('name') }))
      .where('id', '=', id)
      .where('is_stored', '=', 1)
      .where('deleted_at', 'is', null)
      .returning(['name', 'user_id', 'size'])
      .executeTakeFirst();
    const isOwn = row && row.user_id === ('userId' in owner ? owner.userId : null);
    if (!ids.includes(id)) continue;
    if (!isOwn) return 'file_not_found';
    names.set(id, had.find((it) => it.file_id === id)?.name ?? row.name);
    if (!before.includes(id)) bytes += Number(row.size);
  }
  if (quotaBytes !== undefined && bytes > 0) {
    const others = await bytesOf(transaction, owner, promptId);
    const kept = await sizeOf(
      transaction,
      ids.filter((id) => before.includes(id)),
    );
    const leftBytes = quotaBytes - others - kept;
    if (bytes > leftBytes) return { leftBytes };
  }
  return { ids, names, before };
}

/**
 * Begins a chat with the files of an assistant, in the transaction that makes or changes the chat:
 * it keeps them, whatever becomes of the assistant.
 */
export async function beginWithFiles(
  transaction: Kysely<Database>,
  conversationId: string,
  promptId: string,
): Promise<void> {
  const rows = await transaction
    .selectFrom('prompt_files')
    .select(['file_id', 'position', 'name'])
    .where('prompt_id', '=', promptId)
    .execute();
  const kept = new Set<string>();
  for (const id of rows.map((row) => row.file_id).toSorted()) {
    // Nobody deletes it until the chat has it.
    const { numUpdatedRows } = await transaction
      .updateTable('files')
      .set((of) => ({ name: of.ref('name') }))
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows > 0n) kept.add(id);
  }
  const copies = rows
    .filter((row) => kept.has(row.file_id))
    .map((row) => ({ ...row, conversation_id: conversationId }));
  if (copies.length > 0) {
    await transaction.insertInto('conversation_files').values(copies).execute();
  }
}

async function bytesOf(db: Kysely<Database>, owner: PromptOwner, exceptId = ''): Promise<number> {
  if ('userId' in owner) return 0;
  const group = 'groupId' in owner ? sql`p.group_id = ${owner.groupId}` : sql`p.group_id IS NULL`;
  const { rows } = await sql<{ bytes: number | string | null }>`SELECT sum(f.size) AS bytes
    FROM prompts p JOIN prompt_files l ON l.prompt_id = p.id JOIN files f ON f.id = l.file_id
    WHERE p.user_id IS NULL AND ${group} AND p.id <> ${exceptId}`.execute(db);
  return Number(rows[0]?.bytes ?? 0);
}

async function sizeOf(db: Kysely<Database>, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const { rows } = await sql<{ bytes: number | string | null }>`SELECT sum(size) AS bytes
    FROM files WHERE id IN (${sql.join(ids)})`.execute(db);
  return Number(rows[0]?.bytes ?? 0);
}
