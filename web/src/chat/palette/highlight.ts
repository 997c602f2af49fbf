/** Marks the words of a search in what is shown, without changing it. */

const NAME = 'found';

/** Highlights words in an element, by the CSS Custom Highlight API where there is one. */
export function highlight(element: Element, words: readonly string[]): Range | undefined {
  const ranges = words.flatMap((word) => rangesOf(element, word));
  if (typeof Highlight === 'function' && ranges.length > 0) {
    CSS.highlights.set(NAME, new Highlight(...ranges));
  }
  return ranges.toSorted((a, b) => a.compareBoundaryPoints(Range.START_TO_START, b))[0];
}

/** Takes the highlights away. */
export function endHighlight(): void {
  if (typeof Highlight === 'function') CSS.highlights.delete(NAME);
}

const MOST = 500;

function rangesOf(element: Element, word: string): Range[] {
  const literal = word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  const isShort = /^[\p{L}\p{N}]{1,2}$/u.test(word) && !/\p{Script=Han}/u.test(word);
  const pattern = new RegExp(isShort ? `(?<![\\p{L}\\p{N}])${literal}` : literal, 'giu');
  const ranges: Range[] = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node && ranges.length < MOST; node = walker.nextNode()) {
    if (node.parentElement?.closest('button, .answer-line, .offscreen')) continue;
    for (const { index, 0: found } of (node.nodeValue ?? '').matchAll(pattern)) {
      const range = new Range();
      range.setStart(node, index);
      range.setEnd(node, index + found.length);
      ranges.push(range);
    }
  }
  return ranges;
}
