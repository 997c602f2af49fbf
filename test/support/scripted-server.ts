/**
 * The real server with the scripted model in place of a provider, for tests that set its clock.
 *
 * Usage: node scripted-server.ts PRICE, in credits per message. A line `clock MS` on standard input
 * sets the clock so many milliseconds off; `block PATH` keeps the program from doing anything until
 * this file exists.
 */
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { serveUntilStopped } from '../../src/cli/serve.ts';
import { openChit } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { scriptedModel } from './scripted-model.ts';

const NEVER = new Int32Array(new SharedArrayBuffer(4));
const [price = '100'] = process.argv.slice(2);
const { config } = loadConfig();
const chit = await openChit(config, [scriptedModel(flatPrice(Number(price)))]);

const realNow = Date.now;
let offsetMs = 0;
Date.now = () => realNow() + offsetMs;
Object.assign(chit.context, { now: () => Date.now() });
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [order, value = ''] = line.split(' ');
  if (order === 'clock') offsetMs = Number(value);
  while (order === 'block' && !existsSync(value)) Atomics.wait(NEVER, 0, 0, 10);
});

await serveUntilStopped(config, chit);
lines.close();
