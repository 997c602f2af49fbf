/** The text of PDF files, by PDF.js without its canvas and without anything that runs scripts. */
import type { DocumentLimits, DocumentText } from './document-limits.ts';
import { BoundedText, UnreadableDocument } from './document-limits.ts';

/** No stream of a page is longer, but for pictures, which are not decoded. */
const MAX_ARRAY_BYTES = 33_554_432;

/** @throws UnreadableDocument */
export async function pdfText(file: Uint8Array, limits: DocumentLimits): Promise<DocumentText> {
  const memory = limitArrays(limits.inflatedBytes);
  // Afterwards, so that it gets the arrays with limits.
  const { getDocumentProxy } = await import('unpdf');
  const text = new BoundedText(limits.textBytes);
  try {
    const pdf = await getDocumentProxy(file, {
      disableFontFace: true,
      useSystemFonts: false,
      enableXfa: false,
      maxImageSize: 0,
      verbosity: 0,
    });
    const pages = pdf.numPages;
    if (pages > limits.pages) throw new UnreadableDocument('too_many_pages');
    for (let number = 1; number <= pages; number += 1) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      for (const item of items) {
        if ('str' in item) text.add(item.hasEOL ? `${item.str}\n` : item.str);
      }
      text.add('\n\n');
      page.cleanup();
      if (memory.wasPassed()) throw new UnreadableDocument('too_much_inside');
    }
    await pdf.loadingTask.destroy();
    return { mediaType: 'application/pdf', pages, text: text.toString() };
  } catch (error) {
    if (error instanceof UnreadableDocument) throw error;
    if (memory.wasPassed()) throw new UnreadableDocument('too_much_inside');
    const isEncrypted = (error as Error).name === 'PasswordException';
    throw new UnreadableDocument(isEncrypted ? 'encrypted' : 'damaged');
  } finally {
    memory.reset();
  }
}

const PLAIN_ARRAY = Uint8Array;
let leftBytes = Infinity;
let wasPassed = false;

/**
 * Bounds what a file makes PDF.js inflate: arrays are outside of the heap, so that the thread's own
 * limits do not count them. It decodes streams into arrays that double, so what all of them have
 * had together is at most some times the text.
 */
function limitArrays(mostBytes: number): { wasPassed: () => boolean; reset: () => void } {
  leftBytes = mostBytes;
  wasPassed = false;
  if (globalThis.Uint8Array === PLAIN_ARRAY) {
    globalThis.Uint8Array = new Proxy(PLAIN_ARRAY, {
      construct: (array, given: unknown[], target) => {
        const [length] = given;
        if (typeof length === 'number') {
          leftBytes -= length;
          if (length > MAX_ARRAY_BYTES || leftBytes < 0) {
            wasPassed = true;
            throw new RangeError('Too much memory for a document.');
          }
        }
        return Reflect.construct(array, given, target);
      },
    });
  }
  return {
    wasPassed: () => wasPassed,
    reset: () => {
      leftBytes = Infinity;
    },
  };
}
