/** What is behind a proxy in these tests: a provider, and a Chit that can be restarted. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocket, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PROGRAM = join(import.meta.dirname, '../../bin/chit.js');
const PIECES = 10;
const PIECE_EVERY_MS = 150;
export const SILENCE_MS = 70_000;
const PATIENCE_MS = 30_000;

export interface Provider {
  readonly url: string;
  close(): void;
}

/** A provider whose answer depends on the last message: `pieces`, `silence`, or its size. */
export async function startProvider(): Promise<Provider> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => void answer(Buffer.concat(chunks).toString(), response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, close: () => server.close() };
}

async function answer(body: string, response: ServerResponse): Promise<void> {
  const { messages, stream } = JSON.parse(body) as {
    messages: { content: string }[];
    stream?: boolean;
  };
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  if (!stream) {
    const message = { role: 'assistant', content: String(body.length) };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    const whole = { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices, usage };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(whole));
    return;
  }
  const send = (choice: object, more: object = {}) => {
    const chunk = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm' };
    response.write(`data: ${JSON.stringify({ ...chunk, choices: [choice], ...more })}\n\n`);
  };
  const isSilent = messages.at(-1)?.content === 'silence';
  response.setHeader('content-type', 'text/event-stream');
  for (let sent = 0; sent < (isSilent ? 2 : PIECES); sent += 1) {
    if (sent > 0) await sleep(isSilent ? SILENCE_MS : PIECE_EVERY_MS);
    send({ index: 0, delta: { content: `<${Date.now()}>` }, finish_reason: null });
  }
  send({ index: 0, delta: {}, finish_reason: 'stop' }, { usage });
  response.end('data: [DONE]\n\n');
}

export interface Chit {
  /** Where it listens. */
  readonly port: number;
  /** Stops it and starts it again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface ChitOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether its socket is kept while it restarts, as by `chit.socket`. */
  readonly keepsSocket?: boolean;
}

/** Starts a server with one model, `local`, behind the proxies at 127.0.0.1. */
export async function startChit(
  folder: string,
  provider: Provider,
  { settings = {}, keepsSocket = false }: ChitOptions = {},
): Promise<Chit> {
  mkdirSync(folder, { recursive: true });
  const times = { headersTimeoutSeconds: 200, idleTimeoutSeconds: 200 };
  const local = { wire: 'openai', baseUrl: provider.url, ...times };
  const model = { name: 'local', provider: 'local', upstream: 'm', price: { perMessage: 1 } };
  const file = { providers: { local }, models: [model] };
  writeFileSync(join(folder, 'chit.json'), JSON.stringify(file));
  const socket = keepsSocket ? await holdSocket(folder) : undefined;
  const port = socket?.port ?? (await freePort());
  const env = {
    PATH: process.env.PATH ?? '',
    CHIT_PORT: String(port),
    CHIT_TRUSTED_PROXIES: '127.0.0.1',
    CHIT_PUBLIC_URL: 'https://chat.example.org/',
    CHIT_SIGNUP_TOKENS: '1000000000',
    ...settings,
  };
  const start = async () => (socket ? socket.start(env) : startAlone(folder, env));
  let running = await start();
  return {
    port,
    restart: async () => {
      await running.stop();
      running = await start();
    },
    stop: async () => {
      await running.stop();
      socket?.close();
    },
  };
}

interface Running {
  stop(): Promise<void>;
}

type Settings = Readonly<Record<string, string>>;

async function startAlone(cwd: string, env: Settings): Promise<Running> {
  const child = spawn(process.execPath, [PROGRAM, 'serve'], { cwd, env });
  await listening(child);
  return {
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

interface HeldSocket {
  readonly port: number;
  start(env: Settings): Promise<Running>;
  close(): void;
}

/** Keeps the socket, as descriptor 3, and starts each line that it reads as a command with it. */
const HOLDER = 'while read -r line; do eval "$line" & done';
/** The process that listens is the one that `LISTEN_PID` names (sd_listen_fds(3)). */
const SERVE = 'echo $$ > "$0.pid"; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"';

/** A socket that listens, and that nobody but the servers started with it accepts from. */
async function holdSocket(folder: string): Promise<HeldSocket> {
  const listener = createSocket().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const { fd } = (listener as unknown as { _handle: { fd: number } })._handle;
  const stdio: StdioOptions = ['pipe', 'ignore', 'inherit', fd];
  const holder = spawn('sh', ['-c', HOLDER], { cwd: folder, stdio });
  listener.close();
  let started = 0;
  return {
    port,
    start: async (env) => {
      started += 1;
      const file = join(folder, `server-${started}`);
      const settings = Object.entries(env).map(([name, value]) => `${name}='${value}'`);
      const command = ['sh', '-c', SERVE, file, process.execPath, PROGRAM, 'serve'];
      const line = [...settings, ...command.map((it) => `'${it}'`)].join(' ');
      holder.stdin?.write(`env ${line} > '${file}.log' 2>&1\n`);
      await until(() => read(`${file}.log`).includes('Chit listens on'));
      const pid = Number(read(`${file}.pid`));
      return {
        stop: async () => {
          process.kill(pid, 'SIGTERM');
          await until(() => !existsSync(`/proc/${pid}`));
        },
      };
    },
    close: () => void holder.stdin?.end(),
  };
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

async function until(isSo: () => boolean): Promise<void> {
  const untilMs = Date.now() + PATIENCE_MS;
  while (!isSo()) {
    if (Date.now() > untilMs) throw new Error('Chit did not start or stop on a passed socket.');
    await sleep(20);
  }
}

function listening(child: ChildProcess): Promise<void> {
  let output = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Chit listens on')) resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => reject(new Error(`Chit ended:\n${output}`)));
  });
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server: Server = createSocket().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
