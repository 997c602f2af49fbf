import { usernameKey } from '../../core/usernames.ts';
import type { Model } from '../../models/catalogue.ts';
import type { AllowedUserStore } from '../../store/accounts/allowed-users.ts';
import type { User, UserStore } from '../../store/accounts/users.ts';

/** Models, each with those who may use it. */
type Allowing = readonly { readonly allow: Model['allow'] }[];

/** A name in `allow` that lets nobody in. */
export interface UnresolvedName {
  readonly name: string;
  /** `deleted`: its account is gone, and another one with the name gets nothing by it. */
  readonly why: 'nobody' | 'deleted';
}

/**
 * The users that `allow` in `chit.json` names. A name is resolved to an account once and then means
 * this account only, so that whoever takes the name of a deleted user does not get the models.
 * Nobody can sign up by such a name either; staff create these accounts.
 */
export class AllowedUsers {
  readonly #users: UserStore;
  readonly #store: AllowedUserStore;
  #names: readonly string[] = [];
  #keys: ReadonlySet<string> = new Set();
  readonly #ids = new Map<string, number>();

  constructor(users: UserStore, store: AllowedUserStore, models: Allowing) {
    this.#users = users;
    this.#store = store;
    this.setModels(models);
  }

  /** Models with other names are on offer from now on. */
  setModels(models: Allowing): void {
    this.#names = namesIn(models);
    this.#keys = new Set(this.#names.map(usernameKey));
    for (const name of this.#ids.keys()) if (!this.#names.includes(name)) this.#ids.delete(name);
  }

  /** Forgets what all other names meant: one that comes back is looked up anew. */
  async forgetOthers(): Promise<void> {
    await this.#store.keepOnly(this.#names);
  }

  /** Resolves the names of models, on offer or not yet; returns those that let nobody in. */
  async resolve(models: Allowing): Promise<UnresolvedName[]> {
    const unresolved: UnresolvedName[] = [];
    for (const name of namesIn(models)) {
      const there = await this.#users.byUsername(name);
      const id = (await this.#store.idOf(name)) ?? (there && (await this.#bind(name, there.id)));
      if (id === undefined) unresolved.push({ name, why: 'nobody' });
      else if (id !== there?.id) unresolved.push({ name, why: 'deleted' });
    }
    return unresolved;
  }

  /** Whether a name is like one in `allow`. */
  isNamed(username: string): boolean {
    return this.#keys.has(usernameKey(username));
  }

  /** Whether a user is one of those that a model's `allow` names. */
  async isAllowed({ id, username }: User, allow: readonly string[]): Promise<boolean> {
    if (!allow.includes(username)) return false;
    const known = this.#ids.get(username);
    return (known ?? (await this.#bind(username, id))) === id;
  }

  async #bind(name: string, userId: number): Promise<number> {
    const id = await this.#store.bind(name, userId);
    this.#ids.set(name, id);
    return id;
  }
}

function namesIn(models: Allowing): string[] {
  return [...new Set(models.flatMap(({ allow }) => (typeof allow === 'string' ? [] : allow)))];
}
