/**
 * The program, for many commands one after the other: `command-runner.ts` starts it and sends each
 * command with its folder, environment and input, which are what a process of its own would have.
 */
import { Readable } from 'node:stream';
import { run } from '../../src/cli/program.ts';
import type { Order, Outcome } from './command-runner.ts';

let last = Promise.resolve();

async function obey({ id, args, folder, environment, input }: Order): Promise<void> {
  process.chdir(folder);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input, 'base64')]);
  Object.defineProperty(process, 'stdin', { value: stdin, configurable: true });
  const stdout = collect(process.stdout);
  const stderr = collect(process.stderr);
  const code = await run(args);
  process.stdout.removeAllListeners('error');
  const outcome: Outcome = { id, code, stdout: stdout(), stderr: stderr() };
  process.send?.(outcome);
}

/** From now on, what is written is collected; returns how to get it. */
function collect(stream: NodeJS.WriteStream): () => string {
  const chunks: Buffer[] = [];
  stream.write = (chunk: string | Uint8Array, ...more: unknown[]) => {
    chunks.push(Buffer.from(chunk as string));
    const done = more.find((it) => typeof it === 'function');
    if (done) process.nextTick(done);
    return true;
  };
  return () => Buffer.concat(chunks).toString();
}

process.on('message', (order: Order) => {
  last = last.then(() => obey(order));
});
