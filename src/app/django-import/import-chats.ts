/** The chats of a Django site. */
import { idOfChat, midnightOf, momentOf } from '../../core/django.ts';
import type { DjangoChat, DjangoSource } from '../../store/django-import/django-source.ts';
import type { ImportedMessage } from '../../store/django-import/imports.ts';
import type { Context } from '../context.ts';
import type { ImportLog } from './import-log.ts';

/**
 * In one transaction, about half a second, for which who chats meanwhile waits. With a fifth of it
 * SQLite takes a third longer, since each transaction writes most of the index of users anew.
 */
const PAGE = 10_000;

/** Adds the chats of the users who are there; those that are there already stay as they are. */
export async function importChats(
  { imports }: Context,
  source: DjangoSource,
  log: ImportLog,
  options: {
    readonly isDryRun: boolean;
    readonly userIds: ReadonlySet<unknown>;
    /** @throws whatever is the reason to stop before the next page */
    readonly onProgress: (done: number) => Promise<void>;
  },
): Promise<void> {
  const { isDryRun, userIds, onProgress } = options;
  const times = new Times(source);
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
  /** What stands in for a time that was not there. */
  readonly standIn: 'midnight' | 'borrowed' | undefined;
}

/**
 * Says when chats were. Where a text tells no time, the chat has that of the chat before it, which
 * keeps it in its place; the first ones have that of the first chat that has one. All of it follows
 * from the site alone, and so do the ids, or a chat would come twice.
 */
class Times {
  #lastMs: number | undefined;
  readonly #source: DjangoSource;

  constructor(source: DjangoSource) {
    this.#source = source;
  }

  of({ timestamp }: DjangoChat): Time {
    const exactMs = momentOf(timestamp);
    const atMs = exactMs ?? midnightOf(timestamp);
    this.#lastMs = atMs ?? this.#lastMs ?? this.#firstMs();
    const standIn = atMs === undefined ? 'borrowed' : 'midnight';
    return { atMs: this.#lastMs, standIn: exactMs === undefined ? standIn : undefined };
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

function messageFrom(chat: DjangoChat, { atMs, standIn }: Time, log: ImportLog): ImportedMessage {
  const { id, userId, message, response, timestamp } = chat;
  if (standIn !== undefined) {
    log.times[standIn] += 1;
    const isTime = standIn === 'midnight' ? 'only a date' : 'no time from 1970 on';
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
