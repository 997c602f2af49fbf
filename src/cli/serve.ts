import { lookup } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { serverFor } from '../compose.ts';
import { type Config, dataFolderOf, loadConfig } from '../config.ts';
import type { Server } from '../http/server.ts';
import { CommandFailure, print } from './output.ts';
import { openConfigured } from './with-chit.ts';

/** Requests that take longer than this to finish do not hold up the end. */
const STOP_WITHIN_MS = 30_000;

export function serveCommand(): Command {
  return new Command('serve').description('Serve the API until SIGINT or SIGTERM').action(serve);
}

async function serve(): Promise<void> {
  const { config } = loadConfig();
  const chit = await openConfigured(config);
  try {
    const server = await serverFor(chit, config);
    // Before anybody learns that the server is there, and so could ask it to stop.
    const stopped = stopSignal();
    await listen(server, config);
    print(welcome(server, config));
    await stopped;
    giveUpAfterAWhile();
    await server.close();
  } finally {
    await chit.close();
  }
}

async function listen(server: Server, { host, port }: Config): Promise<void> {
  try {
    // To `localhost` Fastify would give a second server, which it does not wait for at the end.
    const { address } = await lookup(host);
    await server.listen({ host: address, port });
  } catch (error) {
    const { message } = error as Error;
    throw new CommandFailure(`CHIT_HOST ${host} and CHIT_PORT ${port} cannot be used: ${message}`);
  }
}

/** What runs may finish; but after a while, or at a second signal, the process goes at once. */
function giveUpAfterAWhile(): void {
  const giveUp = () => process.exit(1);
  setTimeout(giveUp, STOP_WITHIN_MS).unref();
  process.once('SIGINT', giveUp);
  process.once('SIGTERM', giveUp);
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
