/**
 * Counts the tokens of the texts that it is sent, and the pages of PDF files in base64, in a thread
 * of its own.
 */
import { parentPort } from 'node:worker_threads';
import { countSlices } from './count-slices.ts';
import { pdfPages } from './input-measure/pdf-pages.ts';

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
