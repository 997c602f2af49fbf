/** Which browser the tests of the pages use. */

/** Where Chrome and Chromium are installed by their own installers and by Linux distributions. */
const INSTALLED: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  linux: [
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  ],
};

/** What of `process` decides. */
export interface BrowserSystem {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface BrowserChoice {
  /** The program of an installed browser; undefined for the browser from npm. */
  readonly program?: string;
  /** Why there is no browser, and how to get one. */
  readonly missing?: string;
}

/**
 * Chooses the browser that `CHROME_PATH` names, else the one from npm, which is built for Linux on
 * x64 only, else an installed Chrome or Chromium.
 */
export function chooseBrowser(
  { platform, arch, env }: BrowserSystem,
  exists: (path: string) => boolean,
): BrowserChoice {
  if (env.CHROME_PATH) return { program: env.CHROME_PATH };
  if (platform === 'linux' && arch === 'x64') return {};
  const program = INSTALLED[platform]?.find(exists);
  if (program) return { program };
  return {
    missing:
      `There is no browser from npm for ${platform} on ${arch}: ` +
      'install Google Chrome, or set CHROME_PATH to the program of a Chrome or Chromium.',
  };
}
