import { Connection } from './connection.ts';
import { newPlace, type Place } from './places.ts';
import type { Bench } from './plan.ts';
import { startChit } from './processes.ts';
import { median } from './statistics.ts';

/** From the start of the process to the first answer, in milliseconds; medians. */
export interface StartTimes {
  /** In an empty folder: the database and the key are made. */
  readonly firstMs: number;
  /** Where both are there already. */
  readonly againMs: number;
}

const READY = Buffer.from('GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n');

/** How soon a server answers after it was started, for the first time and later. */
export async function measureStart({ plan, progress }: Bench): Promise<StartTimes> {
  const first: number[] = [];
  const again: number[] = [];
  for (let round = 0; round < plan.starts; round += 1) {
    progress.show(`start: ${round + 1} of ${plan.starts}`);
    const place = await newPlace('sqlite');
    first.push(await startAndAsk(place));
    again.push(await startAndAsk(place));
  }
  return { firstMs: median(first), againMs: median(again) };
}

async function startAndAsk(place: Place): Promise<number> {
  const server = await startChit(place);
  const connection = await Connection.open(server.port);
  const status = await connection.send(READY);
  const tookMs = performance.now() - server.startedMs;
  connection.close();
  await server.stop();
  if (status !== 200) throw new Error(`A server that started answered ${status}.`);
  return tookMs;
}
