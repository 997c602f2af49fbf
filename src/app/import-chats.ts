/** The chats of a Django site. */
import { idOfChat, momentOf } from '../core/django.ts';
import type { DjangoChat, DjangoSource } from '../store/django-source.ts';
import type { ImportedMessage } from '../store/imports.ts';
import type { Context } from './context.ts';
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
    readonly userIds: ReadonlySet<number>;
    readonly onProgress: (done: number) => void;
  },
): Promise<void> {
  const { isDryRun, userIds, onProgress } = options;
  let done = 0;
  for (let afterId = Number.MIN_SAFE_INTEGER; ; ) {
    const page = source.chats(afterId, PAGE);
    const last = page.at(-1);
    if (!last) return;
    afterId = last.id;
    const messages = page.flatMap((chat) => {
      const message = messageFrom(chat, userIds, log);
      if (!message) log.chats.skipped += 1;
      return message ?? [];
    });
    const added = isDryRun
      ? messages.length - (await imports.countKnown(messages.map(({ id }) => id)))
      : await imports.add(messages);
    log.chats.imported += added;
    log.chats.known += messages.length - added;
    done += page.length;
    onProgress(done);
  }
}

function messageFrom(
  chat: DjangoChat,
  userIds: ReadonlySet<number>,
  log: ImportLog,
): ImportedMessage | undefined {
  const { id, userId, message, response, timestamp } = chat;
  if (!userIds.has(userId)) {
    log.tell(`Chat ${id} is skipped: its user ${userId} was not brought over.`);
    return undefined;
  }
  const atMs = momentOf(timestamp);
  if (atMs === undefined || !Number.isSafeInteger(id) || id < 0) {
    log.tell(`Chat ${id} is skipped: "${timestamp}" is no time.`);
    return undefined;
  }
  if (/\0/.test(message + response)) {
    log.tell(`Chat ${id}: characters that cannot be stored were replaced.`);
  }
  const [content, reply] = [message, response].map((text) => text.replaceAll('\0', '\u{FFFD}'));
  return { id: idOfChat(id, atMs), userId, content: content ?? '', reply: reply ?? '', atMs };
}
