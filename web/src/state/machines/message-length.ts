/** The length of a message, counted as the server counts it: in code points. */

/** A message that the server would refuse. */
export interface TooLong {
  readonly length: number;
  readonly max: number;
}

/**
 * How long a message is, if that is too long.
 * @param max undefined where the limit is not known; then the server decides
 */
export function tooLong(content: string, max: number | undefined): TooLong | undefined {
  // A code point has one or two units, so most messages need not be counted.
  if (max === undefined || content.length <= max) return undefined;
  let length = 0;
  for (const _ of content) length += 1;
  return length > max ? { length, max } : undefined;
}
