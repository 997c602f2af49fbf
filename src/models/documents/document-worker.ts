/** Reads the documents that it is sent, one after the other, in a thread of its own. */
import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { FileFault } from '../../core/files.ts';
import type { DocumentLimits, DocumentText } from './document-limits.ts';
import { UnreadableDocument } from './document-limits.ts';

/** A document to read. */
export interface DocumentJob {
  readonly kind: 'pdf' | 'document';
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly limits: DocumentLimits;
}

/** What became of it. */
export type DocumentAnswer = DocumentText | { readonly fault: FileFault };

try {
  // The thread of the event loop goes first where there are more threads than processors.
  const id = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  setPriority(id, constants.priority.PRIORITY_LOW);
} catch {
  // Only Linux has priorities of threads.
}

parentPort?.on('message', async (job: DocumentJob) => {
  parentPort?.postMessage(await answerTo(job));
});

/** Libraries are loaded when they are first needed. */
async function answerTo({ kind, bytes, limits }: DocumentJob): Promise<DocumentAnswer> {
  try {
    if (kind === 'pdf') {
      const { pdfText } = await import('./pdf-text.ts');
      return await pdfText(bytes, limits);
    }
    const { officeText } = await import('./office-text.ts');
    return officeText(bytes, limits);
  } catch (error) {
    if (error instanceof UnreadableDocument) return { fault: error.fault };
    return { fault: 'damaged' };
  }
}
