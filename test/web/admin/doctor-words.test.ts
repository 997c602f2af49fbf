/** What the panel says of each finding, beside what `chit doctor` says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FINDING_TEXTS } from '../../../src/cli/doctor-texts.ts';
import { CHECKS, FINDINGS, type FindingCode } from '../../../src/core/doctor.ts';
import { de } from '../../../web/src/admin/words/de.ts';
import { en } from '../../../web/src/admin/words/en.ts';

type Text = (params: object, formats: object) => readonly string[];
const CODES = Object.keys(FINDINGS) as FindingCode[];
const formats = {
  bytes: (count: unknown) => `${count} bytes`,
  time: (iso: unknown) => `at ${iso}`,
  number: (count: unknown) => String(count),
};
/** Every parameter is there, with its own name for a text. */
const named = new Proxy({}, { get: (_, name) => `<${String(name)}>` });
const counts = [-3, 1, 4].map((value) => new Proxy({}, { get: () => value }));
const textIn = (texts: object, code: FindingCode) =>
  (texts as Readonly<Record<FindingCode, Text>>)[code];

test('the panel says of each finding what chit doctor says', () => {
  for (const code of CODES) {
    for (const params of [named, ...counts]) {
      const said = textIn(FINDING_TEXTS, code)(params, formats);
      assert.deepEqual(textIn(en.findings, code)(params, formats), said, code);
    }
  }
});

test('German says as much of it: every parameter, and what to do where English does', () => {
  const parametersIn = (text: readonly string[]) =>
    [...new Set(text.join(' ').match(/<\w+>/g) ?? [])].sort();
  for (const code of CODES) {
    const english = textIn(en.findings, code)(named, formats);
    const german = textIn(de.findings, code)(named, formats);
    assert.equal(german.length, english.length, code);
    assert.notDeepEqual(german, english, code);
    // What depends on a number is not named in these.
    if (/seconds|min$/i.test(parametersIn(english).join())) continue;
    const numbers = ['<count>', '<faults>', '<NaN>'];
    const without = (all: string[]) => all.filter((it) => !numbers.includes(it));
    assert.deepEqual(without(parametersIn(german)), without(parametersIn(english)), code);
  }
});

test('whatever is not in order comes with what to do, and every check has a name', () => {
  for (const code of CODES) {
    const [, severity] = FINDINGS[code];
    const [what, todo] = textIn(FINDING_TEXTS, code)(named, formats);
    assert.match(what ?? '', /\S/, code);
    if (severity === 'ok') assert.equal(todo, undefined, code);
    else if (!['check_failed', 'provider_unlisted'].includes(code)) assert.ok(todo, code);
  }
  assert.deepEqual(Object.keys(en.doctorChecks), [...CHECKS]);
  assert.deepEqual(Object.keys(de.doctorChecks), [...CHECKS]);
});
