import { storableText } from '../../core/storable-text.ts';
import { MOST_RESULT_BYTES } from '../../core/tools.ts';

const CUT = '\n[The answer was longer and is cut here.]';

/** A text that can be stored and passed on: cut between characters if it has too many bytes. */
export function resultText(text: string): string {
  const storable = storableText(text);
  const bytes = Buffer.from(storable);
  if (bytes.length <= MOST_RESULT_BYTES) return storable;
  let end = MOST_RESULT_BYTES - CUT.length;
  // The bytes of a character after its first are 10xxxxxx.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end) + CUT;
}
