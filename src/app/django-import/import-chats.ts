/** Imports the chats of a Django site. */
import { idOfChat, midnightOf, momentOf } from '../../core/django.ts';
import type { DjangoChat, DjangoSource } from '../../store/django-import/django-source.ts';
import type { ImportedMessage } from '../../store/django-import/imports.ts';
import type { Context } from '../context.ts';
import type { ImportLog } from './import-log.ts';

/**
 * Chats per transaction, which takes about half a second, during which messages wait. With a fifth
 * of it SQLite takes a third longer, since each transaction rewrites most of the index of users.
 */
const PAGE = 10_000;

/** Imports the chats of imported users; chats that were imported before stay as they are. */
export async function importChats(
  { imports }: Context,
  source: DjangoSource,
  log: ImportLog,
  options: {
    readonly isDryRun: boolean;
    readonly userIds: ReadonlySet<unknown>;
    /** @throws the reason to stop before the next page */
    readonly onProgress: (done: number) => Promise<void>;
  },
): Promise<void> {
  const { isDryRun, userIds, onProgress } = options;
  const times = new ChatTimeline(source);
  let done = 0;
  for (const page of source.chats(PAGE)) {
    const messages = page.flatMap((chat) => {
      const time = times.of(chat);
      if (userIds.has(chat.userId)) return messageFrom(chat, time, log);
      const isOfSkipped = log.skipChat(chat.userId);
      if (!isOfSkipped) {
        const whose = chat.userId === null ? 'it has no user' : `there is no user ${chat.userId}`;
        log.tell('chats', `Chat ${chat.id} is skipped: ${whose} at the site.`);
      }
      return [];
    });
    const added = isDryRun
      ? messages.length - (await imports.countKnown(messages.map(({ id }) => id)))
      : await imports.add(messages);
    log.chats.imported += added;
    log.chats.known += messages.length - added;
    done += page.length;
    await onProgress(done);
  }
}

interface Time {
  readonly atMs: number;
  /** What replaces a missing time. */
  readonly substitute: 'midnight' | 'borrowed' | undefined;
}

/**
 * The times of chats. A chat without a time gets the time of the chat before it, which keeps the
 * order; the first ones get that of the first chat that has a time. Times depend on the site alone,
 * as ids do, or a chat would be imported twice.
 */
class ChatTimeline {
  #lastMs: number | undefined;
  readonly #source: DjangoSource;

  constructor(source: DjangoSource) {
    this.#source = source;
  }

  of({ timestamp }: DjangoChat): Time {
    const exactMs = momentOf(timestamp);
    const atMs = exactMs ?? midnightOf(timestamp);
    this.#lastMs = atMs ?? this.#lastMs ?? this.#firstMs();
    const substitute = atMs === undefined ? 'borrowed' : 'midnight';
    return { atMs: this.#lastMs, substitute: exactMs === undefined ? substitute : undefined };
  }

  #firstMs(): number {
    for (const page of this.#source.chats(PAGE)) {
      for (const { timestamp } of page) {
        const atMs = momentOf(timestamp) ?? midnightOf(timestamp);
        if (atMs !== undefined) return atMs;
      }
    }
    return 0;
  }
}

function messageFrom(
  chat: DjangoChat,
  { atMs, substitute }: Time,
  log: ImportLog,
): ImportedMessage {
  const { id, userId, message, response, timestamp } = chat;
  if (substitute !== undefined) {
    log.times[substitute] += 1;
    const isTime = substitute === 'midnight' ? 'only a date' : 'no time from 1970 on';
    const now = new Date(atMs).toISOString();
    log.tell('chats', `Chat ${id}: "${timestamp}" is ${isTime}; it is at ${now} here.`);
  }
  const [content, reply] = [message, response].map((text) => text.replaceAll('\0', '\u{FFFD}'));
  if (content?.includes('\u{FFFD}') || reply?.includes('\u{FFFD}')) {
    log.tell('chats', `Chat ${id}: characters that cannot be stored were replaced.`);
  }
  return {
    id: idOfChat(id, atMs),
    userId: Number(userId),
    content: content ?? '',
    reply: reply ?? '',
    atMs,
  };
}
