import { lookup } from 'node:dns/promises';
import { closeSync, openSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { makeSetupLink, type OneTimeLink } from '../app/accounts/one-time-links.ts';
import type { UnresolvedName } from '../app/metering/allowed-users.ts';
import { BackgroundJobs } from '../app/operations/background-jobs.ts';
import { defaultModelWarning } from '../app/operations/default-model-warning.ts';
import { rereadDeployment } from '../app/operations/reread-deployment.ts';
import { warnOfModels } from '../app/operations/warn-of-models.ts';
import { type Chit, serverFor } from '../compose.ts';
import { type Config, dataFolderOf, loadConfig } from '../config.ts';
import { hasCode } from '../core/errors.ts';
import { withoutPassword } from '../core/hidden-password.ts';
import type { Server } from '../http/server.ts';
import { logProcess } from './log-process.ts';
import { CommandFailure, printForPeople } from './output.ts';
import { namingDatabase, openConfigured } from './with-chit.ts';

/** The process exits after this time even if requests are still running. */
const STOP_WITHIN_MS = 30_000;
/** More changes of the file are only counted in the log. */
const MAX_LOGGED_CHANGES = 100;
/** Waits until the first requests after the start are answered. */
const COLLECT_AFTER_MS = 1_000;

export function serveCommand(): Command {
  return new Command('serve').description('Serve the API until SIGINT or SIGTERM').action(serve);
}

async function serve(): Promise<void> {
  const { config } = loadConfig();
  await serveUntilStopped(config, await openConfigured(config, { mayCreate: true }));
}

/** Serves an open Chit until SIGINT or SIGTERM, then finishes running requests and closes it. */
export async function serveUntilStopped(config: Config, chit: Chit): Promise<void> {
  const server = await serverFor(chit, config);
  const stopLogging = logProcess(server.log);
  const jobs = new BackgroundJobs(chit.context, (err) =>
    server.log.error({ err }, 'a background job failed'),
  );
  warnOfModels(server.log, chit.context.modelHealth);
  rereadOnHangUp(server, chit);
  logBackups(server, chit);
  // Before anybody knows of the server and could send it a signal.
  const stopped = stopSignal();
  try {
    const setup = await namingDatabase(config, async () => {
      await jobs.start();
      await warnOfAllowedNames(server, chit);
      warnOfDefaultModel(server, chit);
      await listen(server, config);
      return makeSetupLink(chit.context);
    });
    warnRoot(server);
    printForPeople(welcome(server, config, { setup, isNewDatabase: chit.isNewDatabase }));
    // Saved now, since a server that is killed could not save it.
    flushCompileCache();
    collectGarbage();
    await stopped;
    exitAfterTimeout();
    chit.context.generations.stopReadingOn();
    await server.close();
    await chit.context.generations.idle();
  } finally {
    await jobs.stop();
    await chit.close();
    stopLogging();
  }
}

const NAME_WARNINGS = {
  nobody: 'nobody has this name. Create the account, or remove the name; nobody can sign up by it.',
  deleted:
    'its account was deleted, and another account with the name gets no model by it. Remove the ' +
    'name; to name the new account, start once without it.',
};

/** Says which names in the configuration file let nobody in. */
async function warnOfAllowedNames(server: Server, { context }: Chit): Promise<void> {
  await context.allowedUsers.forgetOthers();
  warnOfNames(server, await context.allowedUsers.resolve(context.catalogue.all));
}

function warnOfNames(server: Server, unresolved: readonly UnresolvedName[]): void {
  for (const { name, why } of unresolved) {
    server.log.warn({ name }, `allow: ${NAME_WARNINGS[why]}`);
  }
}

function warnOfDefaultModel(server: Server, { context }: Pick<Chit, 'context'>): void {
  const warning = defaultModelWarning(context.catalogue.defaultModel);
  if (warning) server.log.warn(warning);
}

/** Reads `chit.json` again on SIGHUP, and logs what became of it, also when the panel asked. */
function rereadOnHangUp(server: Server, { context }: Chit): void {
  context.deployment.onReread = (result) => {
    if (result.outcome === 'refused') {
      const { faults } = result;
      server.log.error({ faults }, 'chit.json has faults; what was read before stays in force');
      return;
    }
    const { file, changes, unresolved } = result;
    const listed = changes.slice(0, MAX_LOGGED_CHANGES);
    server.log.info({ file, changes: listed, count: changes.length }, 'chit.json was read again');
    warnOfNames(server, unresolved);
    warnOfDefaultModel(server, { context });
  };
  process.on('SIGHUP', () => {
    if (hasLostTerminal()) {
      process.kill(process.pid, 'SIGTERM');
      return;
    }
    rereadDeployment(context, undefined).catch((err: unknown) => {
      // What is wrong with the file was logged already.
      if (!hasCode(err, 'deployment_invalid')) {
        server.log.error({ err }, 'chit.json could not be read again');
      }
    });
  });
}

/** Says what became of each backup. */
function logBackups(server: Server, { context: { backups } }: Chit): void {
  backups.onResult = ({ made, failed }) => {
    if (failed) {
      server.log.error(failed, 'the backup failed');
      return;
    }
    const { path, bytes, manifest } = made.backup;
    const { faults } = manifest.check;
    if (faults.length > 0) {
      server.log.error({ path, faults }, 'the backup was made, and its ledger has faults');
      return;
    }
    const { transfers, lastTransfer } = manifest.facts;
    const { deleted } = made;
    server.log.info({ path, bytes, transfers, lastTransfer, deleted }, 'a backup was made');
  };
}

/** Whether the terminal that the server runs in was closed, which sends the same signal. */
function hasLostTerminal(): boolean {
  if (!process.stdout.isTTY) return false;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}

/** Whoever takes over the process would take over the machine. */
function warnRoot(server: Server): void {
  if (process.getuid?.() !== 0) return;
  server.log.warn('Chit runs as root. Run it as a user who owns the data folder and nothing else.');
}

/**
 * A quarter of the memory after the start is garbage, which V8 would not collect before there is
 * load. Does nothing unless the garbage collector is exposed.
 */
function collectGarbage(): void {
  const collect = () =>
    void globalThis.gc?.({ type: 'major', execution: 'async', flavor: 'last-resort' });
  setTimeout(collect, COLLECT_AFTER_MS).unref();
}

async function listen(server: Server, { host, port }: Config): Promise<void> {
  try {
    // For `localhost` Fastify would open a second server, which it does not wait for when closing.
    const { address } = await lookup(host);
    await server.listen({ host: address, port });
  } catch (error) {
    const { message } = error as Error;
    throw new CommandFailure(`CHIT_HOST ${host} and CHIT_PORT ${port} cannot be used: ${message}`);
  }
}

/** Running requests may finish, but after a timeout or a second signal the process exits. */
function exitAfterTimeout(): void {
  const exit = () => process.exit(1);
  setTimeout(exit, STOP_WITHIN_MS).unref();
  process.once('SIGINT', exit);
  process.once('SIGTERM', exit);
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

function welcome(
  server: Server,
  config: Config,
  { setup, isNewDatabase }: { setup: OneTimeLink | undefined; isNewDatabase: boolean },
): string {
  const { address, family, port } = server.server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  const first = setup
    ? `  Create the superuser:       ${url}${setup.path}
                              (works once, for 30 minutes; another: npm run -s chit -- setup-link)
`
    : `  Manage it:                  ${url}/admin/
`;
  const json = "-H 'Content-Type: application/json'";
  const account = `'{"username":"ada","password":"a long passphrase"}'`;
  return `
Chit listens on ${url}/
Data is stored in ${whereDataIs(config)}${isNewDatabase ? ', in a new database' : ''}

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
