/** Values that no honest client would send. */
import type { Random } from './random.ts';

/**
 * Nothing here may look like what a reply must not contain (`check-reply.ts`): replies may repeat
 * parts of a request.
 */
const TEXTS = [
  '',
  ' ',
  '\t\r\n',
  '\0',
  'a\0b',
  '\ud800',
  'x\udfffy',
  '\ufeff',
  '\ufffe\uffff',
  '\u202egnp.exe',
  '\u2066\u2069',
  'ad\u200bmin',
  'r\u03bf\u03bft',
  'ｒｏｏｔ',
  '\u0130\u0131ß\ufb03',
  'e\u0301\u0327'.repeat(20),
  '👩‍👩‍👧‍👦',
  '\u{10ffff}',
  '\u0007\u001b[2J',
  "' OR '1'='1",
  "'; DROP TABLE users; --",
  '" OR ""="',
  '1) UNION ALL (VALUES (1))',
  "\\'; --",
  '%',
  '_%_%\\',
  '*)(uid=*',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the payload.
  '${7*7}{{7*7}}#{7*7}<%= 7*7 %>',
  '$where',
  '../../../../etc/passwd',
  '..\\..\\windows\\win.ini',
  'file:///etc/passwd',
  'http://169.254.169.254/latest/meta-data/',
  '; sleep 5',
  '$(sleep 5)',
  '|| sleep 5',
  'x\r\nX-Injected: 1',
  '\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
  '=1+1',
  '@SUM(1)',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'undefined',
  'null',
  'NaN',
  'Infinity',
  'true',
  '0',
  '-0',
  '1e400',
  '0x10',
  '٣',
  '9007199254740993',
  '-1',
  '1.5',
  'user:1',
  'cli:root',
  'chatsecret',
  'keysecret',
  '2026-02-30T25:61:61Z',
  '0000-00-00T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '9999-12-31T23:59:60Z',
  '1_00000000-0000-0000-0000-000000000000',
  '00000000-0000-0000-0000-000000000000',
  '$$\n\n\n$$',
  '> > > > > > > >',
  '[a](b)'.repeat(30),
  '(a+)+$',
  'ä'.repeat(199),
  'a'.repeat(51),
  'a'.repeat(129),
  'b'.repeat(201),
  'c'.repeat(501),
] as const;

/** As JSON, each as it stands; `JSON.parse` takes only some. */
const RAW_JSON = [
  '1e400',
  '-1e400',
  '-0',
  '0.1',
  '1e-400',
  '9007199254740993',
  '-9007199254740993',
  '1000000000000001',
  '123456789012345678901234567890',
  '0',
  '-1',
  'true',
  'false',
  'null',
  '[]',
  '{}',
  '[[[[[]]]]]',
  '[null]',
  '{"__proto__":{"isStaff":true}}',
  '{"constructor":{"prototype":{"is_superuser":true}}}',
  '{"$gt":""}',
  '{"toString":1}',
  '"\\ud800"',
  '"\\u0000"',
  '"\\udbff\\udfff"',
  'NaN',
  'Infinity',
  '01',
  '+1',
  '.5',
  "'a'",
  'undefined',
  '[1,]',
  '"a\tb"',
  '"\\x41"',
] as const;

const MOST_RANDOM = 50_000;

/** Names of fields that are in no schema, or in another one. */
export const FIELD_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  '0',
  'is_staff',
  'is_superuser',
  'is_active',
  'tokens',
  'user',
  'user_id',
  'id',
  'username',
  'password',
  'access',
  'stream',
  'n',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'tools',
  'a/b~1c',
  'ü'.repeat(40),
] as const;

export interface Sizes {
  /** The longest text, in characters. */
  readonly textCharacters: number;
  /** The longest list, in items. */
  readonly listItems: number;
  /** The largest body under `/v1/`, in bytes. */
  readonly relayedBytes: number;
}

/** What a server bears many times a second. */
export const MODERATE: Sizes = { textCharacters: 20_000, listItems: 500, relayedBytes: 60_000 };
/** What a limit has to stop. */
export const BIG: Sizes = {
  textCharacters: 1_100_000,
  listItems: 200_000,
  relayedBytes: 33 * 1024 * 1024,
};

/** A hostile text, now and then a long one. */
export function hostileText(random: Random, sizes: Sizes): string {
  return random.chance(0.04) ? longText(random, sizes) : random.pick(TEXTS);
}

/** A text of up to so many characters: one letter, words, random letters, or what grows. */
export function longText(random: Random, { textCharacters }: Sizes): string {
  const length = Math.floor(textCharacters ** (0.5 + random.fraction() / 2));
  const unit = random.weighted([
    [3, 'a'],
    [2, 'word '],
    [1, `${random.hex(12)} `],
    [1, '😀'],
    [1, '\u0301'],
    [1, '\n'],
    [1, '> '],
    [1, '<b>'],
    [1, '\ufdfa'],
  ]);
  if (random.chance(0.1)) return randomLetters(random, length);
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}

/** A hostile value as JSON. */
export function hostileJson(random: Random, sizes: Sizes): string {
  return random.weighted<() => string>([
    [10, () => JSON.stringify(hostileText(random, sizes))],
    [10, () => random.pick(RAW_JSON)],
    [1, () => deepJson(random)],
    [1, () => wideJson(random, sizes)],
  ])();
}

/** Nested lists or objects, near the depth that is accepted and far beyond. */
export function deepJson(random: Random): string {
  const depth = random.pick([50, 99, 100, 101, 1_000, 5_000]);
  return random.chance(0.5)
    ? '['.repeat(depth) + ']'.repeat(depth)
    : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

/** A long list, or an object with many fields. */
export function wideJson(random: Random, { listItems }: Sizes): string {
  const count = Math.floor(listItems ** (0.5 + random.fraction() / 2));
  const item = random.pick(['[]', '{}', '0', '""', '{"type":"text","text":"a"}', 'null']);
  if (random.chance(0.7)) return `[${Array.from({ length: count }, () => item).join(',')}]`;
  return `{${Array.from({ length: count }, (_, index) => `"f${index}":${item}`).join(',')}}`;
}

/** Random up to a length from which on it repeats itself, so that making it takes no time. */
function randomLetters(random: Random, length: number): string {
  let block = '';
  for (let index = 0; index < Math.min(length, MOST_RANDOM); index += 1) {
    block += String.fromCharCode(97 + random.below(26));
  }
  return block.repeat(Math.ceil(length / MOST_RANDOM)).slice(0, length);
}
