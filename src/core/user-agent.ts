/** Which browser and system a `User-Agent` names (RFC 9110, 10.1.5), as people call them. */

/** What a session was begun with; undefined where the header names none of those known here. */
export interface UserAgent {
  readonly browser: string | undefined;
  readonly system: string | undefined;
}

/** More of a header is not read. */
const MAX_CHARACTERS = 1_000;

/** The first that matches counts: most browsers name others as well, to be served like them. */
const BROWSERS: readonly (readonly [string, RegExp])[] = [
  ['Edge', /\bEdg(e|A|iOS)?\//],
  ['Opera', /\b(OPR|Opera|OPiOS|OPT)\b/],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chrome', /\b(Chrome|Chromium|CriOS)\//],
  ['Safari', /\bVersion\/[\d.]+ .*\bSafari\//],
];

/** Android says Linux, and iPhones say Mac OS X. */
const SYSTEMS: readonly (readonly [string, RegExp])[] = [
  ['iOS', /\b(iPhone|iPad|iPod)\b/],
  ['Android', /\bAndroid\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\b(Macintosh|Mac OS X)\b/],
  ['Linux', /\bLinux\b/],
];

/** The browser and the system that a header names. */
export function parseUserAgent(header: string | undefined): UserAgent {
  const text = (header ?? '').slice(0, MAX_CHARACTERS);
  return { browser: firstIn(BROWSERS, text), system: firstIn(SYSTEMS, text) };
}

function firstIn(known: typeof BROWSERS, text: string): string | undefined {
  return known.find(([, pattern]) => pattern.test(text))?.[0];
}
