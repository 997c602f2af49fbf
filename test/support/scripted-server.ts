/**
 * The real server with the scripted model in place of a provider, for tests that make it die at a
 * chosen moment or set its clock.
 *
 * Usage: node scripted-server.ts PRICE [POINT COUNT]. PRICE is credits per message, or `usage` for
 * a credit per token. At the COUNTth time that it comes to POINT, the process kills itself as
 * SIGKILL would: `before-KIND` and `after-KIND` of a ledger command, or `between-pieces`.
 * A line `clock MS` on standard input sets the clock so many milliseconds off; `block MS` keeps
 * the program from doing anything for so long.
 */
import { createInterface } from 'node:readline';
import { serveUntilStopped } from '../../src/cli/serve.ts';
import { openChit } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import type { Command } from '../../src/core/ledger.ts';
import { flatPrice, type Price } from '../../src/core/pricing.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { Model } from '../../src/models/catalogue.ts';
import { scriptedModel } from './scripted-model.ts';

const PER_TOKEN: Price = {
  ...flatPrice(0),
  perMillionInput: 1_000_000,
  perMillionCachedInput: 1_000_000,
  perMillionOutput: 1_000_000,
};

const [price = '100', point = '', count = '1'] = process.argv.slice(2);
const visits = new Map<string, number>();

/** Dies here, if it is the time. */
function pass(here: string): void {
  const visit = (visits.get(here) ?? 0) + 1;
  visits.set(here, visit);
  if (here === point && visit === Number(count)) process.kill(process.pid, 'SIGKILL');
}

function withPoints(ledger: Ledger): void {
  const submit = ledger.submit.bind(ledger);
  ledger.submit = async <C extends Command>(command: C) => {
    pass(`before-${command.kind}`);
    const result = await submit(command);
    pass(`after-${command.kind}`);
    return result;
  };
}

const model = scriptedModel(price === 'usage' ? PER_TOKEN : flatPrice(Number(price)));
const { config } = loadConfig();
const withPauses: Model = {
  ...model,
  async *generate(request) {
    for await (const delta of model.generate(request)) {
      yield delta;
      pass('between-pieces');
    }
  },
};
const chit = await openChit(config, [withPauses]);
withPoints(chit.context.ledger);

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
