import { lookup } from 'node:dns/promises';
import { flushCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { makeSetupLink, type OneTimeLink } from '../app/accounts/one-time-links.ts';
import { BackgroundJobs } from '../app/operations/background-jobs.ts';
import { type Chit, serverFor } from '../compose.ts';
import { type Config, dataFolderOf, loadConfig, withoutPassword } from '../config.ts';
import type { Server } from '../http/server.ts';
import { CommandFailure, print } from './output.ts';
import { openConfigured } from './with-chit.ts';

/** Requests that take longer than this to finish do not hold up the end; nor does a signal more. */
const STOP_WITHIN_MS = 30_000;
/** So that whoever waits for the start is answered first. */
const GIVE_BACK_AFTER_MS = 1_000;

export function serveCommand(): Command {
  return new Command('serve').description('Serve the API until SIGINT or SIGTERM').action(serve);
}

async function serve(): Promise<void> {
  const { config } = loadConfig();
  await serveUntilStopped(config, await openConfigured(config));
}

/** Serves an opened Chit until SIGINT or SIGTERM, then ends what runs and closes it. */
export async function serveUntilStopped(config: Config, chit: Chit): Promise<void> {
  const server = await serverFor(chit, config);
  const upkeep = new BackgroundJobs(chit.context, (err) =>
    server.log.error({ err }, 'upkeep failed'),
  );
  // Before anybody learns that the server is there, and so could ask it to stop.
  const stopped = stopSignal();
  try {
    await upkeep.start();
    await listen(server, config);
    print(welcome(server, config, await makeSetupLink(chit.context)));
    // Kept now, since not every end of a server is one that lets it keep anything.
    flushCompileCache();
    giveBackMemory();
    await stopped;
    giveUpAfterAWhile();
    await server.close();
    await chit.context.generations.idle();
  } finally {
    await upkeep.stop();
    await chit.close();
  }
}

/**
 * What the start used and nothing refers to any more is a quarter of the process's memory, and V8
 * would not look for it before there is a load. Only if the garbage collector is exposed.
 */
function giveBackMemory(): void {
  const collect = () =>
    void globalThis.gc?.({ type: 'major', execution: 'async', flavor: 'last-resort' });
  setTimeout(collect, GIVE_BACK_AFTER_MS).unref();
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

function whereDataIs(config: Config): string {
  const isFile = config.databaseUrl.startsWith('sqlite:');
  return isFile ? `${dataFolderOf(config)}/` : withoutPassword(config.databaseUrl);
}

function welcome(server: Server, config: Config, setup: OneTimeLink | undefined): string {
  const { address, family, port } = server.server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  const first = setup
    ? `  Make yourself a superuser:  ${url}${setup.path}
                              (once, within 30 minutes; a new one: npm run -s chit -- setup-link)
`
    : `  Run it:                     ${url}/admin/
`;
  const json = "-H 'Content-Type: application/json'";
  const account = `'{"username":"ada","password":"a long passphrase"}'`;
  return `
Chit listens on ${url}/
Its data is in ${whereDataIs(config)}

What to do next
  Chat:                       ${url}/
${first}  Read and try the API:       ${url}/docs/
  Or from a shell:
    curl ${url}/api/register/ ${json} -d ${account}
    curl ${url}/api/login/ ${json} -d ${account}
    curl ${url}/api/chat/ ${json} -H 'Authorization: Bearer ACCESS' -d '{"message":"Hello"}'
    curl ${url}/api/tokens/ -H 'Authorization: Bearer ACCESS'
`;
}
