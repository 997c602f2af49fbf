import { rollUp } from '../src/app/usage/roll-up.ts';
import { type Books, checkBooks } from './books.ts';
import { keepSums } from './kept-sums.ts';
import { DATABASE_NAMES, type DatabaseKind, openPlace, type Place, removePlace } from './places.ts';
import type { Bench } from './plan.ts';
import { startChit } from './processes.ts';
import { type Comparison, type Side, takeTurns, warmUp } from './take-turns.ts';

const CONNECTIONS = [32, 128] as const;

/** Sums derived later, first, beside sums kept by the settling transaction, second. */
export interface SumsSpeed extends Comparison {
  readonly database: DatabaseKind;
  /** How many charges a second were summed up afterwards where sums are derived. */
  readonly derivedPerSecond: number;
}

/** What it costs chats that what they charge is summed up while it is booked. */
export async function measureSums(
  bench: Bench,
  database: DatabaseKind,
): Promise<{ readonly speeds: readonly SumsSpeed[]; readonly books: readonly Books[] }> {
  const what = `sums of usage on ${DATABASE_NAMES[database]}`;
  bench.progress.show(`${what}: starting`);
  const accounts = await bench.accountsOn(database);
  const [derived, kept] = [await accounts.copy(), await accounts.copy()];
  await keepSums(kept);
  const [derivedServer, keptServer] = [await startChit(derived), await startChit(kept)];
  const requests = accounts.chats();
  const first: Side = { name: 'derived', port: derivedServer.port, requests, results: [] };
  const second: Side = { name: 'kept', port: keptServer.port, requests, results: [] };
  await warmUp(bench, what, [first, second]);
  const comparisons: Comparison[] = [];
  for (const connections of CONNECTIONS) {
    comparisons.push(await takeTurns(bench, what, [first, second], connections));
  }
  await derivedServer.stop();
  await keptServer.stop();
  bench.progress.show(`${what}: summing up`);
  const derivedPerSecond = await summedUpPerSecond(derived);
  const books: Books[] = [];
  for (const [{ name, results }, place] of [[first, derived] as const, [second, kept] as const]) {
    const server = `Chit on ${DATABASE_NAMES[database]} (sums ${name})`;
    books.push(await checkBooks(server, place, results));
    await removePlace(place);
  }
  const speeds = comparisons.map((it) => ({ ...it, database, derivedPerSecond }));
  return { speeds, books };
}

async function summedUpPerSecond(place: Place): Promise<number> {
  const { context, close } = await openPlace(place);
  await context.usage.beginAnew();
  const begun = performance.now();
  await rollUp(context, { marginMs: 0 });
  const seconds = (performance.now() - begun) / 1000;
  const ended = await context.completedGenerations.ended({ from: '', to: 'g' });
  await close();
  return ended.length / seconds;
}
