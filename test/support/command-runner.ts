/**
 * Runs commands of the command line, all in one process beside the test. Starting a process for
 * each, as `runChit` does, takes several times as long as most commands do; tests of what happens
 * to the process, and of `serve`, need it all the same.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { atEnd } from './at-end.ts';
import { type CommandOutcome, commandEnvironment } from './server.ts';

/** A command for the host. */
export interface Order {
  readonly id: number;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** In base64. */
  readonly input: string;
}

/** How a command ended in the host. */
export interface Outcome extends CommandOutcome {
  readonly id: number;
}

interface Waiting {
  readonly resolve: (outcome: CommandOutcome) => void;
  readonly reject: (error: Error) => void;
}

const waiting = new Map<number, Waiting>();
let host: ChildProcess | undefined;
let orders = 0;

/** Runs one command to its end in a folder, as `runChit` does; commands run one after the other. */
export async function runCommand(
  folder: string,
  args: readonly string[],
  options: { readonly input?: string | Buffer; readonly settings?: Record<string, string> } = {},
): Promise<CommandOutcome> {
  const environment = await commandEnvironment(folder, options.settings);
  orders += 1;
  const input = Buffer.from(options.input ?? '').toString('base64');
  const order: Order = { id: orders, args, folder, environment, input };
  const { promise, resolve, reject } = Promise.withResolvers<CommandOutcome>();
  waiting.set(order.id, { resolve, reject });
  host ??= startHost();
  host.send(order);
  return promise;
}

function startHost(): ChildProcess {
  const child = fork(join(import.meta.dirname, 'command-host.ts'));
  child.on('message', ({ id, ...outcome }: Outcome) => {
    waiting.get(id)?.resolve(outcome);
    waiting.delete(id);
  });
  child.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`The host ended (${code}).`));
    waiting.clear();
    host = undefined;
  });
  atEnd(() => child.kill('SIGKILL'));
  return child;
}
