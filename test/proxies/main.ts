/**
 * `npm run test:proxies`: Chit behind nginx, Caddy and HAProxy with the configurations of
 * `deploy/proxies/`. Needs them and openssl (on Debian, `apt-get install nginx caddy haproxy`); one
 * that is missing is said and skipped. With names, only these; with `--quick`, without the check
 * that waits 70 seconds. Exits with 1 if anything is wrong.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Provider, startChit, startProvider } from './behind.ts';
import * as checks from './checks.ts';
import { askByHttp2 } from './client.ts';
import { type Change, PROXIES, startProxy, versionOf } from './proxies.ts';

const CHECKS: Readonly<Record<string, (behind: checks.Behind) => Promise<string>>> = {
  'http leads to https': checks.redirectsToHttps,
  'the page and its files': checks.servesThePage,
  'secure cookies': checks.setsSecureCookies,
  'ids of requests': checks.tellsRequestIds,
  'streams are not buffered': checks.streamsUnbuffered,
  'clients have their own addresses': checks.tellsClientsApart,
  'bodies refused before they are read': checks.refusesBodies,
  'bodies up to the limits': checks.passesBigBodies,
  'a stream that is silent': checks.outlastsSilence,
};

/** nginx asks a server that is down only once, so it is tried with a socket that is kept. */
const NEEDS_SOCKET: readonly string[] = ['nginx'];

/** What an operator who reads no further writes. */
const nginxByDefault: Change = (text) =>
  text.replace(/location \/ \{[\s\S]*?\n {2}\}/, 'location / { proxy_pass http://chit; }');

/** The site under a path, which the proxy takes off. */
const STRIPPED: Readonly<Record<string, Change>> = {
  nginx: (text) =>
    text
      .replace('location / {', 'location /chat/ {')
      .replace('proxy_pass http://chit;', 'proxy_pass http://chit/;'),
  caddy: (text) =>
    `${text.replace('\treverse_proxy', '\thandle_path /chat/* {\n\treverse_proxy')}\n}\n`,
  haproxy: (text) =>
    text.replace(
      'default_backend chit',
      'http-request replace-path ^/chat(/.*) \\1\n  default_backend chit',
    ),
};

const args = process.argv.slice(2);
const isQuick = args.includes('--quick');
const names = args.filter((it) => !it.startsWith('--'));
const scratch = mkdtempSync(join(tmpdir(), 'chit-proxies-'));
const provider = await startProvider();
const faults: string[] = [];
let sites = 0;
try {
  for (const [name, kind] of Object.entries(PROXIES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const version = versionOf(kind);
    if (version === undefined) {
      say(`${name}: not installed, so not tried`);
      continue;
    }
    say(`${name} (${version})`);
    await checkAll(name, provider);
    await checkUnderPath(name, provider);
    await checkForwarded(name);
    await checkRestart(name, provider);
    if (name === 'nginx') await checkDefaults(provider);
  }
} finally {
  provider.close();
  rmSync(scratch, { recursive: true, force: true });
}
if (faults.length > 0) {
  say(`\nWrong:\n${faults.join('\n')}`);
  process.exitCode = 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function attempt(name: string, check: () => Promise<string>): Promise<void> {
  try {
    say(`  ok: ${name}: ${await check()}`);
  } catch (error) {
    const { message } = error as Error;
    say(`  WRONG: ${name}: ${message}`);
    faults.push(`${name}: ${message}`);
  }
}

async function checkAll(name: string, behind: Provider): Promise<void> {
  const limit = { CHIT_SIGNUPS_PER_HOUR: String(checks.SIGNUPS_PER_HOUR) };
  await withProxy(name, { provider: behind, settings: limit }, async (it) => {
    for (const [what, check] of Object.entries(CHECKS)) {
      if (isQuick && check === checks.outlastsSilence) continue;
      await attempt(`${name}: ${what}`, () => check(it));
    }
  });
}

/** The proxy may leave the path of the site in requests, or take it off. */
async function checkUnderPath(name: string, behind: Provider): Promise<void> {
  const settings = { CHIT_PUBLIC_URL: 'https://chat.example.org/chat/' };
  const leave: Change = (text) => text;
  for (const [what, change] of [
    ['under a path', leave],
    ['under a path that is taken off', STRIPPED[name] ?? leave],
  ] as const) {
    await withProxy(name, { provider: behind, settings, change, prefix: '/chat' }, async (it) => {
      await attempt(`${name}: ${what}`, async () => {
        const page = await askByHttp2(it.proxy.httpsPort, { path: '/chat/c/1' });
        assert.equal(page.status, 200, page.text);
        const [, script = ''] = /src="(\/chat\/assets\/[^"]+)"/.exec(page.text) ?? [];
        const file = await askByHttp2(it.proxy.httpsPort, { path: script });
        assert.equal(file.status, 200, script);
        return script;
      });
    });
  }
}

/** With a server in place of Chit, which sees what the proxy passes on. */
async function checkForwarded(name: string): Promise<void> {
  const kind = PROXIES[name];
  assert.ok(kind);
  let seen: IncomingHttpHeaders = {};
  const server = createServer((request, response) => {
    seen = request.headers;
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy = await startProxy(kind, { scratch, chitPort: port });
  try {
    await attempt(`${name}: address, scheme, host and id`, () =>
      checks.tellsChit(proxy, () => seen),
    );
  } finally {
    await proxy.stop();
    server.closeAllConnections();
    server.close();
  }
}

async function checkRestart(name: string, behind: Provider): Promise<void> {
  const keepsSocket = NEEDS_SOCKET.includes(name);
  await withProxy(name, { provider: behind, keepsSocket }, async (it) => {
    const what = keepsSocket ? 'a restart of Chit, whose socket is kept' : 'a restart of Chit';
    await attempt(`${name}: ${what}`, () => checks.survivesRestart(it));
  });
}

async function checkDefaults(behind: Provider): Promise<void> {
  await withProxy('nginx', { provider: behind, change: nginxByDefault }, async (it) => {
    const name = 'nginx with its defaults: bodies refused before they are read';
    await attempt(name, () => checks.refusesBodies(it));
  });
}

interface Setting {
  readonly provider: Provider;
  readonly settings?: Readonly<Record<string, string>>;
  readonly change?: Change;
  readonly prefix?: string;
  readonly keepsSocket?: boolean;
}

/** Starts Chit and the proxy in front of it, and stops both afterwards. */
async function withProxy(
  name: string,
  { provider: behind, change, prefix, ...options }: Setting,
  use: (it: checks.Behind) => Promise<void>,
): Promise<void> {
  const kind = PROXIES[name];
  assert.ok(kind);
  sites += 1;
  const chit = await startChit(join(scratch, `chit-${sites}`), behind, options);
  try {
    const proxy = await startProxy(kind, { scratch, chitPort: chit.port }, change);
    try {
      await use({ proxy, chit, key: await checks.makeKey(proxy.httpsPort, prefix) });
    } finally {
      await proxy.stop();
    }
  } finally {
    await chit.stop();
  }
}
