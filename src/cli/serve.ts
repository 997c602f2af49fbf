import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { Upkeep } from '../app/upkeep.ts';
import { type Chit, openChit, serverFor } from '../compose.ts';
import { type Config, dataFolderOf, loadConfig } from '../config.ts';
import type { Server } from '../http/server.ts';
import { print } from './output.ts';

/** Requests that take longer than this to finish do not hold up the end; nor does a signal more. */
const STOP_WITHIN_MS = 30_000;

export function serveCommand(): Command {
  return new Command('serve').description('Serve the API until SIGINT or SIGTERM').action(serve);
}

async function serve(): Promise<void> {
  const { config } = loadConfig();
  await serveUntilStopped(config, await openChit(config));
}

/** Serves an opened Chit until SIGINT or SIGTERM, then ends what runs and closes it. */
export async function serveUntilStopped(config: Config, chit: Chit): Promise<void> {
  const server = await serverFor(chit, config);
  const upkeep = new Upkeep(chit.context, (err) => server.log.error({ err }, 'upkeep failed'));
  await upkeep.start();
  await server.listen({ host: config.host, port: config.port });
  print(welcome(server, config));
  await stopSignal();
  const giveUp = () => process.exit(1);
  setTimeout(giveUp, STOP_WITHIN_MS).unref();
  process.once('SIGINT', giveUp);
  process.once('SIGTERM', giveUp);
  await server.close();
  await upkeep.stop();
  await chit.close();
  process.removeAllListeners('SIGINT');
  process.removeAllListeners('SIGTERM');
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

function welcome(server: Server, config: Config): string {
  const { address, family, port } = server.server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  const json = "-H 'Content-Type: application/json'";
  const account = `'{"username":"ada","password":"a long passphrase"}'`;
  return `
Chit listens on ${url}/
Its data is in ${dataFolderOf(config)}/

What to do next
  Make yourself a superuser:  npm run -s chit -- createsuperuser
  Read and try the API:       ${url}/docs/
  Or from a shell:
    curl ${url}/api/register/ ${json} -d ${account}
    curl ${url}/api/login/ ${json} -d ${account}
    curl ${url}/api/chat/ ${json} -H 'Authorization: Bearer ACCESS' -d '{"message":"Hello"}'
    curl ${url}/api/tokens/ -H 'Authorization: Bearer ACCESS'
`;
}
