/** The LDAP directory that checks passwords, as `chit.json` describes it. */

export interface LdapSettings {
  /** Asked in this order until one answers. */
  readonly urls: readonly string[];
  /** Whether connections by `ldap://` are encrypted before anything is sent (RFC 4511, 4.14). */
  readonly startTls: boolean;
  /** Certificates to trust instead of the system's, in PEM. */
  readonly ca: string | undefined;
  /** Who looks entries up; undefined for nobody in particular. */
  readonly bindDn: string | undefined;
  readonly bindPassword: string | undefined;
  /** Where people are. */
  readonly base: string;
  /** How a person is found, with `{username}`. */
  readonly filter: string;
  readonly attributes: {
    /** What stays when an entry is renamed; undefined for `entryUUID` or `objectGUID`. */
    readonly id: string | undefined;
    readonly username: string;
    readonly email: string;
    /** The groups of an entry, as their DNs. */
    readonly groups: string;
  };
  /** How groups are found that entries do not name, with `{dn}` and `{username}`. */
  readonly groupSearch: { readonly base: string; readonly filter: string } | undefined;
  /** Groups of this site by the DN of a group of the directory, as `dnKey` has it. */
  readonly groups: ReadonlyMap<string, string>;
  /** The same of groups whose members are staff; undefined if the directory does not say. */
  readonly staff: ReadonlySet<string> | undefined;
  /** Whether somebody without an account gets one. */
  readonly createsAccounts: boolean;
  /** For each step of a sign-in. */
  readonly timeoutMs: number;
}

/** Two names of an entry with the same key are the same: case and spaces do not count. */
export function dnKey(dn: string): string {
  return dn
    .trim()
    .toLowerCase()
    .replace(/\s*([,=+])\s*/g, '$1');
}

/** A value within a filter, so that it matches only itself (RFC 4515, section 3). */
export function filterValue(text: string): string {
  return text.replace(/[\\*()\0]/g, (it) => `\\${it.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** A filter with values in the places of their names in braces. */
export function filledFilter(filter: string, values: Readonly<Record<string, string>>): string {
  return filter.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    return value === undefined ? place : filterValue(value);
  });
}
