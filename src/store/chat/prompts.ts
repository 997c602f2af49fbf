import { type Kysely, type Selectable, sql } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { AttachedFile } from '../../core/files.ts';
import { lockActiveUser } from '../accounts/users.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';
import type { PromptRow } from '../database/schema-chat.ts';
import { lockGroup } from '../groups/groups.ts';
import {
  type CheckedFiles,
  checkFiles,
  type FilesRefused,
  filesOfPrompts,
  putFiles,
  type WantedFiles,
} from './assistant-files.ts';
import { lockFile, markUnused } from './files.ts';
import type { PromptOwner } from './prompt-owner.ts';
import { visiblePrompt } from './visible-prompts.ts';

export type PromptKind = PromptRow['kind'];

/** A text to use again: in the composer, or, of an assistant, as instructions of a chat. */
export interface Prompt {
  readonly id: string;
  readonly kind: PromptKind;
  readonly owner: PromptOwner;
  readonly title: string;
  readonly content: string;
  /** Of an assistant; undefined leaves the choice to the user. */
  readonly model: string | undefined;
  /** Of an assistant, in their order. */
  readonly files: readonly AttachedFile[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** An entry of a list, which has only the beginning of the text. */
export interface ListedPrompt extends Omit<Prompt, 'content' | 'files'> {
  readonly begins: string;
  /** How many files it has. */
  readonly fileCount: number;
  readonly groupName: string | undefined;
  /** Whether the user manages the group that it is shared with. */
  readonly isManaged: boolean;
}

/** The fields to change; the others stay. */
export interface PromptChanges {
  readonly title?: string | undefined;
  readonly content?: string | undefined;
  /** Ignored for what is no assistant. */
  readonly model?: string | null | undefined;
  /** All that it has from now on. Ignored for what is no assistant. */
  readonly files?: WantedFiles | undefined;
}

interface RemoveOptions {
  readonly atMs: number;
  readonly entryOf?: ((before: Prompt) => AuditEntry) | undefined;
}

/** The most entries of a list, and how much of each text it has, in characters. */
const MOST_LISTED = 1_000;
const BEGINNING = 120;

/** Prompts and assistants, found only with their owner or a user who may see them. */
export class PromptStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /**
   * @param most how many the owner may have
   * @param entryOf for the audit log, where others see what is added
   * @returns it; or what kept it from being added: `no_owner` if the user is disabled or the group
   *   ended
   */
  add(
    prompt: Prompt,
    {
      most,
      files,
      entryOf,
    }: {
      readonly most: number;
      readonly files?: WantedFiles | undefined;
      readonly entryOf?: ((added: Prompt) => AuditEntry) | undefined;
    },
  ): Promise<Prompt | 'no_owner' | 'too_many' | FilesRefused> {
    const { id, owner, createdAtMs: atMs } = prompt;
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockOwner(transaction, owner))) return 'no_owner';
      const { count } = await transaction
        .selectFrom('prompts')
        .select((of) => of.fn.countAll<number>().as('count'))
        .where(isOf(owner))
        .executeTakeFirstOrThrow();
      if (Number(count) >= most) return 'too_many';
      const checked = files && (await checkFiles(transaction, prompt, files));
      if (checked && !areChecked(checked)) return checked;
      await transaction.insertInto('prompts').values(toRow(prompt)).execute();
      if (checked) await putFiles(transaction, id, checked, atMs);
      const added = await withFiles(transaction, prompt);
      if (entryOf) await addToAuditLog(transaction, entryOf(added));
      return added;
    });
  }

  /** All that a user may use, the user's own first; at most a thousand. */
  async visibleTo(userId: number): Promise<ListedPrompt[]> {
    return this.#list(visiblePrompt(userId), userId);
  }

  /** All of an owner, in the order in which they were created. */
  async ofOwner(owner: PromptOwner): Promise<ListedPrompt[]> {
    return this.#list(isOf(owner), undefined);
  }

  /** With its whole text. */
  async findVisible(userId: number, id: string): Promise<Prompt | undefined> {
    const row = await this.#db
      .selectFrom('prompts')
      .selectAll()
      .where('id', '=', id)
      .where(visiblePrompt(userId))
      .executeTakeFirst();
    return row && withFiles(this.#db, toPrompt(row));
  }

  /** With its whole text. */
  async find(owner: PromptOwner, id: string): Promise<Prompt | undefined> {
    const row = await this.#db
      .selectFrom('prompts')
      .selectAll()
      .where('id', '=', id)
      .where(isOf(owner))
      .executeTakeFirst();
    return row && withFiles(this.#db, toPrompt(row));
  }

  /** A page of a user's own, with their texts, in the order in which they were created. */
  async ownPage(userId: number, afterId: string, limit: number): Promise<Prompt[]> {
    const rows = await this.#db
      .selectFrom('prompts')
      .selectAll()
      .where('user_id', '=', userId)
      .where('id', '>', afterId)
      .orderBy('id')
      .limit(limit)
      .execute();
    const files = await filesOfPrompts(
      this.#db,
      rows.map((row) => row.id),
    );
    return rows.map((row) => ({ ...toPrompt(row), files: files.get(row.id) ?? [] }));
  }

  /** @returns it as it is now; undefined if there is none; or why it cannot have the files */
  change(
    owner: PromptOwner,
    id: string,
    changes: PromptChanges & { readonly atMs: number },
    entryOf?: (before: Prompt, after: Prompt) => AuditEntry,
  ): Promise<Prompt | undefined | FilesRefused> {
    const { title, content, model, files, atMs } = changes;
    return this.#db.transaction().execute(async (transaction) => {
      // Those of an owner take turns, so that together their files stay within the quota.
      if (files && !(await lockOwner(transaction, owner))) return undefined;
      const locked = await lock(transaction, owner, id);
      if (!locked) return undefined;
      const isChanged = files && locked.kind === 'assistant';
      const checked = isChanged && (await checkFiles(transaction, locked, files));
      if (checked && !areChecked(checked)) return checked;
      const before = await withFiles(transaction, locked);
      if (checked) await putFiles(transaction, id, checked, atMs);
      const row = await transaction
        .updateTable('prompts')
        .set({
          updated_at: atMs,
          ...(title === undefined ? {} : { title }),
          ...(content === undefined ? {} : { content }),
          ...(model === undefined || locked.kind === 'prompt' ? {} : { model }),
        })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      const after = await withFiles(transaction, toPrompt(row));
      if (entryOf) await addToAuditLog(transaction, entryOf(before, after));
      return after;
    });
  }

  /** Deletes it, and those of its files that nothing else has. @returns false if there is none */
  remove(owner: PromptOwner, id: string, { atMs, entryOf }: RemoveOptions): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      const locked = await lock(transaction, owner, id);
      if (!locked) return false;
      const before = await withFiles(transaction, locked);
      const ids = before.files.map((file) => file.id).toSorted();
      for (const fileId of ids) await lockFile(transaction, fileId);
      await transaction.deleteFrom('prompts').where('id', '=', id).execute();
      if (ids.length > 0) await markUnused(transaction, ids, atMs);
      if (entryOf) await addToAuditLog(transaction, entryOf(before));
      return true;
    });
  }

  /** The instructions that a user's new chats begin with; empty for none. */
  async defaultInstructions(userId: number): Promise<string> {
    const row = await this.#db
      .selectFrom('default_instructions')
      .select('content')
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return row?.content ?? '';
  }

  /** @returns false, with nothing changed, if the user is disabled */
  setDefaultInstructions(userId: number, content: string): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockActiveUser(transaction, userId))) return false;
      await transaction.deleteFrom('default_instructions').where('user_id', '=', userId).execute();
      if (content === '') return true;
      const row = { user_id: userId, content };
      await transaction.insertInto('default_instructions').values(row).execute();
      return true;
    });
  }

  async #list(which: ReturnType<typeof isOf>, userId: number | undefined): Promise<ListedPrompt[]> {
    const rows = await this.#db
      .selectFrom('prompts')
      .leftJoin('groups as g', 'g.id', 'prompts.group_id')
      .leftJoin('group_members as m', (join) =>
        join.onRef('m.group_id', '=', 'prompts.group_id').on('m.user_id', '=', userId ?? 0),
      )
      .select(['prompts.id', 'kind', 'prompts.user_id', 'prompts.group_id', 'title'])
      .select(['model', 'prompts.created_at', 'prompts.updated_at'])
      .select(['g.name as group_name', 'm.is_manager'])
      .select(sql<string>`substr(content, 1, ${sql.lit(BEGINNING)})`.as('content'))
      .select(
        sql<number | string>`(SELECT count(*) FROM prompt_files
          WHERE prompt_id = prompts.id)`.as('file_count'),
      )
      .where(which)
      .orderBy(sql`CASE WHEN prompts.user_id IS NULL THEN 1 ELSE 0 END`)
      .orderBy('prompts.id')
      .limit(MOST_LISTED)
      .execute();
    return rows.map((row) => {
      const { content: begins, files: _files, ...prompt } = toPrompt(row);
      const isManaged = row.is_manager === 1;
      const groupName = row.group_name ?? undefined;
      return { ...prompt, begins, fileCount: Number(row.file_count), groupName, isManaged };
    });
  }
}

function isOf(owner: PromptOwner) {
  if ('userId' in owner) return sql<boolean>`prompts.user_id = ${owner.userId}`;
  if ('groupId' in owner) return sql<boolean>`prompts.group_id = ${owner.groupId}`;
  return sql<boolean>`prompts.user_id IS NULL AND prompts.group_id IS NULL`;
}

/** A prompt with the files that it has. */
async function withFiles(db: Kysely<Database>, prompt: Prompt): Promise<Prompt> {
  if (prompt.kind !== 'assistant') return prompt;
  const files = await filesOfPrompts(db, [prompt.id]);
  return { ...prompt, files: files.get(prompt.id) ?? [] };
}

function areChecked(checked: CheckedFiles | FilesRefused): checked is CheckedFiles {
  return typeof checked === 'object' && 'names' in checked;
}

function lockOwner(transaction: Kysely<Database>, owner: PromptOwner): Promise<unknown> {
  if ('userId' in owner) return lockActiveUser(transaction, owner.userId);
  if ('groupId' in owner) return lockGroup(transaction, owner.groupId);
  return Promise.resolve(true);
}

/** Locks it until the transaction ends. */
async function lock(
  transaction: Kysely<Database>,
  owner: PromptOwner,
  id: string,
): Promise<Prompt | undefined> {
  const row = await transaction
    .updateTable('prompts')
    .set((of) => ({ updated_at: of.ref('updated_at') }))
    .where('id', '=', id)
    .where(isOf(owner))
    .returningAll()
    .executeTakeFirst();
  return row && toPrompt(row);
}

function toRow(prompt: Prompt): PromptRow {
  const { id, kind, owner, title, content, model } = prompt;
  return {
    id,
    kind,
    user_id: 'userId' in owner ? owner.userId : null,
    group_id: 'groupId' in owner ? owner.groupId : null,
    title,
    content,
    model: kind === 'assistant' ? (model ?? null) : null,
    created_at: prompt.createdAtMs,
    updated_at: prompt.updatedAtMs,
  };
}

/** Its files are read apart. */
function toPrompt(row: Selectable<PromptRow>): Prompt {
  return {
    id: row.id,
    kind: row.kind,
    owner: ownerOf(row),
    title: row.title,
    content: row.content,
    model: row.model ?? undefined,
    files: [],
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
  };
}

function ownerOf({ user_id: userId, group_id: groupId }: Selectable<PromptRow>): PromptOwner {
  if (userId !== null) return { userId };
  return groupId === null ? { isForAll: true } : { groupId };
}
