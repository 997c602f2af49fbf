/** Users and groups in the shape of SCIM (RFC 7643, 4). */
import type { FastifyRequest } from 'fastify';
import type { ScimGroupWithMembers } from '../../app/directory/scim-groups.ts';
import { scimRefusal } from '../../app/directory/scim-refusal.ts';
import type { ScimUser } from '../../store/directory/scim-users.ts';
import { isoTime } from '../framework/iso-time.ts';
import type { JsonObject } from './scim-values.ts';

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
/** The most resources in a list, and how many there are if none are asked for. */
export const MOST_LISTED = 200;
const LISTED = 100;

/** A user. @param base where the resources are */
export function shownUser(base: string, user: ScimUser) {
  const { displayName, formatted, givenName, familyName } = user.names;
  const name = { formatted, givenName, familyName };
  const hasName = Object.values(name).some((it) => it !== undefined);
  return {
    schemas: [USER_SCHEMA],
    id: String(user.userId),
    ...given({ externalId: user.externalId }),
    userName: user.userName,
    ...(hasName ? { name: given(name) } : {}),
    ...given({ displayName }),
    active: user.isActive,
    ...(user.email === undefined
      ? {}
      : { emails: [{ value: user.email, type: 'work', primary: true }] }),
    meta: {
      resourceType: 'User',
      created: isoTime(user.createdAtMs),
      lastModified: isoTime(user.changedAtMs),
      location: `${base}/Users/${user.userId}`,
    },
  };
}

/** A group. @param base where the resources are */
export function shownGroup(base: string, { group, members }: ScimGroupWithMembers) {
  return {
    schemas: [GROUP_SCHEMA],
    id: group.id,
    ...given({ externalId: group.externalId }),
    displayName: group.name,
    ...(members
      ? {
          members: members.map(({ userId, userName }) => ({
            value: String(userId),
            display: userName,
            type: 'User',
            $ref: `${base}/Users/${userId}`,
          })),
        }
      : {}),
    meta: {
      resourceType: 'Group',
      created: isoTime(group.createdAtMs),
      lastModified: isoTime(group.changedAtMs),
      location: `${base}/Groups/${group.id}`,
    },
  };
}

/** The members that have a value. */
function given(object: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(object).filter((it): it is [string, string] => it[1] !== undefined),
  );
}

/** Where the resources are, as the client reaches them. */
export function baseOf(request: FastifyRequest): string {
  const { url, prefix } = request.server.publicSite;
  return `${url ?? `${request.protocol}://${request.host}${prefix}`}/scim/v2`;
}

/** Which attributes of resources are asked for (RFC 7644, 3.9). */
export interface Wanted {
  readonly only: ReadonlySet<string> | undefined;
  readonly without: ReadonlySet<string>;
}

/** The attributes that a query asks for. */
export function wantedIn(query: {
  readonly attributes?: string;
  readonly excludedAttributes?: string;
}): Wanted {
  const { attributes, excludedAttributes } = query;
  return {
    only: attributes === undefined ? undefined : namesIn(attributes),
    without: namesIn(excludedAttributes ?? ''),
  };
}

/** Whether an attribute is asked for. @param name in lower case */
export function isWanted({ only, without }: Wanted, name: string): boolean {
  return only ? only.has(name) : !without.has(name);
}

/** A resource with the attributes that are asked for; some are always there. */
export function trimmed<T extends JsonObject>(resource: T, wanted: Wanted): T {
  if (wanted.only === undefined && wanted.without.size === 0) return resource;
  const kept = Object.entries(resource).filter(
    ([name]) => ALWAYS.has(name) || isWanted(wanted, name.toLowerCase()),
  );
  return Object.fromEntries(kept) as T;
}

const ALWAYS: ReadonlySet<string> = new Set(['schemas', 'id']);

/** In lower case, without a schema and without what is within an attribute. */
function namesIn(text: string): Set<string> {
  const names = text.split(',').map((it) =>
    it
      .trim()
      .toLowerCase()
      .replace(/^urn:.*:/, ''),
  );
  return new Set(names.map((it) => it.split('.', 1)[0] as string).filter((it) => it !== ''));
}

/** The part of a list that a query asks for. @throws ChitError `scim_refused` */
export function pageIn(query: { readonly startIndex?: string; readonly count?: string }) {
  const startIndex = Math.max(1, wholeNumber(query.startIndex, 'startIndex', 1));
  const count = Math.max(0, wholeNumber(query.count, 'count', LISTED));
  return { startIndex, offset: startIndex - 1, limit: Math.min(count, MOST_LISTED) };
}

function wholeNumber(text: string | undefined, name: string, otherwise: number): number {
  if (text === undefined || text === '') return otherwise;
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw scimRefusal('invalidValue', `${name} must be a whole number.`);
}
