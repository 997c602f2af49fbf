import { type Books, checkBooks } from './books.ts';
import { DATABASE_NAMES, type DatabaseKind, removePlace } from './places.ts';
import type { Bench } from './plan.ts';
import { startChit } from './processes.ts';
import { type Comparison, type Side, takeTurns, warmUp } from './take-turns.ts';

const CONNECTIONS = 128;

/** One account on all connections, first, beside an account for each, second. */
export interface HotSpeed extends Comparison {
  readonly database: DatabaseKind;
}

/** Whether everybody's chatting at the expense of one account is slower than at many's. */
export async function measureHot(
  bench: Bench,
  database: DatabaseKind,
): Promise<{ readonly speed: HotSpeed; readonly books: Books }> {
  const what = `one hot account on ${DATABASE_NAMES[database]}`;
  bench.progress.show(`${what}: starting`);
  const accounts = await bench.accountsOn(database);
  const place = await accounts.copy();
  const server = await startChit(place);
  const { port } = server;
  const requests = accounts.chats();
  const hot: Side = { name: 'one account', port, requests: requests.slice(0, 1), results: [] };
  const many: Side = { name: 'many accounts', port, requests, results: [] };
  await warmUp(bench, what, [many]);
  const speed = { database, ...(await takeTurns(bench, what, [hot, many], CONNECTIONS)) };
  await server.stop();
  const name = `Chit on ${DATABASE_NAMES[database]} (hot account)`;
  const books = await checkBooks(name, place, [...hot.results, ...many.results]);
  await removePlace(place);
  return { speed, books };
}
