import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nounsOf } from '../../../web/src/strings/plurals.ts';
import { pageTexts, panelTexts, textsWith } from './all-texts.ts';

test('a noun follows its count, also one that is written with groups', () => {
  for (const language of ['en', 'de'] as const) {
    const noun = nounsOf(language);
    const forms = [0, 1, 2, '1', '1,001', '1.000.001'].map((it) => noun(it, 'one', 'many'));
    assert.deepEqual(forms, ['many', 'one', 'many', 'one', 'many', 'many']);
  }
});

const PLURALS = [
  'tokens|chats|answers|accounts|users|sessions|days|hours|minutes|characters|keys|limits|lines',
  'codes|faults|errors|entries|members|files|messages|transactions|charges|values|vouchers',
  'Chats|Antworten|Konten|Sitzungen|Tage|Stunden|Minuten|Einträge|Mitglieder|Zeilen|Codes',
  'Gutscheine|Buchungen|Werte|Dateien|Nachrichten|verbrauchte',
];
const WRONG = new RegExp(`\\b1 (${PLURALS.join('|')})\\b`);

test('no text says “1 tokens”, in either language', () => {
  const inParams = new Proxy({}, { get: () => 1 });
  const wrongWith = (given: readonly unknown[], texts: object) =>
    [...textsWith(given, texts)].filter(([, text]) => WRONG.test(text));
  const { en, de, ...later } = pageTexts;
  // The page's texts take counts as they are written as well.
  assert.deepEqual(wrongWith([1, '1', inParams], { en, de }), []);
  assert.deepEqual(wrongWith([1, inParams], panelTexts), []);
  // Those that are loaded later take them in one of the two ways.
  const asWritten = new Set(wrongWith(['1'], later).map(([path]) => path));
  assert.deepEqual(
    wrongWith([1, inParams], later).filter(([path]) => asWritten.has(path)),
    [],
  );
});
