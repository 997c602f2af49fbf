/** All texts of the page and the panel, also those that are loaded when they are needed. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { de as panelDe } from '../../../web/src/admin/words/de.ts';
import { en as panelEn } from '../../../web/src/admin/words/en.ts';

const FOLDER = join(import.meta.dirname, '../../../web/src/strings');

/** Objects of texts of the page, under the names of their exports, such as `overDe`. */
export const pageTexts = await textsIn(FOLDER);

/** Those of the panel. */
export const panelTexts: Readonly<Record<string, object>> = { panelEn, panelDe };

async function textsIn(folder: string): Promise<Record<string, object>> {
  const texts: Record<string, object> = {};
  for (const file of globSync('**/*.ts', { cwd: folder })) {
    const module = (await import(join(folder, file))) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) {
      const isText = /^(en|de|\w+(En|De))$/.test(name);
      if (isText && typeof value === 'object' && value !== null) texts[name] = value;
    }
  }
  return texts;
}

/**
 * Every text, with the path to it; those that take something are given each of these for all that
 * they take, and left out where they cannot be told so.
 */
export function* textsWith(
  given: readonly unknown[],
  texts: object,
  path = '',
): Generator<readonly [path: string, text: string]> {
  for (const [name, text] of Object.entries(texts)) {
    const here = `${path}${name}`;
    if (typeof text === 'string') yield [here, text];
    if (typeof text === 'object' && text !== null) yield* textsWith(given, text, `${here}.`);
    if (typeof text !== 'function') continue;
    for (const argument of given) {
      const args = Array.from({ length: Math.max(1, text.length) }, () => argument);
      try {
        yield [here, String(text(...args))];
      } catch {
        // It takes something else.
      }
    }
  }
}
