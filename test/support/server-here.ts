/** The server as it is by default, in the process of the test. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { Context } from '../../src/app/context.ts';
import { BackgroundJobs } from '../../src/app/operations/background-jobs.ts';
import { openChit, serverFor } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { isDatabaseUnavailable } from '../../src/store/database/unavailable.ts';
import { PATIENT_SETTINGS } from './patient-settings.ts';
import { watchPublished } from './published/watch.ts';
import { databaseOf, newFolder, SECRET_KEY, type TestServer } from './server.ts';
import { sqliteCopy } from './templates.ts';

/** The members of `TestServer` that a server in the process of the test has too, and its inside. */
export interface ServerHere extends Pick<TestServer, 'url' | 'databaseUrl' | 'folder' | 'stop'> {
  readonly context: Context;
}

/**
 * Starts a server, as `startServer` does, but without a process of its own, which takes longer to
 * start than most tests run. Tests of the process, its output or its end need `startServer`.
 */
export async function startServerHere(settings: Record<string, string> = {}): Promise<ServerHere> {
  const folder = newFolder();
  const url = await databaseOf(folder);
  const databaseUrl = url.startsWith('sqlite:') ? sqliteCopy(url.slice('sqlite:'.length)) : url;
  const all = {
    ...PATIENT_SETTINGS,
    CHIT_SECRET_KEY: SECRET_KEY,
    CHIT_DATABASE_URL: databaseUrl,
    CHIT_LOG_LEVEL: 'silent',
    ...settings,
  };
  const { config } = loadConfig(all, 'no such file');
  const chit = await openChit(config);
  const server = await serverFor(chit, config);
  const faults = watchPublished(server.server);
  const jobs = new BackgroundJobs(chit.context, (error) => {
    // A busy machine may take too long to answer; then the job tries again.
    if (!isDatabaseUnavailable(error)) throw error;
  });
  await jobs.start();
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    databaseUrl,
    folder,
    context: chit.context,
    stop: async () => {
      await server.close();
      await chit.context.generations.idle();
      await jobs.stop();
      await chit.close();
      rmSync(folder, { recursive: true, force: true });
      assert.deepEqual(faults.slice(0, 3), []);
    },
  };
}
