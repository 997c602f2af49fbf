/** An LDAP directory that a test scripts: entries, their passwords, and what is asked of it. */
import type { LdapConnection, LdapEntry, LdapSearch } from '../../src/auth/ldap/ldap-connection.ts';
import type { LdapSettings } from '../../src/core/ldap.ts';

export const LDAP: LdapSettings = {
  urls: ['ldaps://one.example', 'ldaps://two.example'],
  startTls: false,
  ca: undefined,
  bindDn: 'cn=chit',
  bindPassword: 'the service',
  base: 'ou=people,dc=school',
  filter: '(&(objectClass=person)(uid={username}))',
  attributes: { id: undefined, username: 'uid', email: 'mail', groups: 'memberOf' },
  groupSearch: undefined,
  groups: new Map(),
  staff: undefined,
  createsAccounts: true,
  timeoutMs: 1_000,
};

interface Person {
  uid: string;
  password: string;
  id?: string;
  mail?: string;
  groups?: string[];
}

export class ScriptedLdap {
  readonly people: Person[] = [];
  /** Addresses at which nobody answers. */
  readonly down = new Set<string>();
  /** What was asked, in order: binds by their names alone. */
  readonly asked: string[] = [];
  open = 0;

  connect = async (url: string): Promise<LdapConnection> => {
    this.asked.push(`connect ${url}`);
    if (this.down.has(url)) throw new Error('connect ECONNREFUSED');
    this.open += 1;
    return {
      bind: async (dn, password) => {
        this.asked.push(`bind ${dn}`);
        // As a server does: with an empty password anybody is in, as nobody.
        if (password === '') return true;
        if (dn === LDAP.bindDn) return password === LDAP.bindPassword;
        return this.people.some((it) => dnOf(it) === dn && it.password === password);
      },
      search: async (base, search) => {
        this.asked.push(`search ${base} ${search.filter}`);
        return this.people.filter((it) => matches(it, search)).map(entryOf);
      },
      close: async () => {
        this.open -= 1;
      },
    };
  };

  add(person: Person): Person {
    this.people.push(person);
    return person;
  }

  remove(uid: string): void {
    this.people.splice(
      this.people.findIndex((it) => it.uid === uid),
      1,
    );
  }
}

function dnOf({ uid }: Person): string {
  return `uid=${uid},ou=people,dc=school`;
}

/** Only what the filters of the tests need. */
function matches({ uid, id = uid }: Person, { filter }: LdapSearch): boolean {
  const [, byName] = /\(uid=([^)]*)\)/.exec(filter) ?? [];
  const [, byId] = /\(entryuuid=([^)]*)\)/.exec(filter) ?? [];
  const isNamed = byName === '*' || byName?.toLowerCase() === uid.toLowerCase();
  return isNamed && (byId === undefined || byId === id);
}

function entryOf(person: Person): LdapEntry {
  const { uid, id = uid, mail, groups = [] } = person;
  return {
    dn: dnOf(person),
    values: new Map([
      ['uid', [uid]],
      ['entryuuid', [id]],
      ['mail', mail ? [mail] : []],
      ['memberof', groups],
    ]),
  };
}
