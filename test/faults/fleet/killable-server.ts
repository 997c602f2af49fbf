/**
 * The real server, which can be told where to die. A line `die POINT COUNT` on standard input makes
 * it kill itself, as SIGKILL would, when it comes to POINT for the COUNTth time from then on:
 * `before-KIND` and `after-KIND` of a ledger command, or `before-STORE` and `after-STORE` of what
 * is written beside the ledger, or of one of the methods of `METHODS`. It ends when standard input
 * does, so that it never outlives a test.
 */
import { createInterface } from 'node:readline';
import { serveUntilStopped } from '../../../src/cli/serve.ts';
import { openChit } from '../../../src/compose.ts';
import { loadConfig } from '../../../src/config.ts';

/** Stores that a client's answer depends on. */
const STORES = ['conversations', 'idempotentResponses'];

/** What is written before and between the commands of one message. */
const METHODS = { files: ['attach'], toolLoops: ['begin', 'beginRound', 'endCall', 'end'] };

let point = '';
let visitsLeft = 0;

function pass(here: string): void {
  if (here !== point) return;
  visitsLeft -= 1;
  if (visitsLeft <= 0) process.kill(process.pid, 'SIGKILL');
}

type Method = (...args: unknown[]) => unknown;

/** Puts points before and after a method. */
function withPoints(object: Record<string, Method>, name: string, nameOf: Method): void {
  const method = object[name]?.bind(object) as Method;
  object[name] = async (...args) => {
    const what = nameOf(...args);
    pass(`before-${what}`);
    const result = await method(...args);
    pass(`after-${what}`);
    return result;
  };
}

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [verb, where = '', count] = line.split(' ');
  if (verb !== 'die') return;
  point = where;
  visitsLeft = Number(count);
});
lines.on('close', () => process.kill(process.pid, 'SIGKILL'));

const { config } = loadConfig();
const chit = await openChit(config);
const parts = chit.context as unknown as Record<string, Record<string, Method>>;
withPoints(parts.ledger ?? {}, 'submit', (command) => (command as { kind: string }).kind);
for (const name of STORES) {
  const store = parts[name] ?? {};
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(store));
  for (const method of methods) {
    if (method !== 'constructor') withPoints(store, method, () => name);
  }
}
for (const [name, methods] of Object.entries(METHODS)) {
  for (const method of methods) withPoints(parts[name] ?? {}, method, () => method);
}
await serveUntilStopped(config, chit);
