/** Where a server listens: a port, a Unix socket, or a socket that was passed to the process. */
import cluster from 'node:cluster';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { chmodSync, renameSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import type { Config } from '../config.ts';
import type { Server } from '../http/server.ts';
import { CommandFailure } from './output.ts';

/** The first descriptor that systemd passes (sd_listen_fds(3)). */
const FIRST_PASSED = 3;
/** The owner and the group may connect: a proxy in front is made a member of the group. */
const SOCKET_MODE = 0o660;
const UNIX = 'unix:';

/** A server that listens. */
export interface Listening {
  /** An address of HTTP, or `unix:` and a path. */
  readonly url: string;
  /** To be called when nothing listens any more: removes the file of a socket. */
  tidyUp(): void;
}

/**
 * Starts to listen. If the process was started with a socket (`LISTEN_FDS`), on that one.
 * @throws CommandFailure if it cannot, naming the settings
 */
export async function listen(server: Server, config: Config): Promise<Listening> {
  const { host, port, handover } = config;
  try {
    if (hasPassedSocket(config)) return await listenOnPassed(server);
    if (host.startsWith(UNIX)) return await listenOnPath(server, config);
    // For `localhost` Fastify would open a second server, which it does not wait for when closing.
    const { address } = await lookup(host);
    // Fastify passes what it does not know on to Node.
    const options = { host: address, port, reusePort: handover };
    await server.listen(options);
    return { url: urlOf(server.server.address()), tidyUp: () => undefined };
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const { message } = error as Error;
    const named = host.startsWith(UNIX) ? host : `${host} and CHIT_PORT ${port}`;
    throw new CommandFailure(`CHIT_HOST ${named} cannot be used: ${message}`);
  }
}

/**
 * Whether systemd, or who else started this process, passed a socket to it (sd_listen_fds(3)). A
 * worker takes that of the process that started it.
 * @throws CommandFailure if there are several
 */
export function hasPassedSocket({ environment }: Pick<Config, 'environment'>): boolean {
  const { LISTEN_PID, LISTEN_FDS = '0' } = environment;
  const pid = cluster.isWorker ? process.ppid : process.pid;
  if (Number(LISTEN_PID) !== pid || Number(LISTEN_FDS) < 1) return false;
  if (Number(LISTEN_FDS) === 1) return true;
  throw new CommandFailure(
    `${LISTEN_FDS} sockets were passed (LISTEN_FDS). Chit listens on one: leave one ` +
      'ListenStream= in the socket unit.',
  );
}

async function listenOnPassed(server: Server): Promise<Listening> {
  const listening = once(server.server, 'listening');
  server.server.listen({ fd: FIRST_PASSED });
  await listening;
  return { url: urlOf(server.server.address()), tidyUp: () => undefined };
}

/**
 * The socket gets another name and its mode first, and its name last, in place of the file that is
 * there. So nobody who connects meanwhile is refused, and whoever had connected to the socket that
 * was there before is still served by its server.
 */
async function listenOnPath(server: Server, config: Config): Promise<Listening> {
  const path = config.host.slice(UNIX.length);
  const url = `${UNIX}${path}`;
  if (cluster.isWorker) {
    // The process that started the workers gives it its name.
    await server.listen({ path: unnamedPath(path, process.ppid) });
    return { url, tidyUp: () => undefined };
  }
  await requirePathIsFree(config);
  await server.listen({ path: unnamedPath(path, process.pid) });
  return { url, tidyUp: nameSocket(path) };
}

/**
 * Gives the socket that this process made its name.
 * @returns what removes it again
 */
export function nameSocket(path: string): () => void {
  const unnamed = unnamedPath(path, process.pid);
  chmodSync(unnamed, SOCKET_MODE);
  renameSync(unnamed, path);
  const { ino } = statSync(path);
  return () => {
    // Unless another server has taken over.
    if (statSync(path, { throwIfNoEntry: false })?.ino === ino) rmSync(path, { force: true });
  };
}

/** The path of a setting `unix:PATH`; undefined for an address. */
export function socketPathOf({ host }: Pick<Config, 'host'>): string | undefined {
  return host.startsWith(UNIX) ? host.slice(UNIX.length) : undefined;
}

/** @throws CommandFailure if there is a file that is no socket, or a server that stays */
export async function requirePathIsFree(config: Pick<Config, 'host' | 'handover'>): Promise<void> {
  const path = socketPathOf(config);
  if (path === undefined) return;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found && !found.isSocket()) {
    throw new CommandFailure(`CHIT_HOST: ${path} is a file and no socket. It was left as it is.`);
  }
  if (!found || config.handover || !(await isListening(path))) return;
  throw new CommandFailure(
    `CHIT_HOST: another server listens on ${path}. Stop it first, or set CHIT_HANDOVER to 1 for ` +
      'this server to take over.',
  );
}

/** A socket whose process was killed is still there, but refuses connections. */
async function isListening(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    // Whoever may not connect cannot know.
    return (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}

function unnamedPath(path: string, pid: number): string {
  return `${path}.${pid}`;
}

function urlOf(address: AddressInfo | string | null): string {
  // A Unix socket that was passed does not say where it is.
  if (address === null || typeof address === 'string') return `${UNIX}${address ?? 'passed'}`;
  const { family, port } = address;
  return `http://${family === 'IPv6' ? `[${address.address}]` : address.address}:${port}`;
}
