/** Settings: where they come from, and how invalid ones are reported. */
import assert from 'node:assert/strict';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError, loadConfig, SETTINGS } from '../../src/config.ts';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { getWith } from '../support/http.ts';
import { newFolder, newUser, startServerFor } from '../support/server.ts';

const NO_FILE = '/nonexistent/.env';
const folder = newFolder();
after(() => rmSync(folder, { recursive: true }));

/** The errors in some settings, one per line. */
function faultsOf(environment: Record<string, string>, envFile = NO_FILE): string[] {
  try {
    loadConfig(environment, envFile);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split('\n');
  }
  return [];
}

function envFile(...lines: string[]): string {
  const path = join(folder, 'settings.env');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

test('without any setting the defaults apply', () => {
  const { config, origin } = loadConfig({}, NO_FILE);
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.port, 8000);
  assert.equal(config.signupTokens, 4000);
  assert.equal(config.messagePrice, 100);
  assert.deepEqual(config.corsOrigins, []);
  for (const { source } of Object.values(origin)) assert.equal(source, 'default');
});

test('an unknown setting is reported with the closest known one', () => {
  for (const [name, nearest] of [
    ['CHIT_PROT', 'CHIT_PORT'],
    ['CHIT_SIGNUP_TOKEN', 'CHIT_SIGNUP_TOKENS'],
    ['CHIT_SECRETKEY', 'CHIT_SECRET_KEY'],
    ['CHIT_CORS_ORIGIN', 'CHIT_CORS_ORIGINS'],
    ['CHIT_DATABASE', 'CHIT_DATABASE_URL'],
  ] as const) {
    const faults = faultsOf({ [name]: 'a-value-that-may-be-secret' });
    assert.deepEqual(faults, [
      `${name} (from environment): there is no such setting. Did you mean ${nearest}?`,
    ]);
  }
  assert.deepEqual(faultsOf({ PORT: 'x', XCHIT_PORT: 'x' }), [], 'others are none of our business');
});

test('an invalid value is reported with what is valid', () => {
  const wholeNumbers = {
    CHIT_PORT: '0 to 65535',
    CHIT_SIGNUP_TOKENS: '0 to 1000000000000000',
    CHIT_MESSAGE_PRICE: '0 to 1000000000000000',
    CHIT_ACCESS_TOKEN_MINUTES: '1 to 1440',
    CHIT_REFRESH_TOKEN_DAYS: '1 to 365',
    CHIT_SIGNUPS_PER_HOUR: '0 to 1000000000',
    CHIT_PASSWORD_MIN_LENGTH: '1 to 128',
    CHIT_MIN_OUTPUT_TOKENS: '1 to 1000000',
    CHIT_LEASE_SECONDS: '1 to 3600',
    CHIT_BODY_LIMIT_BYTES: '1024 to 1073741824',
    CHIT_MESSAGE_LIMIT_CHARACTERS: '1000 to 10000000',
    CHIT_REQUEST_TIMEOUT_SECONDS: '1 to 3600',
  };
  const wrongNumbers = ['-1', '1.5', '1e3', '0x10', 'many', ' 5', '٣', '9'.repeat(20), 'Infinity'];
  for (const [name, range] of Object.entries(wholeNumbers)) {
    for (const text of wrongNumbers) {
      const fault = `${name} (from environment): "${text}" is not a whole number from ${range}.`;
      assert.deepEqual(faultsOf({ [name]: text }), [fault]);
    }
  }
  for (const [name, text, reason] of [
    ['CHIT_SIGNUP', 'Closed', '"Closed" is none of open, closed. Did you mean closed?'],
    ['CHIT_LOG_LEVEL', 'INFO', /^"INFO" is none of fatal, .* Did you mean info\?$/],
    ['CHIT_SECRET_KEY', 'short-secret', /^it has fewer than 32 bytes/],
    ['CHIT_DATABASE_URL', 'mysql://me:secret@db/chit', /^it is neither sqlite:PATH nor/],
    ['CHIT_DATABASE_URL', 'sqlite:', /^it is neither sqlite:PATH nor/],
    ['CHIT_DATABASE_URL', 'sqlite://', /^it is neither sqlite:PATH nor/],
    ['CHIT_CORS_ORIGINS', '*', /^"\*" is not an origin such as https:/],
    ['CHIT_CORS_ORIGINS', 'https://a.example,https://b.example/', /^"https:\/\/b\.example\/" is/],
    ['CHIT_CORS_ORIGINS', 'chat.example.org', /is not an origin/],
    ['CHIT_TRUSTED_PROXIES', 'proxy.example', /^"proxy\.example" is not an address such as/],
    ['CHIT_TRUSTED_PROXIES', '10.0.0.0/33', /is not an address/],
    ['CHIT_TRUSTED_PROXIES', '0.0.0.0/0', /is not an address/],
    ['CHIT_TRUSTED_PROXIES', '::1/129', /is not an address/],
  ] as const) {
    const [fault = '', ...others] = faultsOf({ [name]: text });
    assert.deepEqual(others, []);
    const [where, what = ''] = fault.split(' (from environment): ');
    assert.equal(where, name);
    if (typeof reason === 'string') assert.equal(what, reason);
    else assert.match(what, reason);
    assert.doesNotMatch(fault, /secret@|short-secret/, 'a secret is not repeated');
  }
});

test('every setting has a check or takes any text, and its default fits', () => {
  for (const { name, fallback, doc, parse } of Object.values(SETTINGS)) {
    assert.doesNotThrow(() => parse(fallback), name);
    assert.match(doc, /^[A-Z].*\.$/, name);
  }
});

test('valid values are accepted: lists, both ways to write a path, addresses and ranges', () => {
  const { config } = loadConfig(
    {
      CHIT_CORS_ORIGINS: ' https://a.example , http://localhost:3000,',
      CHIT_TRUSTED_PROXIES: '10.0.0.2, 10.0.0.0/8,::1,fd00::/8',
      CHIT_DATABASE_URL: 'sqlite:///srv/chit/chit.db',
      CHIT_SIGNUPS_PER_HOUR: '0',
      CHIT_PORT: '',
    },
    NO_FILE,
  );
  assert.deepEqual(config.corsOrigins, ['https://a.example', 'http://localhost:3000']);
  assert.deepEqual(config.trustedProxies, ['10.0.0.2', '10.0.0.0/8', '::1', 'fd00::/8']);
  assert.equal(config.signupsPerHour, 0);
  assert.equal(config.port, 8000, 'an empty text counts as not set');
});

test('all errors are reported, including those of the file', () => {
  const file = envFile('CHIT_PORT=abc', 'CHIT_HOTS=x', 'CHIT_LOG_LEVEL=debug');
  assert.deepEqual(faultsOf({ CHIT_SIGNUP: 'maybe', CHIT_FOO: '1' }, file).sort(), [
    'CHIT_FOO (from environment): there is no such setting. Did you mean CHIT_HOST?',
    `CHIT_HOTS (from ${file}): there is no such setting. Did you mean CHIT_HOST?`,
    'CHIT_PORT (from .env): "abc" is not a whole number from 0 to 65535.',
    'CHIT_SIGNUP (from environment): "maybe" is none of open, closed. Did you mean open?',
  ]);
});

test('the environment overrides .env, and .env overrides the default', () => {
  const file = envFile('# a comment', 'CHIT_PORT=9001', "CHIT_HOST='0.0.0.0'", 'OTHER=1');
  const { config, origin } = loadConfig({ CHIT_PORT: '9002' }, file);
  assert.deepEqual([config.port, config.host], [9002, '0.0.0.0']);
  assert.deepEqual(
    [origin.port.source, origin.host.source, origin.logLevel.source],
    ['environment', '.env', 'default'],
  );
});

test('an unreadable .env prevents the start instead of being ignored', () => {
  assert.throws(() => loadConfig({}, folder), /cannot be read: EISDIR/);
});

test('a .env that Windows saved is read: with a mark at its beginning, or refused in UTF-16', () => {
  const path = join(folder, 'windows.env');
  writeFileSync(path, '\uFEFFCHIT_PORT=9003\r\nCHIT_HOST=0.0.0.0\r\n');
  const { config } = loadConfig({}, path);
  assert.deepEqual([config.port, config.host], [9003, '0.0.0.0']);
  writeFileSync(path, Buffer.from('\uFEFFCHIT_PORT=9004\r\n', 'utf16le'));
  assert.deepEqual(faultsOf({}, path), [
    `${path} cannot be read: it is not UTF-8 text. Save it as UTF-8.`,
  ]);
});

test('chit config shows the rate limits that hold, of the file and of the settings', async () => {
  const here = newFolder();
  const limits = '"limits": { "account": { "requestsPerMinute": 7 }, "key": {} }';
  const models = '"models": [{ "name": "m", "provider": "demo", "price": { "perMessage": 1 } }]';
  writeFileSync(join(here, 'chit.json'), `\uFEFF{ ${limits}, ${models} }`);
  const settings = { CHIT_REQUESTS_PER_MINUTE: '60', CHIT_CONCURRENT_GENERATIONS: '3' };
  const shown = assertDone(await runCommand(here, ['config'], { settings }));
  assert.match(shown, /^requests to models per minute +each account +7 +chit\.json$/m);
  assert.match(shown, /^concurrent replies +each account +3 +setting$/m);
  assert.match(shown, /^model tokens per minute +each API key +none$/m);
  writeFileSync(join(here, 'chit.json'), '{');
  const { code, stdout, stderr } = await runCommand(here, ['config'], { settings });
  assert.equal(code, 0);
  assert.match(stdout, /^CHIT_REQUESTS_PER_MINUTE +60 /m, 'the settings are shown all the same');
  assert.match(
    stderr,
    /^Which limits hold cannot be said, since chit\.json has faults:\nchit\.json:1:/,
  );
  rmSync(here, { recursive: true });
});

test('chit config shows each setting and where it came from; the secret is hidden', async () => {
  const here = newFolder();
  const secret = 'a-secret-key-in-a-file-that-is-long-enough';
  writeFileSync(join(here, '.env'), `CHIT_PORT=9001\nCHIT_SECRET_KEY=${secret}\n`);
  const settings = { CHIT_HOST: '0.0.0.0', CHIT_SECRET_KEY: '' };
  const shown = assertDone(await runCommand(here, ['config'], { settings }));
  assert.match(shown, /^CHIT_HOST +0\.0\.0\.0 +environment$/m);
  assert.match(shown, /^CHIT_PORT +9001 +\.env$/m);
  assert.match(shown, /^CHIT_SIGNUP +open +default$/m);
  assert.match(shown, /^CHIT_SECRET_KEY +\(hidden\) +\.env$/m);
  assert.match(shown, /^CHIT_CORS_ORIGINS +\(none\) +default$/m);
  assert.ok(!shown.includes(secret));
  for (const { name } of Object.values(SETTINGS)) assert.match(shown, new RegExp(`^${name} `, 'm'));
  rmSync(here, { recursive: true });
});

test('an invalid setting stops every command before it changes anything', async () => {
  const settings = { CHIT_PROT: '1', CHIT_MESSAGE_PRICE: '-1' };
  for (const command of [['serve'], ['migrate'], ['config']]) {
    const outcome = await runCommand(folder, command, { settings });
    assertFailed(outcome, 2, /^CHIT_PROT .* CHIT_PORT\?\nCHIT_MESSAGE_PRICE .*\n$/);
  }
  assert.throws(() => statSync(join(folder, 'data')), /ENOENT/);
});

test('the key is created once, readable only by its owner, and tokens survive a restart', async (t) => {
  const settings = { CHIT_SECRET_KEY: '' };
  const first = await startServerFor(t, settings);
  const key = join(first.folder, 'data/secret.key');
  assert.equal(statSync(key).mode & 0o777, 0o600);
  const { access } = await newUser(first.url, 'alice');
  await first.kill();
  const second = await startServerFor(t, settings, first.folder);
  const balance = await getWith(`${second.url}/api/tokens/`, access);
  assert.deepEqual(balance.json, { tokens: 4000 });
  await second.kill();

  // A damaged key is not silently replaced: that would invalidate all tokens.
  writeFileSync(key, '\n');
  const outcome = await runCommand(first.folder, ['users', 'list'], { settings });
  assertFailed(outcome, 1, /secret\.key contains no key\. Delete it to get a new one\./);
  rmSync(key);
  const third = await startServerFor(t, settings, first.folder);
  const refused = await getWith(`${third.url}/api/tokens/`, access);
  assert.equal(refused.status, 401);
});
