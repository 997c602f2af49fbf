/** Secrets in files that variables name, as containers and systemd hand them out. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { withNamedFiles } from '../../src/settings/files.ts';
import { newFolder } from '../support/server.ts';

const NO_FILE = '/nonexistent/.env';
const KEY = 'a secret key of more than thirty-two bytes';
const folder = newFolder();
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function faultOf(environment: Record<string, string>): string {
  try {
    loadConfig(environment, NO_FILE);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return '';
}

test('the secret key and the database can be in files, named in the environment or .env', () => {
  const CHIT_SECRET_KEY_FILE = file('key', `${KEY}\n`);
  const CHIT_DATABASE_URL_FILE = file('database', 'postgres://chit:secret@db/chit\r\n');
  const inEnvironment = loadConfig({ CHIT_SECRET_KEY_FILE, CHIT_DATABASE_URL_FILE }, NO_FILE);
  assert.equal(inEnvironment.config.secretKey, KEY);
  assert.equal(inEnvironment.config.databaseUrl, 'postgres://chit:secret@db/chit');
  assert.equal(inEnvironment.origin.secretKey.source, 'environment');
  const shown = JSON.stringify(inEnvironment.config.shown);
  assert.ok(!shown.includes('secret@') && !shown.includes(KEY));

  const dotEnv = file('settings.env', `CHIT_SECRET_KEY_FILE=${CHIT_SECRET_KEY_FILE}\n`);
  const inFile = loadConfig({}, dotEnv);
  assert.equal(inFile.config.secretKey, KEY);
  assert.equal(inFile.origin.secretKey.source, '.env');
  const other = 'another key, which the environment has in place of it';
  assert.equal(loadConfig({ CHIT_SECRET_KEY: other }, dotEnv).config.secretKey, other);
});

test('a file that is missing, empty or one too many prevents the start, and no key is made', () => {
  const missing = join(folder, 'missing');
  assert.match(
    faultOf({ CHIT_SECRET_KEY_FILE: missing }),
    /missing \(CHIT_SECRET_KEY_FILE\).*ENOENT/,
  );
  const empty = file('empty', '\n');
  assert.match(faultOf({ CHIT_SECRET_KEY_FILE: empty }), /empty \(CHIT_SECRET_KEY_FILE\) is empty/);
  const short = faultOf({ CHIT_SECRET_KEY_FILE: file('short', 'hunter2') });
  assert.match(short, /fewer than 32 bytes/);
  assert.ok(!short.includes('hunter2'));
  const both = { CHIT_SECRET_KEY: KEY, CHIT_SECRET_KEY_FILE: file('key', KEY) };
  assert.match(faultOf(both), /set either this or CHIT_SECRET_KEY_FILE, not both/);
});

test('other settings have no files', () => {
  assert.match(faultOf({ CHIT_PORT_FILE: file('port', '80') }), /there is no such setting/);
});

test('keys that chit.json names can be in files; files that it does not name are not read', () => {
  const OPENAI_API_KEY_FILE = file('openai', 'sk-1\n');
  const environment = {
    OPENAI_API_KEY_FILE,
    SSL_CERT_FILE: '/nonexistent',
    B_FILE: OPENAI_API_KEY_FILE,
  };
  const text = '{ "apiKeyEnv": "OPENAI_API_KEY" }';
  assert.equal(withNamedFiles(environment, text).OPENAI_API_KEY, 'sk-1');
  assert.equal(withNamedFiles(environment, text).B, undefined);
  assert.equal(withNamedFiles({ ...environment, OPENAI_API_KEY: 'x' }, text).OPENAI_API_KEY, 'x');
  assert.throws(
    () => withNamedFiles({ OPENAI_API_KEY_FILE: '/nonexistent' }, text),
    /\/nonexistent \(OPENAI_API_KEY_FILE\) cannot be read/,
  );
});
