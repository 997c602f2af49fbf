/** Reads an export of another product: JSON, also in a zip archive. Nothing of it is sent. */
import { Unzip, UnzipInflate } from 'fflate';
import {
  type ImportedChat,
  type LeftOut,
  nothingLeftOut,
  type ReadChat,
  ReadError,
  type Source,
} from './chats.ts';
import { toImported } from './exchanges.ts';
import { isChatGpt, readChatGpt } from './formats/chatgpt.ts';
import { isClaude, readClaude } from './formats/claude.ts';
import { isLibreChat, readLibreChat } from './formats/librechat.ts';
import { isOpenWebUi, readOpenWebUi } from './formats/open-webui.ts';
import { type Fields, fieldsOf } from './values.ts';

/** What was read of a file. */
export interface ExportRead {
  readonly source: Source;
  readonly chats: readonly ImportedChat[];
  readonly leftOut: LeftOut;
}

interface Format {
  readonly source: Source;
  readonly isIt: (item: Fields) => boolean;
  readonly read: (item: Fields, leftOut: LeftOut) => ReadChat | undefined;
}

const FORMATS: readonly Format[] = [
  { source: 'chatgpt', isIt: isChatGpt, read: readChatGpt },
  { source: 'claude', isIt: isClaude, read: readClaude },
  { source: 'open_webui', isIt: isOpenWebUi, read: readOpenWebUi },
  { source: 'librechat', isIt: isLibreChat, read: readLibreChat },
];

/** More text than this is not read: a browser could not hold it, or an archive is a bomb. */
const MAX_TEXT_BYTES = 200_000_000;
/** Of one chat, in characters. */
const MAX_CHAT_CHARACTERS = 20_000_000;
/** Of one message or reply, so that it fits into a request. */
const MAX_TEXT_CHARACTERS = 100_000;
const ZIP_MAGIC = [0x50, 0x4b];

/**
 * Reads a file that people downloaded elsewhere.
 * @param limit for tests; in bytes of text
 * @throws ReadError if it is none of the exports, too large or damaged
 */
export async function readExport(file: Blob, limit = MAX_TEXT_BYTES): Promise<ExportRead> {
  const first = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isZip = ZIP_MAGIC.every((it, index) => first[index] === it);
  if (!isZip && file.size > limit) throw new ReadError('too_large');
  const texts = isZip ? await unzipped(file, limit) : [await file.text()];
  const items = texts.flatMap(itemsOf);
  const format = FORMATS.find(({ isIt }) => items.some(isIt));
  if (!format) throw new ReadError('not_an_export');
  return chatsOf(format, items);
}

function chatsOf({ source, isIt, read }: Format, items: readonly Fields[]): ExportRead {
  const leftOut = nothingLeftOut();
  const chats = new Map<string, ImportedChat>();
  for (const item of items) {
    const chat = isIt(item) ? read(item, leftOut) : undefined;
    const imported = chat && withoutLongTexts(toImported(chat), leftOut);
    if (!imported) leftOut.unreadable += 1;
    else if (imported.messages.length === 0) leftOut.empty += 1;
    else if (charactersOf(imported) > MAX_CHAT_CHARACTERS) leftOut.tooLong += 1;
    else chats.set(imported.id, imported);
  }
  return { source, chats: [...chats.values()], leftOut };
}

function withoutLongTexts(chat: ImportedChat, leftOut: LeftOut): ImportedChat {
  const shorter = (text: string) => {
    if (text.length <= MAX_TEXT_CHARACTERS) return text;
    leftOut.cut += 1;
    return `${text.slice(0, MAX_TEXT_CHARACTERS)} …`;
  };
  const messages = chat.messages.map((it) => ({
    ...it,
    content: shorter(it.content),
    reply: shorter(it.reply),
  }));
  return { ...chat, messages };
}

function charactersOf({ messages }: ImportedChat): number {
  return messages.reduce((sum, it) => sum + it.content.length + it.reply.length, 0);
}

/** The conversations of a document: it is one, or a list of them. */
function itemsOf(text: string): Fields[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ReadError('damaged');
  }
  const list = Array.isArray(value) ? value : [value];
  return list.map((it) => fieldsOf(it) ?? {});
}

/** The documents of an archive with conversations, as they come out of it. */
async function unzipped(file: Blob, limit: number): Promise<string[]> {
  const texts: string[] = [];
  let bytes = 0;
  let fault: ReadError | undefined;
  const unzip = new Unzip((entry) => {
    if (!/\.json$/i.test(entry.name)) return;
    const decoder = new TextDecoder();
    let text = '';
    entry.ondata = (error, chunk, isLast) => {
      if (error) fault ??= new ReadError('damaged');
      bytes += chunk?.length ?? 0;
      if (bytes > limit) fault ??= new ReadError('too_large');
      if (fault) return;
      text += decoder.decode(chunk, { stream: !isLast });
      if (isLast && isOfConversations(entry.name, text)) texts.push(text);
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  const reader = file.stream().getReader();
  try {
    for (let isDone = false; !isDone && !fault; ) {
      const { value, done } = await reader.read();
      isDone = done;
      // In small steps, since a little of an archive can be very much text.
      const chunk = value ?? new Uint8Array(0);
      for (let from = 0; from < chunk.length && !fault; from += STEP_BYTES) {
        unzip.push(chunk.subarray(from, from + STEP_BYTES));
      }
      if (done && !fault) unzip.push(new Uint8Array(0), true);
    }
  } catch {
    fault ??= new ReadError('damaged');
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (fault) throw fault;
  return texts;
}

const STEP_BYTES = 16_384;
/** Members of conversations; other documents of an archive have none of them. */
const MEMBERS = /"(mapping|chat_messages|chat|conversationId)"/;

function isOfConversations(name: string, text: string): boolean {
  return /(^|\/)conversations?(-\d+)?\.json$/i.test(name) || MEMBERS.test(text.slice(0, 20_000));
}
