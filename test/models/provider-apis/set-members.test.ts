import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as bytes from '../../../src/models/provider-apis/set-members.ts';

function setMembers(json: string, members: Readonly<Record<string, unknown>>): string {
  return Buffer.concat(bytes.setMembers(Buffer.from(json), members)).toString('utf8');
}

test('a member is replaced where it stands, and everything else stays as it was written', () => {
  const json = '{ "a" : 1.0,\n "model":"x" , "big": 12345678901234567890, "s": "\\u00e4 \\"}{" }';
  assert.equal(
    setMembers(json, { model: 'y' }),
    '{ "a" : 1.0,\n "model":"y" , "big": 12345678901234567890, "s": "\\u00e4 \\"}{" }',
  );
});

test('a member that is missing is added, and one that is undefined taken out', () => {
  assert.equal(setMembers('{}', { a: 1, b: undefined }), '{"a":1}');
  assert.equal(setMembers('{"b":[1,2] , "c":3}', { b: undefined }), '{ "c":3}');
  assert.equal(setMembers('{"c":3, "b":"x" }', { b: undefined }), '{"c":3}');
  assert.equal(setMembers('{"b":1,"b":2}', { a: 1, b: undefined }), '{"a":1}');
  assert.equal(setMembers(' {"c":[{"a":0}]}', { a: 1 }), ' {"a":1,"c":[{"a":0}]}');
});

test('a member that stands twice is set twice, since servers differ in which one counts', () => {
  assert.equal(setMembers('{"n":9,"n":8}', { n: 1 }), '{"n":1,"n":1}');
});

test('whatever object it is, it means the same with the members set', () => {
  const spaces = fc.constantFrom('', ' ', '\n\t');
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.func(fc.boolean()),
      spaces,
      (object, members, isTakenOut, space) => {
        const names = Object.keys({ ...object, ...members });
        fc.pre(!names.includes('__proto__'));
        const json = JSON.stringify(object, null, space);
        const takenOut = names.filter((name) => isTakenOut(name));
        const set = { ...members, ...Object.fromEntries(takenOut.map((it) => [it, undefined])) };
        const expected = { ...JSON.parse(json), ...JSON.parse(JSON.stringify(members)) };
        for (const name of takenOut) delete expected[name];
        assert.deepEqual(JSON.parse(setMembers(json, set)), expected);
      },
    ),
  );
});
