/** Formulas in Markdown: between dollar signs, or as models write them, in \( \) and \[ \]. */
import type { Tokens } from 'marked';

/** Longest formula, in characters: what is longer is text between two signs. */
const MAX_FORMULA = 2_000;
const OPENING = /^ {0,3}(\$\$|\\\[)/;
const OPENINGS = /^ {0,3}(?:\$\$|\\\[)/gm;

/** A display formula. */
export const mathBlock = {
  name: 'mathBlock',
  level: 'block' as const,
  // Marked asks once for each paragraph, so only that one is searched, not all that follow it.
  start(source: string) {
    const end = source.indexOf('\n\n');
    const paragraph = source.slice(0, end === -1 ? MAX_FORMULA : Math.min(end, MAX_FORMULA));
    for (const { index } of paragraph.matchAll(OPENINGS)) {
      if (displayFormulaAt(source.slice(index))) return index;
    }
    return undefined;
  },
  tokenizer: displayFormulaAt,
  renderer: ({ text }: Tokens.Generic) =>
    `<p class="math block" tabindex="0">${escaped(String(text))}</p>`,
};

/** The display formula that a text begins with. */
function displayFormulaAt(source: string): Tokens.Generic | undefined {
  const [opening, sign] = OPENING.exec(source) ?? [];
  if (opening === undefined) return undefined;
  const rest = source.slice(opening.length, opening.length + MAX_FORMULA);
  const end = rest.indexOf(sign === '$$' ? '$$' : '\\]');
  const text = rest.slice(0, Math.max(end, 0)).trim();
  const after = /^[ \t]*(?:\n|$)/.exec(source.slice(opening.length + end + 2));
  if (text === '' || !after) return undefined;
  const length = opening.length + end + 2 + after[0].length;
  return { type: 'mathBlock', raw: source.slice(0, length), text };
}

/** An inline formula. */
export const mathInline = {
  name: 'mathInline',
  level: 'inline' as const,
  start: (source: string) => source.match(/\$|\\[([]/)?.index,
  tokenizer(source: string) {
    // With a space inside or a digit after it, it is an amount of money.
    const match =
      /^\$(?!\s)((?:\\.|[^$\\\n]){1,2000}?)(?<!\s)\$(?!\d)/.exec(source) ??
      /^\\\(([\s\S]{1,2000}?)\\\)/.exec(source) ??
      /^\\\[([\s\S]{1,2000}?)\\\]/.exec(source);
    return match ? { type: 'mathInline', raw: match[0], text: match[1]?.trim() } : undefined;
  },
  renderer: ({ raw, text }: Tokens.Generic) => {
    const kind = raw.startsWith('\\[') ? 'math block' : 'math';
    return `<span class="${kind}">${escaped(String(text))}</span>`;
  },
};

/** Escapes a text for HTML. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
