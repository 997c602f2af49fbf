/** Checks passwords by an LDAP directory: looks the entry up, then signs in as it. */
import { ChitError } from '../../core/errors.ts';
import { dnKey, filledFilter, filterValue, type LdapSettings } from '../../core/ldap.ts';
import type { SignInFault } from '../../core/sign-in-faults.ts';
import { FairQueue, type QueueSource } from '../fair-queue.ts';
import { signInFaultOf } from '../oidc/sign-in-fault.ts';
import { connectToLdap, type LdapConnection, type LdapEntry } from './ldap-connection.ts';

/** Whom a directory has signed in. */
export interface LdapPerson {
  /** The id of the entry, which stays when it is renamed. */
  readonly subject: string;
  readonly username: string | undefined;
  readonly email: string | undefined;
  /** The groups that the entry is in, as `dnKey` has them; empty if nobody asks for groups. */
  readonly groups: ReadonlySet<string>;
}

type Connect = (url: string, settings: LdapSettings) => Promise<LdapConnection>;

/** More at once would only wait in the directory. */
const CONNECTIONS = 16;
const MOST_GROUPS = 1_000;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,189}$/;

/** What a directory has of a name, and what it says of a password. */
export interface LdapInspection {
  /** How many entries the filter finds, up to two. */
  readonly entries: number;
  /** The entry, if there is just one. */
  readonly found:
    | {
        readonly dn: string;
        /** The attributes that are read of it, by name. */
        readonly values: ReadonlyMap<string, readonly string[]>;
        readonly person: LdapPerson;
      }
    | undefined;
  /** undefined if none was given. */
  readonly isPasswordRight: boolean | undefined;
}

/** How a server of a directory does. */
export interface LdapServerState {
  readonly url: string;
  /** undefined if it can be used. */
  readonly fault: SignInFault | undefined;
}

/** A directory with one set of settings. */
export class LdapDirectory {
  readonly settings: LdapSettings;
  readonly #connect: Connect;
  readonly #queue = new FairQueue(CONNECTIONS);
  /** The server that answered last is asked first. */
  #first = 0;

  constructor(settings: LdapSettings, connect: Connect = connectToLdap) {
    this.settings = settings;
    this.#connect = connect;
  }

  /**
   * Checks a password.
   * @param who is looked up by the username, or, of somebody who has signed in before, by the id of
   *   the entry
   * @returns undefined if there is no such entry, more than one, or the password is wrong
   * @throws ChitError `directory_unavailable`; `throttled`, `overloaded` if too many are waiting
   */
  signIn(
    who: { readonly username: string } | { readonly subject: string },
    password: string,
    source: QueueSource,
  ): Promise<LdapPerson | undefined> {
    const isNobody = 'username' in who && who.username === '';
    // With an empty password the server would let anybody in, as nobody (RFC 4513, 5.1.2).
    if (password === '' || isNobody) return Promise.resolve(undefined);
    const { attributes } = this.settings;
    return this.#queue.run(source, () =>
      this.#connected(async (connection) => {
        const entry = await this.#entryOf(connection, who);
        if (!entry) return undefined;
        const [named = ''] = entry.values.get(attributes.username.toLowerCase()) ?? [];
        const username = 'username' in who ? who.username : named;
        const groups = await this.#groupsOf(connection, entry, username);
        if (!(await connection.bind(entry.dn, password))) return undefined;
        return this.#personOf(entry, groups);
      }),
    );
  }

  /**
   * Looks a name up as a sign-in with a wrong password does, for nothing but the time that it
   * takes: a sign-in that is over sooner would tell who has a password of this site. No password is
   * sent, and nobody is signed in.
   * @throws ChitError `directory_unavailable`; `throttled`, `overloaded` if too many are waiting
   */
  async lookUp(username: string, password: string, source: QueueSource): Promise<void> {
    if (password === '' || username === '') return;
    await this.#queue.run(source, () =>
      this.#connected(async (connection) => {
        const entry = await this.#entryOf(connection, { username });
        if (entry) await this.#groupsOf(connection, entry, username);
      }),
    );
  }

  /**
   * Whether somebody who has signed in is still in the directory, and still matches its filter.
   * @throws ChitError `directory_unavailable`; `throttled`, `overloaded` if too many are waiting
   */
  isThere(subject: string, source: QueueSource): Promise<boolean> {
    return this.#queue.run(source, () =>
      this.#connected(async (connection) => {
        const place = this.#placeOf({ subject });
        const found = await connection.search(place.base, {
          ...place,
          attributes: ['1.1'],
          limit: 2,
        });
        return found.length > 0;
      }),
    );
  }

  /**
   * Looks a name up, and checks a password if there is one, for whoever sets the directory up.
   * @throws ChitError `directory_unavailable`; `throttled`, `overloaded` if too many are waiting
   */
  inspect(username: string, password: string, source: QueueSource): Promise<LdapInspection> {
    return this.#queue.run(source, () =>
      this.#connected(async (connection) => {
        const entries = await this.#entriesOf(connection, { username });
        const entry = onlyOne(entries);
        if (!entry) {
          return { entries: entries.length, found: undefined, isPasswordRight: undefined };
        }
        const groups = await this.#groupsOf(connection, entry, username);
        const isPasswordRight =
          password === '' ? undefined : await connection.bind(entry.dn, password);
        const { dn, values } = entry;
        const person = this.#personOf(entry, groups);
        return { entries: 1, found: { dn, values, person }, isPasswordRight };
      }),
    );
  }

  /** Whether each server can be reached, takes the name of this site, and has what is searched. */
  check(): Promise<LdapServerState[]> {
    const { urls } = this.settings;
    return Promise.all(urls.map(async (url) => ({ url, fault: await this.#faultOf(url) })));
  }

  async #faultOf(url: string): Promise<SignInFault | undefined> {
    let connection: LdapConnection | undefined;
    try {
      connection = await this.#connect(url, this.settings);
      return await this.#faultAt(connection);
    } catch (error) {
      const fault = signInFaultOf(error);
      return { ...fault, code: fault.code === 'other' ? 'unreachable' : fault.code };
    } finally {
      await connection?.close();
    }
  }

  async #faultAt(connection: LdapConnection): Promise<SignInFault | undefined> {
    const { base, bindDn, bindPassword = '' } = this.settings;
    if (bindDn !== undefined && !(await connection.bind(bindDn, bindPassword))) {
      return { code: 'bind_refused', reason: 'It refuses "bindDn" with its password.' };
    }
    try {
      const search = { filter: '(objectClass=*)', scope: 'base', attributes: ['1.1'] } as const;
      await connection.search(base, { ...search, limit: 2 });
      return undefined;
    } catch (error) {
      return { code: 'base_unreadable', reason: signInFaultOf(error).reason };
    }
  }

  /** Where an entry is looked for, and how. */
  #placeOf(who: { readonly username: string } | { readonly subject: string }) {
    const { base, filter } = this.settings;
    if ('username' in who) {
      return {
        base,
        filter: filledFilter(filter, { username: who.username }),
        scope: 'sub',
      } as const;
    }
    const [, name = '', value = ''] = /^([\w;-]+):(.*)$/s.exec(who.subject) ?? [];
    const anybody = filter.replaceAll('{username}', '*');
    if (name === 'dn') return { base: value, filter: anybody, scope: 'base' } as const;
    const match = `(${name}=${isGuid(name) ? bytesIn(value) : filterValue(value)})`;
    return { base, filter: `(&${match}${anybody})`, scope: 'sub' } as const;
  }

  async #entryOf(
    connection: LdapConnection,
    who: { readonly username: string } | { readonly subject: string },
  ): Promise<LdapEntry | undefined> {
    return onlyOne(await this.#entriesOf(connection, who));
  }

  #entriesOf(
    connection: LdapConnection,
    who: { readonly username: string } | { readonly subject: string },
  ): Promise<LdapEntry[]> {
    const { id, ...named } = this.settings.attributes;
    const place = this.#placeOf(who);
    return connection.search(place.base, {
      ...place,
      attributes: [...Object.values(named), ...(id ? [id] : ['entryUUID', 'objectGUID'])],
      limit: 2,
    });
  }

  async #groupsOf(
    connection: LdapConnection,
    { dn, values }: LdapEntry,
    username: string,
  ): Promise<Set<string>> {
    const { groups, staff, groupSearch, attributes } = this.settings;
    if (groups.size === 0 && staff === undefined) return new Set();
    const named = values.get(attributes.groups.toLowerCase()) ?? [];
    const found = groupSearch
      ? await connection.search(groupSearch.base, {
          filter: filledFilter(groupSearch.filter, { dn, username }),
          scope: 'sub',
          attributes: ['1.1'],
          limit: MOST_GROUPS,
        })
      : [];
    return new Set([...named, ...found.map((it) => it.dn)].map(dnKey));
  }

  #personOf({ dn, values }: LdapEntry, groups: ReadonlySet<string>): LdapPerson {
    const { attributes } = this.settings;
    const first = (name: string) => values.get(name.toLowerCase())?.[0];
    const ids = attributes.id ? [attributes.id] : ['entryUUID', 'objectGUID'];
    const id = ids.find((it) => first(it) !== undefined);
    const email = first(attributes.email);
    return {
      subject: id ? `${id.toLowerCase()}:${first(id)}` : `dn:${dnKey(dn)}`,
      username: first(attributes.username),
      email: email !== undefined && EMAIL.test(email) ? email : undefined,
      groups,
    };
  }

  /** Does something with the first server that answers. @throws ChitError */
  async #connected<T>(work: (connection: LdapConnection) => Promise<T>): Promise<T> {
    const { urls, bindDn, bindPassword = '' } = this.settings;
    let cause: unknown;
    for (let tries = 0; tries < urls.length; tries += 1) {
      const at = (this.#first + tries) % urls.length;
      let connection: LdapConnection | undefined;
      try {
        connection = await this.#connect(urls[at] as string, this.settings);
        if (bindDn !== undefined && !(await connection.bind(bindDn, bindPassword))) {
          throw new Error('The LDAP server refuses "bindDn" of chit.json.');
        }
        const done = await work(connection);
        this.#first = at;
        return done;
      } catch (error) {
        cause = error;
      } finally {
        await connection?.close();
      }
    }
    throw new ChitError('directory_unavailable', undefined, { cause });
  }
}

/** The directory of the settings in force. */
export class LdapDirectories {
  readonly #settings: () => LdapSettings | undefined;
  readonly #connect: Connect;
  #current: LdapDirectory | undefined;

  constructor(settings: () => LdapSettings | undefined, connect: Connect = connectToLdap) {
    this.#settings = settings;
    this.#connect = connect;
  }

  /** undefined if there is none. */
  get current(): LdapDirectory | undefined {
    const settings = this.#settings();
    if (settings !== this.#current?.settings) {
      this.#current = settings && new LdapDirectory(settings, this.#connect);
    }
    return this.#current;
  }
}

/** A name of two people is nobody's, and an entry without one would let anybody in. */
function onlyOne(found: readonly LdapEntry[]): LdapEntry | undefined {
  const [entry] = found;
  return entry && found.length === 1 && entry.dn !== '' ? entry : undefined;
}

function isGuid(name: string): boolean {
  return name === 'objectguid';
}

/** Bytes in hexadecimal, as a filter has them. */
function bytesIn(hex: string): string {
  return hex.replace(/[^\da-f]/gi, '').replace(/../g, '\\$&');
}
