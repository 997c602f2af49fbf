/** Row types of what directories say: SCIM and LDAP. */

/** A token with which a directory calls the SCIM API. */
export interface ScimTokenRow {
  id: string;
  name: string;
  /** The first characters of the token, by which staff know it. */
  prefix: string;
  /** Of the whole token. */
  secret_hash: string;
  /** As `actor` in the audit log. */
  made_by: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  ended_at: number | null;
}

/** A user whom a directory manages. */
export interface ScimUserRow {
  user_id: number;
  /** The directory's name for the user, which may change; the username of the account stays. */
  user_name: string;
  /** The same for names that differ in case only (RFC 7643, 4.1.1); unique. */
  user_name_key: string;
  external_id: string | null;
  /** JSON: the names of the person. */
  profile: string;
  /** Whether the account was made for the directory, rather than adopted. */
  is_made: number;
  created_at: number;
  changed_at: number;
  /** When the directory disabled the account; null if it did not, or somebody else did last. */
  disabled_at: number | null;
  /** When the directory deleted the user; the account stays, disabled. */
  removed_at: number | null;
}

/** A group that a directory made. */
export interface ScimGroupRow {
  group_id: string;
  external_id: string | null;
  created_at: number;
  changed_at: number;
}

/** A user who signs in by LDAP. */
export interface LdapUserRow {
  user_id: number;
  /** The id of the entry in the directory, which stays when the entry is renamed. */
  subject: string;
  linked_at: number;
}

export interface DirectoryTables {
  scim_tokens: ScimTokenRow;
  scim_users: ScimUserRow;
  scim_groups: ScimGroupRow;
  ldap_users: LdapUserRow;
}
