/**
 * Counts the tokens of the texts that it is sent, and the pages of PDF files in base64, in a thread
 * of its own.
 */
import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { pdfPages } from '../input-measure/pdf-pages.ts';
import { countSlices } from './count-slices.ts';

yieldToOthers();

/** Lets the thread of the event loop go first where there are more threads than processors. */
function yieldToOthers(): void {
  try {
    // On Linux a thread has a priority of its own: setpriority(2), "C library/kernel differences".
    const id = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(id, constants.priority.PRIORITY_LOW);
  } catch {
    // Elsewhere threads are of equal rank.
  }
}

parentPort?.on('message', (work: string | Uint8Array) => {
  const isText = typeof work === 'string';
  parentPort?.postMessage(isText ? countSlices(work) : pdfPages(decoded(work)));
});

/** A file in base64, or in a data URL. */
function decoded(bytes: Uint8Array): Buffer {
  const text = Buffer.from(bytes.buffer).toString('latin1');
  const start = text.startsWith('data:') ? text.indexOf(',') + 1 : 0;
  return Buffer.from(text.slice(start), 'base64');
}
