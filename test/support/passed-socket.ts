/** A socket that listens and is passed to servers, as systemd does: it outlives each of them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandEnvironment } from './server.ts';

const MAIN = join(import.meta.dirname, '../../bin/chit.js');
/** Each line that it reads is a command; whoever runs it inherits the descriptor 3. */
const HOLDER = 'while read -r line; do eval "$line" & done; wait';
/** The process that listens is the one that `LISTEN_PID` names. */
const SERVE = 'echo $$ > "$1.pid"; shift; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"';
const PATIENCE_MS = 60_000;

/** A server on the socket. */
export interface SocketServer {
  readonly pid: number;
  output(): string;
  /** Sends a signal and resolves with the exit code. */
  end(signal: NodeJS.Signals): Promise<number>;
}

export interface PassedSocket {
  readonly url: string;
  /** Starts a server and resolves when it listens, beside those that run. */
  start(): Promise<SocketServer>;
}

/** Binds a socket, which is closed with the test; servers on it are killed. */
export async function passSocket(
  test: TestContext,
  folder: string,
  settings: Record<string, string>,
): Promise<PassedSocket> {
  const listener = createServer();
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const { port } = listener.address() as AddressInfo;
  const { fd } = (listener as unknown as { _handle: { fd: number } })._handle;
  const holder = spawn('sh', ['-c', HOLDER], {
    cwd: folder,
    env: await commandEnvironment(folder, settings),
    stdio: ['pipe', 'ignore', 'inherit', fd],
  });
  // From now on the holder has it, and does not accept.
  listener.close();
  const pids: number[] = [];
  test.after(() => {
    for (const pid of pids) kill(pid);
    holder.kill('SIGKILL');
  });
  return {
    url: `http://127.0.0.1:${port}`,
    start: async () => {
      const file = join(folder, `server-${pids.length}`);
      const command = [process.execPath, MAIN, 'serve'].map((it) => `'${it}'`).join(' ');
      const logged = `sh -c '${SERVE}' sh '${file}' ${command} > '${file}.log' 2>&1`;
      holder.stdin?.write(`(${logged}; echo $? > '${file}.end')\n`);
      const output = () => (existsSync(`${file}.log`) ? readFileSync(`${file}.log`, 'utf8') : '');
      await until(() => /Chit listens on/.test(output()) || existsSync(`${file}.end`), output);
      const pid = Number(readFileSync(`${file}.pid`, 'utf8'));
      pids.push(pid);
      return {
        pid,
        output,
        end: async (signal) => {
          process.kill(pid, signal);
          await until(() => /\d/.test(contentOf(`${file}.end`)), output);
          return Number(contentOf(`${file}.end`));
        },
      };
    },
  };
}

function contentOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

async function until(isSo: () => boolean, output: () => string): Promise<void> {
  for (const endMs = Date.now() + PATIENCE_MS; !isSo(); ) {
    if (Date.now() > endMs) throw new Error(`It took too long:\n${output()}`);
    await sleep(10);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
