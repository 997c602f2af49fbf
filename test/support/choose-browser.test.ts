/** Which browser the tests of the pages use, or why they are skipped. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BrowserSystem, chooseBrowser } from './choose-browser.ts';

const LINUX: BrowserSystem = { platform: 'linux', arch: 'x64', env: {} };
const MAC: BrowserSystem = { platform: 'darwin', arch: 'arm64', env: {} };
const nothing = () => false;
const everything = () => true;

test('Linux on x64 uses the browser from npm, whatever is installed', () => {
  assert.deepEqual(chooseBrowser(LINUX, nothing), {});
  assert.deepEqual(chooseBrowser(LINUX, everything), {});
});

test('CHROME_PATH is used on every system, and an empty one counts as not set', () => {
  for (const system of [LINUX, MAC]) {
    const env = { CHROME_PATH: '/opt/chrome' };
    assert.deepEqual(chooseBrowser({ ...system, env }, nothing), { program: '/opt/chrome' });
  }
  assert.deepEqual(chooseBrowser({ ...LINUX, env: { CHROME_PATH: '' } }, nothing), {});
});

test('macOS and Linux on ARM use the first installed Chrome or Chromium', () => {
  const chrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  assert.deepEqual(chooseBrowser(MAC, everything), { program: chrome });
  const chromium = '/usr/bin/chromium';
  assert.deepEqual(
    chooseBrowser({ ...LINUX, arch: 'arm64' }, (path) => path === chromium),
    { program: chromium },
  );
});

test('without a browser, one line says how to install one', () => {
  for (const system of [MAC, { ...LINUX, arch: 'arm64' }, { ...LINUX, platform: 'aix' as const }]) {
    const { program, missing = '' } = chooseBrowser(system, nothing);
    assert.equal(program, undefined);
    assert.match(missing, /^There is no browser from npm for .*: install Google Chrome, or set/);
    assert.doesNotMatch(missing, /\n/);
  }
});
