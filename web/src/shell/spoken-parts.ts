/** Of what is said at once: browsers stop in the middle of what is much longer. */
const MAX_CHARACTERS = 200;

/** The text in parts that end with a sentence, or at least a word. */
export function partsOf(text: string): string[] {
  const words = text.split(/(?<=\s)/);
  const parts: string[] = [];
  let part = '';
  for (const word of words) {
    const isFull = part.length + word.length > MAX_CHARACTERS;
    if (part !== '' && (isFull || /[.!?…:]\s+$/.test(part))) {
      parts.push(part);
      part = '';
    }
    part += word;
  }
  return [...parts, part].map((it) => it.trim()).filter((it) => it !== '');
}
