import type { LoadResult } from '../load/load-job.ts';
import { type Speed, speedOf } from '../load/speed.ts';
import { BALANCE_CONNECTIONS, type Bench, LOGIN_CONNECTIONS } from '../plan.ts';
import { startChit } from '../system/processes.ts';

export interface RouteSpeed extends Speed {
  readonly route: string;
  readonly connections: number;
}

/** Speed of reading balances. */
export async function measureBalances(bench: Bench): Promise<RouteSpeed[]> {
  const requests = (await bench.accountsOn('sqlite')).balances();
  return measureRoute(bench, 'GET /api/tokens/', requests, BALANCE_CONNECTIONS);
}

/** Speed of logins, dominated by one argon2id hash on purpose. */
export async function measureLogins(bench: Bench): Promise<RouteSpeed[]> {
  const requests = (await bench.accountsOn('sqlite')).logins();
  return measureRoute(bench, 'POST /api/login/', requests, LOGIN_CONNECTIONS);
}

async function measureRoute(
  bench: Bench,
  route: string,
  requests: readonly string[],
  numbersOfConnections: readonly number[],
): Promise<RouteSpeed[]> {
  const { load, plan, progress } = bench;
  const accounts = await bench.accountsOn('sqlite');
  progress.show(`${route}: starting`);
  const { port, stop } = await startChit(await accounts.copy());
  const speeds: RouteSpeed[] = [];
  for (const connections of numbersOfConnections) {
    const rounds: LoadResult[] = [];
    for (let round = 0; round < plan.otherRounds; round += 1) {
      const step = `round ${round + 1} of ${plan.otherRounds}`;
      progress.show(`${route}: ${connections} connections, ${step}`);
      const warmUpMs = round === 0 ? plan.firstWarmUpMs / 2 : plan.warmUpMs;
      const job = { port, connections, warmUpMs, measureMs: plan.measureMs, requests };
      rounds.push(answeredInFull(route, await load.run(job)));
    }
    speeds.push({ route, connections, ...speedOf(rounds) });
  }
  await stop();
  return speeds;
}

/** Errors are faster than successful responses, so a single one spoils the measurement. */
function answeredInFull(route: string, result: LoadResult): LoadResult {
  const others = Object.entries(result.otherStatuses);
  if (others.length === 0) return result;
  const said = others.map(([status, count]) => `${count} times ${status}`).join(', ');
  throw new Error(`${route} was to be answered 200 every time and was answered ${said}.`);
}
