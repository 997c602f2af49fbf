/** Importing chats from other products, in requests of a bounded size, as often as one wants. */
import { createHash } from 'node:crypto';
import { titleFrom } from '../../core/conversation.ts';
import { ChitError } from '../../core/errors.ts';
import { importedChatId, importedMessageId } from '../../core/imported-ids.ts';
import type { ForeignChat } from '../../store/chat/imported-chats.ts';
import type { Context } from '../context.ts';

/** What one account may bring with it: text costs nothing here, so there must be an end. */
export const MAX_IMPORTED_BYTES = 200_000_000;
/** Where an export does not say which model answered. */
const NO_MODEL = 'imported';

/** A message of an export, by the id and the moment that it has there. */
export interface ForeignPlace {
  readonly id: string;
  /** In milliseconds since 1970. */
  readonly createdMs: number;
}

/** A chat of an export, or a part of it. */
export interface ChatToImport {
  readonly id: string;
  readonly title: string;
  readonly systemPrompt: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly leaf: ForeignPlace | undefined;
  readonly messages: readonly (ForeignPlace & {
    readonly parent: ForeignPlace | undefined;
    readonly content: string;
    readonly reply: string;
    readonly model: string;
  })[];
}

/** What was done. */
export interface ImportOutcome {
  /** Messages that were not there before. */
  readonly added: number;
  /** Messages that were there already. */
  readonly known: number;
  /** Messages of chats that are older than chats are kept here. */
  readonly tooOld: number;
}

/**
 * Adds chats to those of a user; nothing is charged. Ids follow from those of the export, so that
 * nothing is there twice.
 * @param source which product, since two may use the same ids
 * @throws ChitError `import_full`, `user_inactive`, both with nothing added, and what `HeavyReads`
 *   throws
 */
export async function importForeignChats(
  context: Context,
  userId: number,
  source: string,
  chats: readonly ChatToImport[],
): Promise<ImportOutcome> {
  const { foreignChats, heavyReads, policy } = context;
  const has = await heavyReads.run(`user:${userId}`, () => foreignChats.bytesOf(userId));
  const keptMs = policy.retention.chatsMs ?? Number.POSITIVE_INFINITY;
  const oldestMs = context.now() - keptMs;
  const kept = chats.filter(({ updatedMs }) => updatedMs >= oldestMs);
  const bytes = kept.reduce((sum, chat) => sum + bytesOf(chat), 0);
  if (has + bytes > MAX_IMPORTED_BYTES) {
    throw new ChitError('import_full', { mostBytes: MAX_IMPORTED_BYTES });
  }
  const ids = new ImportedIds(userId, source);
  const stored = kept.map((chat) => storedChat(chat, ids));
  const added = await foreignChats.add(userId, stored);
  if (added === undefined) throw new ChitError('user_inactive', undefined);
  const count = countOf(kept);
  return { added, known: count - added, tooOld: countOf(chats) - count };
}

/** Which of the chats of an export a user has imported already. @param ids those of the export */
export async function importedBefore(
  context: Context,
  userId: number,
  source: string,
  ids: readonly string[],
): Promise<string[]> {
  const here = new ImportedIds(userId, source);
  const known = await context.foreignChats.knownAmong(
    userId,
    ids.map((id) => here.chat(id)),
  );
  return ids.filter((id) => known.has(here.chat(id)));
}

/** The ids that things of an export have here. */
class ImportedIds {
  readonly #scope: string;

  constructor(userId: number, source: string) {
    this.#scope = JSON.stringify([userId, source]).slice(0, -1);
  }

  chat(id: string): string {
    return importedChatId(this.#hash(id));
  }

  message(chat: string, { id, createdMs }: ForeignPlace): string {
    return importedMessageId(createdMs, this.#hash(chat, id));
  }

  #hash(...names: readonly string[]): string {
    const name = `${this.#scope},${JSON.stringify(names)}]`;
    return createHash('sha256').update(name).digest('hex');
  }
}

function storedChat(chat: ChatToImport, ids: ImportedIds): ForeignChat {
  const { title, systemPrompt, createdMs, updatedMs, leaf } = chat;
  const messages = chat.messages.map((it) => {
    // An answer is never before what it answers, so ids say what comes first.
    const parent = it.parent && it.parent.createdMs < it.createdMs ? it.parent : undefined;
    return {
      id: ids.message(chat.id, it),
      parentId: parent && ids.message(chat.id, parent),
      content: it.content,
      reply: it.reply,
      model: it.model || NO_MODEL,
      createdAtMs: it.createdMs,
    };
  });
  return {
    id: ids.chat(chat.id),
    title: title || titleFrom(messages[0]?.content ?? ''),
    systemPrompt,
    createdAtMs: createdMs,
    updatedAtMs: updatedMs,
    leafId: leaf && ids.message(chat.id, leaf),
    messages,
  };
}

function bytesOf({ messages }: ChatToImport): number {
  return messages.reduce(
    (sum, { content, reply }) => sum + Buffer.byteLength(content) + Buffer.byteLength(reply),
    0,
  );
}

function countOf(chats: readonly ChatToImport[]): number {
  return chats.reduce((sum, { messages }) => sum + messages.length, 0);
}
