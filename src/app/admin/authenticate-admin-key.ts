import { ChitError } from '../../core/errors.ts';
import type { Requester } from '../../store/accounts/requesters.ts';
import type { AdminKey } from '../../store/admin/admin-keys.ts';
import { hashOf } from '../accounts/api-keys.ts';
import { keySuffices } from '../accounts/factors/staff-factor.ts';
import type { Context } from '../context.ts';

/** A key is cached this long, so ending it takes effect within that time, on every server. */
const CACHE_MS = 1_000;
const MAX_CACHED = 1_000;
/** The time of last use is shown to people, who do not need seconds. */
const NOTE_USE_EVERY_MS = 60_000;

/** An admin key and who made it, with the flags of now. */
export interface AdminKeyOwner {
  readonly user: Requester;
  readonly key: AdminKey;
}

interface CachedOwner extends AdminKeyOwner {
  /** By the monotonic clock: the other one can be set back. */
  readonly readAtMs: number;
}

/** Authenticates programs by admin keys. */
export class AdminKeyAuthenticator {
  readonly #context: Context;
  /** By hash, so that memory holds no more secrets than the disk. */
  readonly #cache = new Map<string, CachedOwner>();

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * The key and the active member of staff who made it.
   * @throws ChitError `admin_key_invalid`, `user_inactive`, `permission_denied` if its maker is no
   *   longer staff, `admin_key_unproven` if a second factor is missing that is asked of staff
   */
  async ownerOf(key: string): Promise<AdminKeyOwner> {
    const nowMs = this.#context.now();
    const hash = hashOf(key);
    const cached = this.#cache.get(hash);
    const isFresh = cached && performance.now() - cached.readAtMs < CACHE_MS;
    const owner = isFresh ? cached : await this.#read(hash, nowMs);
    if (owner.key.expiresAtMs <= nowMs) throw new ChitError('admin_key_invalid', undefined);
    return owner;
  }

  async #read(hash: string, nowMs: number): Promise<AdminKeyOwner> {
    const readAtMs = performance.now();
    this.#cache.delete(hash);
    const { adminKeys, requesters } = this.#context;
    const key = await adminKeys.byHash(hash);
    const user = key && (await requesters.byId(key.userId, nowMs));
    if (!user || key.expiresAtMs <= nowMs) throw new ChitError('admin_key_invalid', undefined);
    if (!user.isActive) throw new ChitError('user_inactive', undefined);
    if (!user.isStaff) throw new ChitError('permission_denied', undefined);
    if (!(await keySuffices(this.#context, key))) {
      throw new ChitError('admin_key_unproven', undefined);
    }
    if (Math.abs(nowMs - (key.lastUsedAtMs ?? 0)) >= NOTE_USE_EVERY_MS) {
      await adminKeys.noteUse(key.id, nowMs);
    }
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(hash, { user, key, readAtMs });
    return { user, key };
  }
}
