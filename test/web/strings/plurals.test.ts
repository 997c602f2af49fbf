import assert from 'node:assert/strict';
import { test } from 'node:test';
import { de as panelDe } from '../../../web/src/admin/words/de.ts';
import { en as panelEn } from '../../../web/src/admin/words/en.ts';
import { de } from '../../../web/src/strings/de.ts';
import { en } from '../../../web/src/strings/en.ts';
import { nounsOf } from '../../../web/src/strings/plurals.ts';

test('a noun follows its count, also one that is written with groups', () => {
  for (const language of ['en', 'de'] as const) {
    const noun = nounsOf(language);
    const forms = [0, 1, 2, '1', '1,001', '1.000.001'].map((it) => noun(it, 'one', 'many'));
    assert.deepEqual(forms, ['many', 'one', 'many', 'one', 'many', 'many']);
  }
});

/** Every text that takes counts, with 1 for each of them. */
function* withOnes(
  ones: readonly unknown[],
  texts: object,
  path = '',
): Generator<[string, string]> {
  for (const [name, text] of Object.entries(texts)) {
    if (typeof text === 'object') yield* withOnes(ones, text, `${path}${name}.`);
    if (typeof text !== 'function') continue;
    for (const argument of ones) {
      const args = Array.from({ length: Math.max(1, text.length) }, () => argument);
      try {
        yield [`${path}${name}`, String(text(...args))];
      } catch {
        // It takes something else.
      }
    }
  }
}

const PLURALS = [
  'tokens|accounts|users|sessions|days|hours|minutes|characters|keys|limits|lines|codes|faults',
  'errors|entries|members|files|messages|transactions|charges|values|vouchers',
  'Konten|Sitzungen|Tage|Stunden|Minuten|Einträge|Mitglieder|Zeilen|Codes|Gutscheine|Buchungen',
  'Werte|Dateien|Nachrichten|verbrauchte',
];
const WRONG = new RegExp(`\\b1 (${PLURALS.join('|')})\\b`);

test('no text says “1 tokens”, in either language', () => {
  const inParams = new Proxy({}, { get: () => 1 });
  // The page's texts take counts as they are written as well.
  const page = withOnes([1, '1', inParams], { en, de });
  const panel = withOnes([1, inParams], { panelEn, panelDe });
  const wrong = [...page, ...panel].filter(([, text]) => WRONG.test(text));
  assert.deepEqual(wrong, []);
});
