/** No part of a password is shown, whatever form its URL has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadConfig } from '../../src/config.ts';
import { withoutPassword } from '../../src/core/hidden-password.ts';
import { databaseUrl } from '../../src/settings/parsers.ts';

const SHOWN = [
  ['sqlite:./data/chit.db', 'sqlite:./data/chit.db'],
  ['sqlite:/srv/a:b@c/chit.db', 'sqlite:/srv/a:b@c/chit.db'],
  ['postgres://db.example/chit', 'postgres://db.example/chit'],
  ['postgres://ada@db.example:5433/chit', 'postgres://ada@db.example:5433/chit'],
  ['postgres://ada:SECRET@db.example/chit', 'postgres://ada:(hidden)@db.example/chit'],
  ['postgres://ada:SEC@RET@db.example/chit', 'postgres://ada:(hidden)@db.example/chit'],
  ['postgres://ada:SEC:RET@db.example/chit', 'postgres://ada:(hidden)@db.example/chit'],
  ['postgresql://:SECRET@db.example/chit', 'postgresql://:(hidden)@db.example/chit'],
  ['postgres://db.example/chit?password=SECRET', 'postgres://db.example/chit?password=(hidden)'],
  [
    'postgres:///chit?host=/run/pg&user=ada&PassWord=SECRET&sslmode=require',
    'postgres:///chit?host=/run/pg&user=ada&PassWord=(hidden)&sslmode=require',
  ],
  ['postgres://db.example/chit?p%61ssword=SECRET', 'postgres://db.example/chit?password=(hidden)'],
  [
    'postgres://db.example/chit?sslpassword=SECRET',
    'postgres://db.example/chit?sslpassword=(hidden)',
  ],
  ['postgres://db.example/chit?SECRET', 'postgres://db.example/chit?(hidden)'],
  [
    'postgres://ada:SECRET@a.example:5432,[::1]:5433,b/chit?target_session_attrs=primary',
    'postgres://ada:(hidden)@a.example:5432,[::1]:5433,b/chit?target_session_attrs=primary',
  ],
  ['postgres://a,b/chit?password=SECRET', 'postgres://a,b/chit?password=(hidden)'],
  ['postgres://ada:SEC,R@T@a,b/chit', 'postgres://ada:(hidden)@a,b/chit'],
  ['postgres://ada:12,/SEC@RET,b/chit', 'postgres://(hidden)'],
  ['postgres://ada:SEC,RET/chit', '(hidden)'],
  ['postgres://db.example/chit#SECRET', 'postgres://db.example/chit'],
  ['postgres://ada:12/SECRET@db.example/chit', 'postgres://(hidden)'],
  ['postgres://ada:1?SECRET@db.example/chit', 'postgres://(hidden)'],
  ['postgres://ada:1#SECRET@db.example/chit', 'postgres://(hidden)'],
  ['postgres:ada:SECRET@db.example/chit', 'postgres://(hidden)'],
  ['postgres:/ada:SECRET@db.example/chit', 'postgres://(hidden)'],
  ['postgres://ada:SE/CRET@db.example/chit', '(hidden)'],
  ['https://api.example/v1', 'https://api.example/v1'],
  ['http://127.0.0.1:11434', 'http://127.0.0.1:11434'],
  ['https://api.example', 'https://api.example'],
  [
    'https://api.example/v1?api-version=2026-01-01',
    'https://api.example/v1?api-version=2026-01-01',
  ],
  ['https://ada:SECRET@api.example/v1', 'https://(hidden)@api.example/v1'],
  ['https://SECRET@api.example/v1', 'https://(hidden)@api.example/v1'],
  ['https:\\\\ada:SECRET@api.example\\v1', 'https://(hidden)@api.example/v1'],
  [' ht\ttps://ada:SEC\nRET@api.example/v1', 'https://(hidden)@api.example/v1'],
  ['https://api.example/v1?key=SECRET', 'https://api.example/v1?key=(hidden)'],
] as const;

test('what is no secret is shown, and nothing else', () => {
  for (const [text, shown] of SHOWN) {
    assert.equal(withoutPassword(text), shown);
    assert.doesNotMatch(withoutPassword(text), /SEC|RET/);
  }
});

test('no password of any characters is shown, encoded or not', () => {
  const password = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).map((it) => `xXq${it}Xqx`);
  const scheme = fc.constantFrom('postgres', 'postgresql', 'https', 'http');
  fc.assert(
    fc.property(scheme, password, fc.boolean(), (name, secret, isEncoded) => {
      const text = isEncoded ? encodeURIComponent(secret) : secret;
      for (const url of [
        `${name}://ada:${text}@host.example/path`,
        `${name}://host.example/path?password=${text}`,
        `${name}://host.example/path?a=b&pass=${text}&c=d`,
      ]) {
        // A "&" or a "#" in a parameter ends its value; what follows is not shown either.
        assert.doesNotMatch(withoutPassword(url), /xXq|Xqx/, url);
      }
    }),
  );
});

test('a database URL whose password is not encoded is refused, without repeating it', () => {
  for (const url of [
    'postgres://ada:12/SECRET@db.example/chit',
    'postgres://ada:1#SECRET@db.example/chit',
    'postgres://ada:SECRET%@db.example/chit',
  ]) {
    assert.throws(
      () => databaseUrl(url),
      ({ message }: Error) => /must be percent-encoded/.test(message) && !/SECRET/.test(message),
    );
  }
  assert.throws(() => databaseUrl('postgres:ada:SECRET@db.example/chit'), /neither sqlite:PATH/);
});

test('settings are shown without the password', () => {
  const CHIT_DATABASE_URL = 'postgres://ada:SEC@RET@db.example/chit?password=SECRET';
  const { config } = loadConfig({ CHIT_DATABASE_URL }, 'no such file');
  const { value } = config.shown.find(({ name }) => name === 'CHIT_DATABASE_URL') ?? {};
  assert.equal(value, 'postgres://ada:(hidden)@db.example/chit?password=(hidden)');
});
