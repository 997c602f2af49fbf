/** Limits within which a document is read, and how it is told that one was passed. */
import type { FileFault } from '../../core/files.ts';

/** What a document may cost to be read. */
export interface DocumentLimits {
  readonly textBytes: number;
  readonly pages: number;
  /** Of all parts that are read, inflated. */
  readonly inflatedBytes: number;
}

/** What was found in a document. */
export interface DocumentText {
  readonly mediaType: string;
  readonly pages?: number | undefined;
  readonly text: string;
}

/** A document cannot be read, or not within its limits. */
export class UnreadableDocument extends Error {
  readonly fault: FileFault;

  constructor(fault: FileFault) {
    super(fault);
    this.fault = fault;
  }
}

/** Gathers text up to a limit. */
export class BoundedText {
  readonly #mostBytes: number;
  readonly #pieces: string[] = [];
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** @throws UnreadableDocument */
  add(text: string): void {
    if (text === '') return;
    this.#bytes += Buffer.byteLength(text);
    if (this.#bytes > this.#mostBytes) throw new UnreadableDocument('too_much_text');
    this.#pieces.push(text);
  }

  /** All of it, with blank lines where there were more, and without spaces at the ends of lines. */
  toString(): string {
    return tidied(this.#pieces.join(''));
  }
}

/** Characters that cannot be in a text are left out, as files for decoration have them. */
function tidied(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n]|\ufffe|\uffff/gu, '')
    .toWellFormed()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
