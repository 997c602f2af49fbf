import { ChitError } from '../../core/errors.ts';
import type { ApiKey } from '../../store/accounts/api-keys.ts';
import type { Requester } from '../../store/accounts/requesters.ts';
import type { Context } from '../context.ts';
import { hashOf } from './api-keys.ts';

/** A key is cached this long, so deleting it takes effect within that time. */
const CACHE_MS = 1_000;
const MAX_CACHED = 10_000;
/** The time of last use is shown to people, who do not need seconds. */
const NOTE_USE_EVERY_MS = 60_000;

/** Who calls with an API key. */
export interface Owner {
  readonly user: Requester;
  readonly key: ApiKey;
}

interface CachedOwner extends Owner {
  /** By the monotonic clock: the other one can be set back. */
  readonly readAtMs: number;
}

/** Authenticates users by API keys. */
export class KeyAuthenticator {
  readonly #context: Context;
  /** By hash, so that memory holds no more secrets than the disk. */
  readonly #cache = new Map<string, CachedOwner>();

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * The active user to whom a key belongs, and the stored key; not a promise if they are cached.
   * @throws ChitError `api_key_invalid`, `user_inactive`
   */
  ownerOf(key: string): Owner | Promise<Owner> {
    const nowMs = this.#context.now();
    const hash = hashOf(key);
    const cached = this.#cache.get(hash);
    const isFresh = cached && performance.now() - cached.readAtMs < CACHE_MS;
    if (isFresh) return unlessExpired(cached, nowMs);
    return this.#read(hash, nowMs).then((owner) => unlessExpired(owner, nowMs));
  }

  async #read(hash: string, nowMs: number): Promise<Owner> {
    const readAtMs = performance.now();
    this.#cache.delete(hash);
    const { apiKeys, requesters } = this.#context;
    const key = await apiKeys.byHash(hash);
    const user = key && (await requesters.byId(key.userId, nowMs));
    if (!user) throw new ChitError('api_key_invalid', undefined);
    if (!user.isActive) throw new ChitError('user_inactive', undefined);
    if (Math.abs(nowMs - (key.lastUsedAtMs ?? 0)) >= NOTE_USE_EVERY_MS) {
      await apiKeys.noteUse(key.id, nowMs);
    }
    this.#context.lastSeen.note(user.id, nowMs);
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(hash, { user, key, readAtMs });
    return { user, key };
  }
}

function unlessExpired(owner: Owner, nowMs: number): Owner {
  const { expiresAtMs } = owner.key;
  if (expiresAtMs === undefined || expiresAtMs > nowMs) return owner;
  throw new ChitError('api_key_invalid', undefined);
}
