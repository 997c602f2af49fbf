/** Chats in requests of a bounded size; a long one goes in several, its messages in order. */
import type { ImportedChat, ImportedMessage } from './chats.ts';

/** Below the smallest limit that servers usually have for bodies. */
const BATCH_BYTES = 500_000;
const BATCH_MESSAGES = 400;
const BATCH_CHATS = 50;
/** What a chat or a message has beside its words. */
const EACH_BYTES = 400;

/** Chats, or parts of them, for one request. */
export function* batchesOf(chats: readonly ImportedChat[]): Generator<readonly ImportedChat[]> {
  let batch: ImportedChat[] = [];
  let bytes = 0;
  let count = 0;
  for (const chat of chats) {
    for (const part of partsOf(chat)) {
      const size = bytesOf(part);
      const { length } = part.messages;
      const isFull =
        bytes + size > BATCH_BYTES ||
        count + length > BATCH_MESSAGES ||
        batch.length >= BATCH_CHATS;
      if (batch.length > 0 && isFull) {
        yield batch;
        batch = [];
        bytes = 0;
        count = 0;
      }
      batch.push(part);
      bytes += size;
      count += length;
    }
  }
  if (batch.length > 0) yield batch;
}

function* partsOf(chat: ImportedChat): Generator<ImportedChat> {
  let messages: ImportedMessage[] = [];
  let bytes = 0;
  for (const message of chat.messages) {
    const size = bytesOfMessage(message);
    const isFull = bytes + size > BATCH_BYTES || messages.length >= BATCH_MESSAGES;
    if (messages.length > 0 && isFull) {
      const last = messages.at(-1);
      // Until the last part is there, the chat ends where this one does.
      const leaf = last ? { id: last.id, created_ms: last.created_ms } : null;
      yield { ...chat, leaf, messages };
      messages = [];
      bytes = 0;
    }
    messages.push(message);
    bytes += size;
  }
  yield { ...chat, messages };
}

function bytesOf(chat: ImportedChat): number {
  const { title, system_prompt: prompt, messages } = chat;
  const own = EACH_BYTES + jsonBytes(title) + jsonBytes(prompt);
  return messages.reduce((sum, it) => sum + bytesOfMessage(it), own);
}

function bytesOfMessage({ content, reply }: ImportedMessage): number {
  return EACH_BYTES + jsonBytes(content) + jsonBytes(reply);
}

const ENCODER = new TextEncoder();

function jsonBytes(text: string): number {
  return ENCODER.encode(JSON.stringify(text)).length;
}
