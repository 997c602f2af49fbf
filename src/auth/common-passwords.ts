/**
 * The passwords that are known to everybody who guesses: `common-passwords.br`, made by
 * `test/support/make-common-passwords.ts`, has one per line, in the order of their bytes.
 */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { foldPassword } from '../core/password-rules.ts';

const decompress = promisify(brotliDecompress);

const LIST = new URL('./common-passwords.br', import.meta.url);
const NEWLINE = 0x0a;

let loading: Promise<CommonPasswords> | undefined;

/** The list, which is read when it is first needed, outside of the event loop. */
export function commonPasswords(): Promise<CommonPasswords> {
  if (loading) return loading;
  loading = readFile(LIST).then(async (packed) => new CommonPasswords(await decompress(packed)));
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}

/** Passwords in one buffer, a megabyte of it, in which each is found in some twenty steps. */
export class CommonPasswords {
  readonly #lines: Buffer;

  /** @param lines folded passwords, each with a line feed behind it, in the order of their bytes */
  constructor(lines: Buffer) {
    this.#lines = lines;
  }

  /** Whether it is one of them, in capitals or not. */
  has(password: string): boolean {
    const wanted = Buffer.from(foldPassword(password));
    const lines = this.#lines;
    let from = 0;
    let to = lines.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const start = middle === 0 ? 0 : lines.lastIndexOf(NEWLINE, middle - 1) + 1;
      const end = lines.indexOf(NEWLINE, middle);
      const order = lines.compare(wanted, 0, wanted.length, start, end);
      if (order === 0) return true;
      if (order < 0) from = end + 1;
      else to = start;
    }
    return false;
  }
}
