/** Hidden pages draw no frames. */
const HIDDEN_MS = 250;

/**
 * Collects pieces of text and gives them on once for each frame: more often nobody could see them.
 * @returns `add` for each piece, and `flush` for what has not been given on yet
 */
export function perFrame(show: (text: string) => void): {
  readonly add: (piece: string) => void;
  readonly flush: () => void;
} {
  let collected = '';
  let isWaiting = false;
  const flush = () => {
    isWaiting = false;
    const text = collected;
    collected = '';
    if (text !== '') show(text);
  };
  const add = (piece: string) => {
    collected += piece;
    if (isWaiting) return;
    isWaiting = true;
    if (document.hidden) setTimeout(flush, HIDDEN_MS);
    else requestAnimationFrame(flush);
  };
  return { add, flush };
}
