/** Cuts text so that counting its tokens takes time in proportion to its length. */

const SLICE_CHARACTERS = 4_096;
/**
 * The time for a word is quadratic in its length, and anything without spaces may be one word: a
 * slice ends after this many characters without a place where the encoding surely splits.
 */
const UNSPLIT_CHARACTERS = 100;
const SPACE = 0x20;

/**
 * Cuts a text into slices that can be counted one by one. A word that is cut in two may count as a
 * token more, so no text is counted as less than it is.
 */
export function* tokenSlices(text: string): Generator<string> {
  let start = 0;
  let split = 0;
  for (let at = 1; at < text.length; at += 1) {
    // A space goes with the word that follows it, so a word ends before it.
    if (text.charCodeAt(at) === SPACE && !isSpace(text.charCodeAt(at - 1))) split = at;
    if (at - split < UNSPLIT_CHARACTERS && at - start < SLICE_CHARACTERS) continue;
    let end = at - split < UNSPLIT_CHARACTERS && split > start ? split : at;
    if (isLowSurrogate(text.charCodeAt(end))) end -= 1;
    yield text.slice(start, end);
    start = end;
    split = Math.max(split, end);
  }
  if (start < text.length) yield text.slice(start);
}

/** Every character that `\s` matches. */
function isSpace(unit: number): boolean {
  if (unit <= SPACE) return true;
  if (unit < 0xa0) return false;
  return /\s/.test(String.fromCharCode(unit));
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
