/** Users and groups as a directory describes them (SCIM 2.0, RFC 7643). */

/** The names of a person; they are only kept for the directory, which asks for them again. */
export interface PersonNames {
  readonly displayName?: string | undefined;
  readonly formatted?: string | undefined;
  readonly givenName?: string | undefined;
  readonly familyName?: string | undefined;
}

/** New values of a user. What is not given stays; null takes a value away. */
export interface ScimUserChange {
  userName?: string;
  externalId?: string | null;
  displayName?: string | null;
  formatted?: string | null;
  givenName?: string | null;
  familyName?: string | null;
  email?: string | null;
  active?: boolean;
}

/** New values of a group, and who comes and goes. What is not given stays. */
export interface ScimGroupChange {
  displayName?: string;
  externalId?: string | null;
  /** The only members there shall be, before the next two are applied. */
  members?: readonly number[];
  readonly joining: Set<number>;
  readonly leaving: Set<number>;
}

/** The most characters of a name that a directory gives to a user, as Django limits usernames. */
export const MOST_USER_NAME = 150;

/** Names in a directory that differ in case only are the same (RFC 7643, 4.1.1). */
export function directoryNameKey(userName: string): string {
  return userName.trim().toLowerCase();
}

/** What a list of users may be filtered by; all of what is given has to hold. */
export interface ScimUserFilter {
  readonly id?: string;
  readonly userName?: string;
  readonly externalId?: string;
  readonly email?: string;
  readonly active?: boolean;
}

/** The same for groups. */
export interface ScimGroupFilter {
  readonly id?: string;
  readonly displayName?: string;
  readonly externalId?: string;
  /** The id of a user who is in it. */
  readonly member?: string;
}

/** `scimType` of an error (RFC 7644, 3.12). */
export type ScimErrorType =
  | 'invalidFilter'
  | 'invalidPath'
  | 'invalidSyntax'
  | 'invalidValue'
  | 'mutability'
  | 'noTarget'
  | 'uniqueness';
