/** Reads an export apart from the page, which stays usable, and hands out its chats bit by bit. */
import { batchesOf } from './batches.ts';
import type { ImportedChat } from './chats.ts';
import { ReadError } from './chats.ts';
import { readExport } from './read-export.ts';
import type { FromReader, ToReader } from './reader-messages.ts';

const send = (message: FromReader) => postMessage(message);
let chats: readonly ImportedChat[] = [];
let batches: Iterator<readonly ImportedChat[]> | undefined;

addEventListener('message', ({ data }: MessageEvent<ToReader>) => {
  if (data.kind === 'read') void read(data.file);
  else if (data.kind === 'begin') {
    const known = new Set(data.without);
    batches = batchesOf(chats.filter(({ id }) => !known.has(id)));
    next();
  } else next();
});

async function read(file: Blob): Promise<void> {
  try {
    const { source, chats: found, leftOut } = await readExport(file);
    chats = found;
    const overview = found.map(({ id, updated_ms, messages }) => ({
      id,
      updatedMs: updated_ms,
      messages: messages.length,
    }));
    send({ kind: 'read', source, chats: overview, leftOut });
  } catch (error) {
    send({ kind: 'failed', fault: error instanceof ReadError ? error.fault : 'damaged' });
  }
}

function next(): void {
  send({ kind: 'batch', chats: batches?.next().value ?? [] });
}
