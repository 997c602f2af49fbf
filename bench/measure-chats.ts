import { type Books, checkBooks } from './books.ts';
import type { LoadResult } from './load-job.ts';
import { type Bench, CHAT_CONNECTIONS } from './plan.ts';
import { type BenchServer, startChit, startFloor } from './processes.ts';
import { type Speed, speedOf } from './speed.ts';
import { median } from './statistics.ts';

export interface ChatSpeed {
  readonly connections: number;
  readonly chit: Speed;
  readonly floor: Speed;
  /** The median of the ratios. */
  readonly ratio: number;
  /** One for each round, of two measurements that followed each other. */
  readonly ratios: readonly number[];
  /** The busiest that the load generator was with either server, as a share of its time. */
  readonly generatorBusy: number;
}

export interface Chats {
  readonly speeds: readonly ChatSpeed[];
  readonly books: readonly Books[];
}

/** A server under measurement and everything that it was asked. */
interface Side {
  readonly name: string;
  readonly server: BenchServer;
  readonly requests: readonly string[];
  readonly results: LoadResult[];
}

const WARM_UP_CONNECTIONS = 32;

/** Chats per second and latencies of Chit and of the floor, in turns, and then both their books. */
export async function measureChats(bench: Bench): Promise<Chats> {
  const { accounts, plan, progress } = bench;
  progress.show('chats: starting Chit and the floor');
  const chit: Side = {
    name: 'Chit',
    server: await startChit(accounts.copy()),
    requests: accounts.chats(),
    results: [],
  };
  const floor: Side = {
    name: 'floor',
    server: await startFloor(accounts.copy()),
    requests: accounts.floorChats(),
    results: [],
  };
  for (const side of [chit, floor]) {
    progress.show(`chats: warming up (${side.name})`);
    await measure(bench, side, WARM_UP_CONNECTIONS, plan.firstWarmUpMs);
  }
  const speeds: ChatSpeed[] = [];
  for (const connections of CHAT_CONNECTIONS) {
    speeds.push(await compare(bench, { chit, floor }, connections));
  }
  const books: Books[] = [];
  for (const { name, server, results } of [chit, floor]) {
    progress.show(`chats: checking the books (${name})`);
    await server.stop();
    books.push(await checkBooks(name, server.folder, results));
  }
  return { speeds, books };
}

async function compare(
  bench: Bench,
  sides: { readonly chit: Side; readonly floor: Side },
  connections: number,
): Promise<ChatSpeed> {
  const chit: LoadResult[] = [];
  const floor: LoadResult[] = [];
  for (let round = 0; round < bench.plan.chatRounds; round += 1) {
    // Whoever goes first changes from round to round, since the first may find a quieter machine.
    const order = round % 2 === 0 ? (['chit', 'floor'] as const) : (['floor', 'chit'] as const);
    for (const which of order) {
      const side = sides[which];
      const step = `round ${round + 1} of ${bench.plan.chatRounds}`;
      bench.progress.show(`chats: ${connections} connections, ${step}, ${side.name}`);
      const result = await measure(bench, side, connections, bench.plan.measureMs);
      (which === 'chit' ? chit : floor).push(result);
    }
  }
  const ratios = chit.map((it, round) => it.perSecond / (floor[round] as LoadResult).perSecond);
  return {
    connections,
    chit: speedOf(chit),
    floor: speedOf(floor),
    ratio: median(ratios),
    ratios,
    generatorBusy: Math.max(...[...chit, ...floor].map((it) => it.generatorBusy)),
  };
}

async function measure(
  { load, plan }: Bench,
  { server, requests, results }: Side,
  connections: number,
  measureMs: number,
): Promise<LoadResult> {
  const { port } = server;
  const { warmUpMs } = plan;
  const result = await load.run({ port, connections, warmUpMs, measureMs, requests });
  results.push(result);
  return result;
}
