/** How many pages a PDF file seems to have. */
import { constants, inflateSync } from 'node:zlib';

/** A page, but not a node of the tree of pages. */
const PAGE = /\/Type\s*\/Page(?![A-Za-z])/g;
/** How many pages a node of the tree has; the root has all. */
const COUNT = /\/Count\s+(\d{1,6})(?!\d)/g;
const OBJECTS = '/ObjStm';
/** The dictionary of a stream is a few hundred bytes before it. */
const DICTIONARY_BYTES = 512;
/** All streams of objects of a file together are inflated to so much, and no more. */
const MAX_INFLATED_BYTES = 16_777_216;
const MAX_STREAMS = 2_000;

/**
 * Counts the pages of a PDF file (ISO 32000-1, 7.7.3), also in compressed streams of objects. A
 * file that was edited has pages of before, so there are no more than its tree says. It is no
 * bound: a page may be listed more than once, and an encrypted file shows none.
 * @returns at least 1
 */
export function pdfPages(pdf: Buffer): number {
  const found = { pages: 0, count: 0 };
  addPages(pdf, found);
  let leftBytes = MAX_INFLATED_BYTES;
  let at = pdf.indexOf(OBJECTS);
  for (let stream = 0; at !== -1 && stream < MAX_STREAMS && leftBytes > 0; stream += 1) {
    const word = pdf.indexOf('stream', at);
    if (word === -1) break;
    if (word - at < DICTIONARY_BYTES) {
      const inflated = inflatedAt(pdf, word + 'stream'.length, leftBytes);
      leftBytes -= inflated.length;
      addPages(inflated, found);
    }
    at = pdf.indexOf(OBJECTS, word);
  }
  return Math.max(1, Math.min(found.pages, found.count || Infinity));
}

function addPages(bytes: Buffer, found: { pages: number; count: number }): void {
  const text = bytes.toString('latin1');
  for (const _ of text.matchAll(PAGE)) found.pages += 1;
  for (const [, count] of text.matchAll(COUNT)) {
    found.count = Math.max(found.count, Number(count));
  }
}

function inflatedAt(pdf: Buffer, from: number, maxOutputLength: number): Buffer {
  // The word is followed by one line break, of one byte or two.
  const start = pdf[from] === 0x0d ? from + 2 : from + 1;
  const end = pdf.indexOf('endstream', start);
  if (end === -1) return Buffer.alloc(0);
  try {
    const finishFlush = constants.Z_SYNC_FLUSH;
    return inflateSync(pdf.subarray(start, end), { maxOutputLength, finishFlush });
  } catch {
    // Compressed in another way, or not at all, or a bomb.
    return Buffer.alloc(0);
  }
}
