/**
 * Portkey's gateway, an npm package that relays requests like Chit but keeps no balance. It is no
 * dependency of Chit: `npm run bench -- --portkey FOLDER` names the folder where it is installed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchServer, startForeign } from '../system/processes.ts';
import { wholeBody } from './relay.ts';

const PACKAGE = '@portkey-ai/gateway';
/** The version that the numbers in docs/decisions/ were measured with. */
const VERSION = '1.15.2';
const START = 'build/start-server.js';
const READY = /running at:[\s\S]*http:\/\/[^/]*:(\d+)/;

/** How to install it; what the report says where it is not. */
export function howToInstall(folder: string): string {
  return `not installed: npm install --prefix ${folder} ${PACKAGE}@${VERSION}`;
}

/** The version that is installed in a folder; undefined if none is. */
export function portkeyVersion(folder: string): string | undefined {
  const path = join(folder, 'node_modules', PACKAGE, 'package.json');
  if (!existsSync(path)) return undefined;
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

/** Starts it without its page, as `npx @portkey-ai/gateway` does with `--headless`. */
export function startPortkey(folder: string): Promise<BenchServer> {
  const script = join(folder, 'node_modules', PACKAGE, START);
  return startForeign((port) => [script, `--port=${port}`, '--headless'], READY);
}

/** The request for a whole answer that Chit gets as well, for the provider on a port. */
export function portkeyRequest(providerPort: number): string {
  const body = wholeBody();
  const head = [
    'POST /v1/chat/completions HTTP/1.1',
    'Host: localhost',
    'Authorization: Bearer a-key-of-the-provider',
    'x-portkey-provider: openai',
    `x-portkey-custom-host: http://127.0.0.1:${providerPort}/v1`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
