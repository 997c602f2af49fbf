import cluster from 'node:cluster';
import { flushCompileCache } from 'node:module';
import { Command, InvalidArgumentError } from 'commander';
import { makeSetupLink, type OneTimeLink } from '../app/accounts/one-time-links.ts';
import type { UnresolvedName } from '../app/metering/allowed-users.ts';
import { BackgroundJobs } from '../app/operations/background-jobs.ts';
import { defaultModelWarning } from '../app/operations/default-model-warning.ts';
import { rereadDeployment } from '../app/operations/reread-deployment.ts';
import { warnOfModels } from '../app/operations/warn-of-models.ts';
import { warnOfServers } from '../app/operations/warn-of-servers.ts';
import { type Chit, serverFor } from '../compose.ts';
import { type Config, dataFolderOf, loadConfig, SETTINGS } from '../config.ts';
import { hasCode } from '../core/errors.ts';
import { withoutPassword } from '../core/hidden-password.ts';
import type { Server } from '../http/server.ts';
import { hasLostTerminal } from './hang-up.ts';
import { listen } from './listen.ts';
import { logProcess } from './log-process.ts';
import { notifySystemd } from './notify-systemd.ts';
import { printForPeople } from './output.ts';
import { namingDatabase, openConfigured } from './with-chit.ts';
import { speaksForAll, superviseWorkers, tellOthersToReread } from './workers.ts';

/** Replies that were ended are booked, and their clients told, within this time. */
const SETTLE_WITHIN_MS = 3_000;
/** More changes of the file are only counted in the log. */
const MAX_LOGGED_CHANGES = 100;
/** Waits until the first requests after the start are answered. */
const COLLECT_AFTER_MS = 1_000;

export function serveCommand(): Command {
  return new Command('serve')
    .description('Serve the API until SIGINT or SIGTERM')
    .option('--workers <n>', 'processes that share the port, with PostgreSQL', workerCount)
    .action(serve);
}

function workerCount(text: string): number {
  try {
    return SETTINGS.workers.parse(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

async function serve(options: { readonly workers?: number }): Promise<void> {
  const { config } = loadConfig();
  const workers = options.workers ?? config.workers;
  if (workers > 1 && cluster.isPrimary) return superviseWorkers(config, workers);
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
  warnOfServers(server.log, chit.context);
  for (const remark of chit.remarks) server.log.warn(remark);
  rereadOnHangUp(server, chit);
  logBackups(server, chit);
  // Before anybody knows of the server and could send it a signal.
  const stopped = stopSignal();
  let tidyUp: () => void = () => undefined;
  try {
    const { url, setup } = await namingDatabase(config, async () => {
      await jobs.start();
      await warnOfAllowedNames(server, chit);
      warnOfDefaultModel(server, chit);
      const listening = await listen(server, config);
      tidyUp = listening.tidyUp;
      const setup = speaksForAll() ? await makeSetupLink(chit.context) : undefined;
      return { url: listening.url, setup };
    });
    warnRoot(server);
    if (speaksForAll()) {
      printForPeople(welcome(url, config, { setup, isNewDatabase: chit.isNewDatabase }));
    }
    tellSystemd(server, config, 'READY=1');
    // Saved now, since a server that is killed could not save it.
    flushCompileCache();
    collectGarbage();
    await stopped;
    tellSystemd(server, config, 'STOPPING=1');
    endRepliesInTime(config, chit);
    await server.drain();
    await server.close();
    await chit.context.generations.idle();
  } finally {
    tidyUp();
    await jobs.stop();
    await chit.close();
    stopLogging();
  }
  // What is left is the channel to the process that started the worker.
  cluster.worker?.disconnect();
}

function tellSystemd(server: Server, config: Config, change: 'READY=1' | 'STOPPING=1'): void {
  if (cluster.isWorker) return;
  notifySystemd(config.environment, change, (err) =>
    server.log.warn({ err }, 'systemd could not be told'),
  );
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
  warnOfNames(
    server,
    await context.allowedUsers.resolve([
      ...context.catalogue.all,
      ...context.tools.all.map(({ settings }) => settings),
    ]),
  );
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
    const { file, by, changes, unresolved } = result;
    if (by === 'staff') tellOthersToReread();
    const listed = changes.slice(0, MAX_LOGGED_CHANGES);
    server.log.info({ file, changes: listed, count: changes.length }, 'chit.json was read again');
    warnOfNames(server, unresolved);
    warnOfDefaultModel(server, { context });
  };
  process.on('SIGHUP', () => {
    if (hasLostTerminal()) {
      // A worker is told to stop by the process that started it.
      if (cluster.isPrimary) process.kill(process.pid, 'SIGTERM');
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

/**
 * Running requests may finish. After `CHIT_STOP_SECONDS` the replies that still run are ended, and
 * what was delivered is booked and said to their clients; a second signal exits at once.
 */
function endRepliesInTime(config: Config, { context }: Chit): void {
  const exit = () => process.exit(1);
  const delayMs = config.stopDelaySeconds * 1000;
  const stopMs = delayMs + config.stopSeconds * 1000;
  setTimeout(() => context.generations.stopReadingOn(), delayMs);
  setTimeout(() => context.generations.stopAll('server_lost'), stopMs).unref();
  setTimeout(exit, stopMs + SETTLE_WITHIN_MS).unref();
  process.once('SIGINT', exit);
  process.once('SIGTERM', exit);
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    // Ctrl-C reaches workers too; the process that started them tells them what to do.
    if (cluster.isWorker) process.on('SIGINT', () => undefined);
    else process.once('SIGINT', () => resolve());
  });
}

function whereDataIs(config: Config): string {
  const isFile = config.databaseUrl.startsWith('sqlite:');
  return isFile ? `${dataFolderOf(config)}/` : withoutPassword(config.databaseUrl);
}

function welcome(
  listening: string,
  config: Config,
  { setup, isNewDatabase }: { setup: OneTimeLink | undefined; isNewDatabase: boolean },
): string {
  const url = config.publicUrl || listening;
  const first = setup
    ? `  Create the superuser:       ${url}${setup.path}
                              (works once, for 30 minutes; another: npm run -s chit -- setup-link)
`
    : `  Manage it:                  ${url}/admin/
`;
  const json = "-H 'Content-Type: application/json'";
  const account = `'{"username":"ada","password":"a long passphrase"}'`;
  return `
Chit listens on ${listening}/
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
