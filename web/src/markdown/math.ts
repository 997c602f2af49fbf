/** Formulas in Markdown: between dollar signs, or as models write them, in \( \) and \[ \]. */
import type { Tokens } from 'marked';

/** A display formula. */
export const mathBlock = {
  name: 'mathBlock',
  level: 'block' as const,
  start: (source: string) => source.match(/^ {0,3}(?:\$\$|\\\[)/m)?.index,
  tokenizer(source: string) {
    const match =
      /^ {0,3}\$\$\s*\n?([\s\S]+?)\n?\s*\$\$[ \t]*(?:\n|$)/.exec(source) ??
      /^ {0,3}\\\[([\s\S]+?)\\\][ \t]*(?:\n|$)/.exec(source);
    return match ? { type: 'mathBlock', raw: match[0], text: match[1]?.trim() } : undefined;
  },
  renderer: ({ text }: Tokens.Generic) =>
    `<p class="math block" tabindex="0">${escaped(String(text))}</p>`,
};

/** An inline formula. */
export const mathInline = {
  name: 'mathInline',
  level: 'inline' as const,
  start: (source: string) => source.match(/\$|\\[([]/)?.index,
  tokenizer(source: string) {
    // With a space inside or a digit after it, it is an amount of money.
    const match =
      /^\$(?!\s)((?:\\.|[^$\\\n])+?)(?<!\s)\$(?!\d)/.exec(source) ??
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
