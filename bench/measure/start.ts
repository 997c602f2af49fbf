import { Connection } from '../load/connection.ts';
import { median } from '../load/statistics.ts';
import type { Bench } from '../plan.ts';
import { newWorkspace, type Workspace } from '../setup/workspaces.ts';
import { startChit } from '../system/processes.ts';

/** From the start of the process to the first answer, in milliseconds; medians. */
export interface StartTimes {
  /** In an empty folder: the database and the key are made. */
  readonly firstMs: number;
  /** Where both are there already. */
  readonly againMs: number;
}

const READY = Buffer.from('GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n');

/** How soon a server answers after its first and after later starts. */
export async function measureStart({ plan, progress }: Bench): Promise<StartTimes> {
  const first: number[] = [];
  const again: number[] = [];
  for (let round = 0; round < plan.starts; round += 1) {
    progress.show(`start: ${round + 1} of ${plan.starts}`);
    const workspace = await newWorkspace('sqlite');
    first.push(await startAndAsk(workspace));
    again.push(await startAndAsk(workspace));
  }
  return { firstMs: median(first), againMs: median(again) };
}

async function startAndAsk(workspace: Workspace): Promise<number> {
  const server = await startChit(workspace);
  const connection = await Connection.open(server.port);
  const status = await connection.send(READY);
  const tookMs = performance.now() - server.startedMs;
  connection.close();
  await server.stop();
  if (status !== 200) throw new Error(`A server that started answered ${status}.`);
  return tookMs;
}
