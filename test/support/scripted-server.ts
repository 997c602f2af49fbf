/**
 * The real server with the scripted model in place of a provider, for tests that set its clock.
 *
 * Usage: node scripted-server.ts PRICE, in credits per message. A line `clock MS` on standard input
 * sets the clock so many milliseconds off; `block MS` keeps the program from doing anything for so
 * long.
 */
import { createInterface } from 'node:readline';
import { serveUntilStopped } from '../../src/cli/serve.ts';
import { openChit } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { scriptedModel } from './scripted-model.ts';

const [price = '100'] = process.argv.slice(2);
const { config } = loadConfig();
const chit = await openChit(config, [scriptedModel(flatPrice(Number(price)))]);

const realNow = Date.now;
let offsetMs = 0;
Date.now = () => realNow() + offsetMs;
Object.assign(chit.context, { now: () => Date.now() });
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [order, ms] = line.split(' ');
  if (order === 'clock') offsetMs = Number(ms);
  if (order === 'block')
    for (const endMs = performance.now() + Number(ms); ; ) {
      if (performance.now() >= endMs) break;
    }
});

await serveUntilStopped(config, chit);
lines.close();
