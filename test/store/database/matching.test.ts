/** Search ignores the case of letters, and always finds exact matches. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import { isStorable } from '../../../src/core/storable-text.ts';
import { type OpenDatabase, openDatabase } from '../../../src/store/database/dialect.ts';
import { onEachDatabase } from '../../support/databases.ts';

/** Whether the database finds the words in each text. */
async function find(
  { kysely, matching }: OpenDatabase,
  pairs: readonly (readonly [text: string, words: string])[],
): Promise<boolean[]> {
  const found: boolean[] = [];
  for (const [text, words] of pairs) {
    const column = sql`(SELECT CAST(${text} AS text) AS content) t`;
    const { rows } =
      await sql`SELECT 1 FROM ${column} WHERE ${matching('t.content', words)}`.execute(kysely);
    found.push(rows.length === 1);
  }
  return found;
}

const FOUND = [
  ['Привет, мир', 'ПРИВЕТ'],
  ['ПРИВЕТ, МИР', 'привет, м'],
  ['Съешь ещё этих', 'ЕЩЁ'],
  ['Die Straße nach Köln', 'KÖLN'],
  ['Die Straße nach Köln', 'straße'],
  ['Αθήνα', 'αΘΉΝΑ'],
  ['ΟΔΟΣ', 'οδοσ'],
  ['İstanbul', 'İSTANBUL'],
  ['KELVIN', 'kelvin'],
  ['𐐀𐐁', '𐐨𐐩'],
  ['100% *sure*, [really]?', '% *SURE*, [REALLY]?'],
  ['Ä [x] (y) {z} ^$ | . + \\ * ? - ]', 'ä [x] (y) {z} ^$ | . + \\ * ? - ]'],
  ['***:ä', '***:Ä'],
  ['two\nlines ü', 'TWO\nLINES Ü'],
  ['日本語', '本'],
  ['a smile 😀', '😀'],
] as const;

const NOT_FOUND = [
  ['Привет', 'привета'],
  ['aXb', 'a.b'],
  ['äXb', 'ä.b'],
  ['äXb', 'ä?b'],
  ['äb', 'ä*b'],
  ['äb', 'ä%b'],
  ['äb', 'ä_'],
  ['ab', '%'],
  ['äb', '[äb]'],
  ['Ä', 'A'],
] as const;

onEachDatabase((at) => {
  test('case is ignored, also beyond ASCII, and characters of patterns stand for themselves', async () => {
    const database = openDatabase(at.url);
    const [found, notFound] = [await find(database, FOUND), await find(database, NOT_FOUND)];
    assert.deepEqual(
      FOUND.filter((_, index) => !found[index]),
      [],
    );
    assert.deepEqual(
      NOT_FOUND.filter((_, index) => notFound[index]),
      [],
    );
    await database.close();
  });

  test('every part of a text is found in it', async () => {
    const database = openDatabase(at.url);
    const text = fc.string({ unit: 'binary', maxLength: 20 }).filter(isStorable);
    const marks = fc.string({ unit: fc.constantFrom(...'äÄßςΣİı*?[]^-%_\\.+(|'), maxLength: 8 });
    const parts = fc.tuple(fc.oneof(text, marks), fc.oneof(text, marks), fc.oneof(text, marks));
    const samples = fc.sample(parts, { numRuns: 400, seed: 7 });
    const pairs = samples.map(([before, words, after]) => [before + words + after, words] as const);
    const found = await find(database, pairs);
    assert.deepEqual(
      pairs.filter((_, index) => !found[index]),
      [],
    );
    await database.close();
  });

  test('words that nearly match everywhere take as long as any others', async () => {
    const database = openDatabase(at.url);
    for (const letter of ['ä', 'a']) {
      const text = letter.repeat(2_000_000);
      const tookMs = async (words: string) => {
        const startedAtMs = performance.now();
        assert.deepEqual(await find(database, [[text, words]]), [false]);
        return performance.now() - startedAtMs;
      };
      // Comparing the words anew at each character takes several seconds, where others take none.
      let isQuick = false;
      let nearMs = 0;
      for (let tries = 0; tries < 5 && !isQuick; tries += 1) {
        const otherMs = await tookMs(`b${letter.repeat(99)}`);
        nearMs = await tookMs(`${letter.repeat(99)}b`);
        isQuick = nearMs < 1_500 + 2 * otherMs;
      }
      assert.ok(isQuick, `${letter}: ${Math.round(nearMs)} ms`);
    }
    await database.close();
  });
});
