/**
 * `npm run test:hostile`: hostile requests over every route of `/openapi.json`, to a server that is
 * started as users start it. Exits with 1 if anything is wrong.
 */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { startPostgres } from '../support/postgres.ts';
import { BIG, MODERATE } from './hostile-values.ts';
import { reportAsText } from './report.ts';
import { type Options, runHostile } from './run.ts';

const MOST_DELAY_MS = 2_000;
const MOST_GROWTH_MB = 64;

const USAGE = `Usage: npm run test:hostile -- [options]
  --requests N         how many requests to send; 300000 by default
  --seconds N          stop sending after this time; 3600 by default
  --seed N             repeat the requests of a run that printed this seed
  --concurrency N      requests under way at the same time; 32 by default
  --database DATABASE  sqlite, the default, or postgresql
  --big                also texts of 1 MB, bodies of 32 MB, and other attacks with much of something
  --real-passwords     hash passwords at their real cost, which takes most of the time
`;

interface Arguments extends Omit<Options, 'onProgress'> {
  readonly isPostgres: boolean;
  readonly hasRealPasswords: boolean;
}

/** @throws Error that says which option is wrong */
function readArguments(): Arguments | 'help' {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '300000' },
      seconds: { type: 'string', default: '3600' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
      concurrency: { type: 'string', default: '32' },
      database: { type: 'string', default: 'sqlite' },
      big: { type: 'boolean', default: false },
      'real-passwords': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const number = (name: 'requests' | 'seconds' | 'seed' | 'concurrency') => {
    if (/^\d{1,9}$/.test(values[name])) return Number(values[name]);
    throw new Error(`--${name} takes a whole number, not "${values[name]}".`);
  };
  if (!['sqlite', 'postgresql'].includes(values.database)) {
    throw new Error(`There is no database "${values.database}".`);
  }
  return {
    requests: number('requests'),
    seconds: number('seconds'),
    seed: number('seed'),
    concurrency: number('concurrency'),
    sizes: values.big ? BIG : MODERATE,
    hasBigAttacks: values.big,
    mostDelayMs: MOST_DELAY_MS,
    mostGrowthMb: MOST_GROWTH_MB,
    isPostgres: values.database === 'postgresql',
    hasRealPasswords: values['real-passwords'],
  };
}

async function main(): Promise<number> {
  const given = readArguments();
  if (given === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const { isPostgres, hasRealPasswords, ...options } = given;
  if (!hasRealPasswords) {
    const cheap = pathToFileURL(join(import.meta.dirname, '../support/cheap-argon2.ts')).href;
    process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import=${cheap}`;
  }
  const postgres = isPostgres ? await startPostgres() : undefined;
  if (postgres) {
    process.env.TEST_DATABASE = 'PostgreSQL';
    process.env.CHIT_TEST_POSTGRES_URL = postgres.url;
  }
  try {
    process.stdout.write(`seed ${options.seed}\n`);
    const onProgress = (line: string) => void process.stdout.write(`${line}\n`);
    const report = await runHostile({ ...options, onProgress });
    process.stdout.write(reportAsText(report));
    return report.faults.length === 0 ? 0 : 1;
  } finally {
    await postgres?.stop();
  }
}

// Ended from outside, it must not leave the server behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
