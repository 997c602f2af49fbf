/** A server in this process, on a database in memory, with a `chit.json`. */
import { dirname, join } from 'node:path';
import { type Chit, openChit, serverFor } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { PATIENT_SETTINGS } from './patient-settings.ts';
import { SECRET_KEY } from './server.ts';

export interface FileServer {
  readonly url: string;
  readonly chit: Chit;
  close(): Promise<void>;
}

/** Starts one; keys of providers come from `.env` beside the file. */
export async function startFileServer(
  file: string,
  more: Readonly<Record<string, string>> = {},
): Promise<FileServer> {
  const settings = {
    ...PATIENT_SETTINGS,
    CHIT_CONFIG: file,
    CHIT_DATABASE_URL: 'sqlite::memory:',
    CHIT_SECRET_KEY: SECRET_KEY,
    CHIT_LOG_LEVEL: 'silent',
    ...more,
  };
  const { config } = loadConfig(settings, join(dirname(file), '.env'));
  const chit = await openChit(config);
  const server = await serverFor(chit, config);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const close = async () => {
    await server.close();
    await chit.close();
  };
  return { url, chit, close };
}
