/** The strings of a body of which only the beginning was parsed, since they may be files. */
import { type LongString, lengthBeforeMark } from '../../core/json-bytes.ts';

/** Finds the whole of a string by what was parsed of it. */
export class BodyStrings {
  readonly #json: Buffer;
  readonly #longStrings: readonly LongString[];

  /**
   * @param json the body as it came
   * @param longStrings those of which only the beginning was parsed
   */
  constructor(json: Buffer, longStrings: readonly LongString[]) {
    this.#json = json;
    this.#longStrings = longStrings;
  }

  /** Where the whole string is in the body; undefined if it was parsed as a whole. */
  longString(text: string): LongString | undefined {
    const length = lengthBeforeMark(text);
    return length === undefined ? undefined : this.#longStrings[Number(text.slice(length + 1))];
  }

  /** How long a string is: characters, or bytes of JSON if it was not parsed as a whole. */
  lengthOf(text: string): number {
    const long = this.longString(text);
    return long ? long.end - long.start : text.length;
  }

  /**
   * The beginning of a string that is expected to be ASCII.
   * @returns undefined if it has escape sequences other than that of a slash
   */
  headOf(text: string, characters: number): string | undefined {
    const long = this.longString(text);
    if (!long) return text.slice(0, characters);
    const end = Math.min(long.end, long.start + characters);
    const head = this.#json.toString('latin1', long.start, end);
    if (!head.includes('\\')) return head;
    // A backslash at the end may have been cut from what it escapes.
    const plain = head.replaceAll('\\/', '/').replace(/\\$/, '');
    return plain.includes('\\') ? undefined : plain;
  }

  /** The whole of a string that is expected to be ASCII, in memory of its own. */
  bytesOf(text: string): Uint8Array<ArrayBuffer> {
    const long = this.longString(text);
    return new Uint8Array(long ? this.#json.subarray(long.start, long.end) : Buffer.from(text));
  }

  /** The whole string. */
  whole(text: string): string {
    const long = this.longString(text);
    if (!long) return text;
    const json = this.#json.toString('utf8', long.start, long.end);
    try {
      return JSON.parse(`"${json}"`) as string;
    } catch {
      // It was never parsed, so it may be wrong. Its provider will say so.
      return json;
    }
  }
}
