import { type Books, checkBooks } from './books.ts';
import { DATABASE_NAMES, type DatabaseKind, removePlace } from './places.ts';
import { type Bench, CHAT_CONNECTIONS } from './plan.ts';
import { startChit, startFloor } from './processes.ts';
import { type Comparison, type Side, takeTurns, warmUp } from './take-turns.ts';

/** Chit, first, beside the floor, second. */
export interface ChatSpeed extends Comparison {
  readonly database: DatabaseKind;
}

export interface Chats {
  readonly speeds: readonly ChatSpeed[];
  readonly books: readonly Books[];
}

/** Chats per second and latencies of Chit and of the floor, in turns, and then both their books. */
export async function measureChats(bench: Bench, database: DatabaseKind): Promise<Chats> {
  const { progress } = bench;
  const what = `chats on ${DATABASE_NAMES[database]}`;
  progress.show(`${what}: starting Chit and the floor`);
  const accounts = await bench.accountsOn(database);
  const chit = { place: await accounts.copy(), requests: accounts.chats() };
  const floor = { place: await accounts.copy(), requests: accounts.floorChats() };
  const chitServer = await startChit(chit.place);
  const floorServer = await startFloor(floor.place);
  const chitSide: Side = { ...chit, name: 'Chit', port: chitServer.port, results: [] };
  const floorSide: Side = { ...floor, name: 'floor', port: floorServer.port, results: [] };

  await warmUp(bench, what, [chitSide, floorSide]);
  const speeds: ChatSpeed[] = [];
  for (const connections of CHAT_CONNECTIONS) {
    const comparison = await takeTurns(bench, what, [chitSide, floorSide], connections);
    speeds.push({ database, ...comparison });
  }
  const books: Books[] = [];
  for (const [{ name, results }, server, { place }] of [
    [chitSide, chitServer, chit] as const,
    [floorSide, floorServer, floor] as const,
  ]) {
    progress.show(`${what}: checking the books (${name})`);
    await server.stop();
    books.push(await checkBooks(`${name} on ${DATABASE_NAMES[database]}`, place, results));
    await removePlace(place);
  }
  return { speeds, books };
}
