import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { repeatedMember } from '../../../src/models/request-guard/repeated-members.ts';

const repeatedIn = (json: string) => repeatedMember(Buffer.from(json));

test('a member that comes twice in the same object is found, with its path', () => {
  assert.equal(repeatedIn('{"model":"a","model":"b"}'), 'model');
  assert.equal(repeatedIn('{"model":"a","\\u006dodel":"b"}'), 'model');
  assert.equal(repeatedIn('{"a":[{"n":1},{"b":{"ü":1,"x":[{}], "\\u00fc" :2}}]}'), 'a[1].b.ü');
  assert.equal(repeatedIn('[1,[2,3],{"a":{"a":1},"a":2}]'), '[2].a');
});

test('the same name in other objects, in lists and in text is no repetition', () => {
  assert.equal(repeatedIn('{"a":{"a":["a","a",{"a":"a\\",\\"a"}]},"b":{"a":1}}'), undefined);
  assert.equal(repeatedIn('{"a":"{\\"b\\":1,\\"b\\":2}","b":["c",":","c"]}'), undefined);
  assert.equal(repeatedIn('"a"'), undefined);
});

test('names that take too long to decode are refused', () => {
  const names = Array.from({ length: 3_000 }, (_, index) => `${'\\n'.repeat(50)}${index}`);
  const json = `{${names.map((name) => `"${name}":1`).join(',')}}`;
  assert.throws(() => repeatedIn(json), { code: 'member_invalid' });
  assert.equal(repeatedIn('{"a":1}'), undefined);
});

/** JSON in which names may come twice, and whether one does. */
const { value: written } = fc.letrec<{ value: { json: string; isRepeated: boolean } }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.jsonValue({ maxDepth: 0 }).map((it) => ({ json: JSON.stringify(it), isRepeated: false })),
    fc.array(tie('value')).map((items) => ({
      json: `[${items.map(({ json }) => json).join(' , ')}]`,
      isRepeated: items.some(({ isRepeated }) => isRepeated),
    })),
    fc
      .array(fc.tuple(fc.oneof(fc.constantFrom('a', 'b', '"', '\\'), fc.string()), tie('value')))
      .map((members) => ({
        json: `{${members.map(([name, it]) => `${JSON.stringify(name)}: ${it.json}`).join(',')}}`,
        isRepeated:
          new Set(members.map(([name]) => name)).size < members.length ||
          members.some(([, { isRepeated }]) => isRepeated),
      })),
  ),
}));

test('whatever the JSON, a repetition is found exactly where there is one', () => {
  fc.assert(
    fc.property(written, ({ json, isRepeated }) => {
      assert.equal(repeatedIn(json) !== undefined, isRepeated, json);
    }),
  );
});
