/**
 * Which label typed letters mean: the next one that begins with them. The same letter again and
 * again goes through all that begin with it.
 * @param at the label that has the focus; -1 if none has
 * @returns the index, or -1 if no label begins so
 */
export function matchTyped(labels: readonly string[], letters: string, at: number): number {
  const typed = letters.toLocaleLowerCase();
  const first = typed.slice(0, 1);
  const isOneLetter = typed === first.repeat(typed.length);
  const wanted = isOneLetter ? first : typed;
  // More letters of the same word stay on the label if it still begins with them.
  const from = isOneLetter ? at + 1 : Math.max(at, 0);
  for (let step = 0; step < labels.length; step += 1) {
    const index = (from + step) % labels.length;
    if (labels[index]?.toLocaleLowerCase().startsWith(wanted)) return index;
  }
  return -1;
}
