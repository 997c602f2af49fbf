import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUserAgent } from '../../src/core/user-agent.ts';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const MOBILE_WEBKIT = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';

/** As the browsers of 2026 name themselves. */
const HEADERS: readonly (readonly [string, string])[] = [
  [
    'Firefox Windows',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
  ],
  ['Firefox Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
  ['Firefox Android', 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0'],
  [
    'Firefox iOS',
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${MOBILE_WEBKIT} FxiOS/140.0 ` +
      'Mobile/15E148 Safari/604.1',
  ],
  [
    'Chrome Windows',
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/150.0.0.0 Safari/537.36`,
  ],
  [
    'Chrome Android',
    `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/150.0.0.0 Mobile Safari/537.36`,
  ],
  [
    'Chrome ChromeOS',
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/150.0.0.0 Safari/537.36`,
  ],
  [
    'Chrome iOS',
    `Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) ${MOBILE_WEBKIT} CriOS/150.0.0.0 ` +
      'Mobile/15E148 Safari/604.1',
  ],
  [
    'Edge Windows',
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/150.0.0.0 Safari/537.36 ` +
      'Edg/150.0.0.0',
  ],
  [
    'Opera macOS',
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Chrome/150.0.0.0 Safari/537.36 ` +
      'OPR/130.0.0.0',
  ],
  [
    'Safari macOS',
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${MOBILE_WEBKIT} Version/26.0 Safari/605.1.15`,
  ],
  [
    'Safari iOS',
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) ${MOBILE_WEBKIT} Version/26.0 ` +
      'Mobile/15E148 Safari/604.1',
  ],
  ['undefined undefined', 'python-requests/2.33.0'],
  ['undefined undefined', ''],
];

test('browsers and systems are told from the header', () => {
  for (const [expected, header] of HEADERS) {
    const { browser, system } = parseUserAgent(header);
    assert.equal(`${browser} ${system}`, expected, header);
  }
  assert.deepEqual(parseUserAgent(undefined), { browser: undefined, system: undefined });
});

test('a header that is long on purpose is not read to its end', () => {
  const begunMs = performance.now();
  const { browser } = parseUserAgent(`${'Version/1 '.repeat(100_000)}Firefox/1`);
  assert.equal(browser, undefined);
  assert.ok(performance.now() - begunMs < 5_000);
});
