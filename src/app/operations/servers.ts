/** The servers on a database: which run, and whether they agree. */
import { createHmac } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import packageJson from '../../../package.json' with { type: 'json' };
import type { KnownServer, ServerStore } from '../../store/operations/servers.ts';
import { newId } from '../ids.ts';

const NOTE_EVERY_MS = 500;
/** A server that was not seen for so long is gone: what it was generating no longer counts. */
export const GONE_AFTER_MS = 10_000;
/** How long a new server waits until the others have noticed it. */
const JOIN_WITHIN_MS = 1_500;
const LOOK_EVERY_MS = 50;
/** Servers that ended without a word are forgotten after this. */
const FORGET_AFTER_MS = 60_000;

/** What servers of one database must have in common. */
export type Disagreement = 'secret_key' | 'deployment';

/** A server, as it is shown. */
export interface ServerState extends KnownServer {
  /** Whether it is the one that is asked. */
  readonly isThis: boolean;
  /** In what it differs from the one that is asked. */
  readonly differences: readonly Disagreement[];
}

/** What a server has in common with others, or not. */
export interface Fingerprints {
  readonly secretKey: string;
  readonly deployment: string;
}

/**
 * A fingerprint of the secret key: a keyed hash of words that nothing else is signed with, so that
 * it tells whether two servers have the same key, and nothing of the key.
 */
export function keyFingerprint(secretKey: string): string {
  return createHmac('sha256', secretKey)
    .update('fingerprint of a server')
    .digest('hex')
    .slice(0, 16);
}

/**
 * This server among those on the database. It says twice a second that it is there, and looks who
 * else is. On SQLite it is always alone.
 */
export class Servers {
  readonly id = newId();
  readonly #store: ServerStore | undefined;
  readonly #fingerprints: () => Fingerprints;
  readonly #told = new Set<string>();
  readonly #startedAtMs = Date.now();
  #clockAheadMs = 0;
  #others: readonly KnownServer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #noting: Promise<void> | undefined;
  #isEnded = false;
  /** Called whenever the others were looked at. */
  onLooked: (hasOthers: boolean) => void = () => undefined;
  /** Called once for each server and each thing in which it differs from this one. */
  onDisagreement: (other: KnownServer, what: Disagreement) => void = () => undefined;

  /** @param store undefined if no other server can be on the database */
  constructor(store: ServerStore | undefined, fingerprints: () => Fingerprints) {
    this.#store = store;
    this.#fingerprints = fingerprints;
  }

  /**
   * Says that this server is there, and goes on saying so. Waits until the others know, so that
   * they share limits with it from its first request.
   * @param onError receives errors of later attempts, which are tried again
   * @throws what the database throws
   */
  async start(onError: (error: unknown) => void): Promise<void> {
    if (!this.#store) return;
    await this.#note();
    const first = new Map(this.#others.map((it) => [it.id, it.seenAtMs]));
    const isUnaware = (it: KnownServer) => first.get(it.id) === it.seenAtMs;
    const untilMs = performance.now() + JOIN_WITHIN_MS;
    while (this.#others.some(isUnaware) && performance.now() < untilMs) {
      await sleep(LOOK_EVERY_MS);
      // Says so again, for those that start at the same time.
      await this.#note();
    }
    this.#again(onError);
  }

  /** This server stops. */
  async end(): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    await this.#noting?.catch(() => undefined);
    await this.#store?.forget(this.id);
  }

  /**
   * All servers that run, in the order in which they started. A command is none of them, and sees
   * in what they differ from its own settings.
   */
  async list(): Promise<ServerState[]> {
    const all = (await this.#store?.seenWithin(GONE_AFTER_MS)) ?? [this.#alone()];
    return all.map((it) => ({
      ...it,
      isThis: it.id === this.id,
      differences: it.id === this.id ? [] : this.#differencesOf(it),
    }));
  }

  #again(onError: (error: unknown) => void): void {
    if (this.#isEnded) return;
    this.#timer = setTimeout(() => {
      this.#noting = this.#note()
        .catch(onError)
        .then(() => this.#again(onError));
    }, NOTE_EVERY_MS);
    this.#timer.unref();
  }

  async #note(): Promise<void> {
    const sentAtMs = Date.now();
    const seenAtMs = await this.#store?.note(this.#description());
    if (!this.#store || seenAtMs === undefined) return;
    this.#clockAheadMs = (sentAtMs + Date.now()) / 2 - seenAtMs;
    const all = await this.#store.seenWithin(GONE_AFTER_MS);
    this.#others = all.filter(({ id }) => id !== this.id);
    this.onLooked(this.#others.length > 0);
    for (const other of this.#others) {
      for (const what of this.#differencesOf(other)) this.#tell(other, what);
    }
  }

  #tell(other: KnownServer, what: Disagreement): void {
    const { secretKey, deployment } = this.#fingerprints();
    const pair =
      what === 'secret_key' ? [secretKey, other.secretKey] : [deployment, other.deployment];
    const key = [other.id, what, ...pair].join(' ');
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.onDisagreement(other, what);
  }

  #differencesOf(other: KnownServer): Disagreement[] {
    const { secretKey, deployment } = this.#fingerprints();
    return [
      ...(other.secretKey === secretKey ? [] : (['secret_key'] as const)),
      ...(other.deployment === deployment ? [] : (['deployment'] as const)),
    ];
  }

  #description() {
    const { version } = packageJson;
    const clockAheadMs = this.#clockAheadMs;
    return { id: this.id, host: hostname(), version, clockAheadMs, ...this.#fingerprints() };
  }

  #alone(): KnownServer {
    const nowMs = Date.now();
    const startedAtMs = this.#startedAtMs;
    return { ...this.#description(), startedAtMs, seenAtMs: nowMs, unseenForMs: 0 };
  }

  /** Deletes the rows of servers that ended without a word. */
  async sweep(): Promise<void> {
    await this.#store?.sweep(FORGET_AFTER_MS);
  }
}
