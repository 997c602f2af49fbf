/** From resources and operations of SCIM to what changes (RFC 7644, 3.5). */
import { scimRefusal } from '../../app/directory/scim-refusal.ts';
import type { ScimGroupChange, ScimUserChange } from '../../core/scim.ts';
import { type Comparison, pathIn, type ScimPath } from './scim-paths.ts';
import {
  booleanOf,
  isObject,
  type JsonObject,
  listOf,
  memberOf,
  requiredText,
  textOf,
} from './scim-values.ts';

type Op = 'add' | 'replace' | 'remove';

interface Operation {
  readonly op: Op;
  readonly path: ScimPath;
  readonly value: unknown;
}

const MOST_OPERATIONS = 1_000;
/** Of all paths together, with what each costs besides: more would hold up other requests. */
const MOST_PATH_CHARACTERS = 100_000;
const COST_OF_PATH = 50;
const NAME_PARTS = { formatted: 'formatted', givenname: 'givenName', familyname: 'familyName' };

/** All of a user, as POST and PUT have it: names that are left out are taken away. */
export function userIn(body: JsonObject): ScimUserChange & { userName: string } {
  const name = memberOf(body, 'name');
  const part = (it: string) => textOf(isObject(name) ? memberOf(name, it) : null, `name.${it}`);
  const active = memberOf(body, 'active');
  const email = emailIn(memberOf(body, 'emails'));
  return {
    userName: requiredText(memberOf(body, 'userName'), 'userName'),
    externalId: textOf(memberOf(body, 'externalId'), 'externalId'),
    displayName: textOf(memberOf(body, 'displayName'), 'displayName'),
    formatted: part('formatted'),
    givenName: part('givenName'),
    familyName: part('familyName'),
    // A directory that knows no address does not take away that of the user.
    ...(email === null ? {} : { email }),
    ...(active == null ? {} : { active: booleanOf(active, 'active') }),
  };
}

/** What PATCH changes of a user. Attributes that are not kept here are passed over. */
export function userChangeIn(body: JsonObject): ScimUserChange {
  const change: ScimUserChange = {};
  for (const operation of operationsIn(body)) applyToUser(change, operation);
  return change;
}

/** All of a group, as POST and PUT have it. */
export function groupIn(body: JsonObject): ScimGroupChange & { displayName: string } {
  const members = memberOf(body, 'members');
  return {
    displayName: requiredText(memberOf(body, 'displayName'), 'displayName'),
    externalId: textOf(memberOf(body, 'externalId'), 'externalId'),
    // One that says nothing of members does not empty the group.
    ...(members === undefined ? {} : { members: memberIds(members) }),
    joining: new Set(),
    leaving: new Set(),
  };
}

/** What PATCH changes of a group. */
export function groupChangeIn(body: JsonObject): ScimGroupChange {
  const change: ScimGroupChange = { joining: new Set(), leaving: new Set() };
  for (const operation of operationsIn(body)) applyToGroup(change, operation);
  return change;
}

/** The operations of a PATCH; one without a path becomes one for each attribute of its value. */
function operationsIn(body: JsonObject): Operation[] {
  const listed = memberOf(body, 'Operations');
  if (!Array.isArray(listed) || listed.length === 0 || listed.length > MOST_OPERATIONS) {
    const message = `Operations must be a list of 1 to ${MOST_OPERATIONS} operations.`;
    throw scimRefusal('invalidSyntax', message);
  }
  let characters = 0;
  const target = (path: string): ScimPath => {
    characters += path.length + COST_OF_PATH;
    if (characters <= MOST_PATH_CHARACTERS) return pathIn(path);
    throw scimRefusal('invalidSyntax', 'The paths of the operations are too many or too long.');
  };
  return listed.flatMap((it: unknown): Operation[] => {
    const entry = isObject(it) ? it : {};
    const op = opIn(memberOf(entry, 'op'));
    const path = memberOf(entry, 'path');
    const value = memberOf(entry, 'value');
    if (typeof path === 'string' && path !== '') return [{ op, path: target(path), value }];
    if (op === 'remove') throw scimRefusal('noTarget', 'An operation "remove" needs a path.');
    if (!isObject(value)) {
      throw scimRefusal('invalidSyntax', 'An operation without a path needs an object as value.');
    }
    return Object.entries(value).map(([name, of]) => ({ op, path: target(name), value: of }));
  });
}

/** Entra ID writes them with a capital letter. */
function opIn(value: unknown): Op {
  const op = String(value).toLowerCase();
  if (op === 'add' || op === 'replace' || op === 'remove') return op;
  throw scimRefusal('invalidSyntax', 'op must be "add", "replace" or "remove".');
}

function applyToUser(change: ScimUserChange, { op, path, value }: Operation): void {
  const wanted = op === 'remove' ? null : value;
  switch (path.attribute) {
    case 'username':
      change.userName = requiredText(wanted, 'userName');
      return;
    case 'active':
      if (op !== 'remove') change.active = booleanOf(wanted, 'active');
      return;
    case 'externalid':
      change.externalId = textOf(wanted, 'externalId');
      return;
    case 'displayname':
      change.displayName = textOf(wanted, 'displayName');
      return;
    case 'name':
      applyNames(change, path.sub, { op, value: wanted });
      return;
    case 'emails':
      applyEmail(change, path, wanted);
      return;
    default:
  }
}

function applyNames(
  change: ScimUserChange,
  sub: string | undefined,
  { op, value }: Pick<Operation, 'op' | 'value'>,
): void {
  for (const [lower, name] of Object.entries(NAME_PARTS)) {
    const part = name as 'formatted' | 'givenName' | 'familyName';
    if (sub !== undefined && sub !== lower) continue;
    const given = sub === undefined && isObject(value) ? memberOf(value, part) : value;
    // Of a whole name, "add" leaves the parts that it does not mention.
    if (sub === undefined && op === 'add' && given === undefined) continue;
    change[part] = textOf(given, `name.${part}`);
  }
}

/** One address is kept: the primary one, or that of work. */
function applyEmail(change: ScimUserChange, { sub, where }: ScimPath, value: unknown): void {
  if (where && !where.some((it) => it.every(isOfWork))) {
    const isByValue = where.some((it) => it.some(({ attribute }) => attribute === 'value'));
    if (isByValue) {
      const message = 'An e-mail address is found by its type, not by its value.';
      throw scimRefusal('invalidPath', message);
    }
    return;
  }
  if (sub !== undefined && sub !== 'value') return;
  if (sub === 'value' || where) {
    const address = isObject(value) ? memberOf(value, 'value') : value;
    change.email = emailOf(address);
    return;
  }
  change.email = emailIn(value);
}

function isOfWork({ attribute, value }: Comparison): boolean {
  if (attribute === 'type') return String(value).toLowerCase() === 'work';
  return attribute === 'primary' && String(value).toLowerCase() === 'true';
}

/** The primary of several addresses, or that of work, or the first. */
function emailIn(value: unknown): string | null {
  const all = listOf(value).map((it) => (isObject(it) ? it : { value: it }));
  const isPrimary = (it: JsonObject) => String(memberOf(it, 'primary')).toLowerCase() === 'true';
  const isWork = (it: JsonObject) => String(memberOf(it, 'type')).toLowerCase() === 'work';
  const chosen = all.find(isPrimary) ?? all.find(isWork) ?? all[0];
  return chosen ? emailOf(memberOf(chosen, 'value')) : null;
}

const EMAIL = /^[^\s@]+@[^\s@]+$/;

function emailOf(value: unknown): string | null {
  const email = textOf(value, 'emails');
  if (email === null || (email.length <= 254 && EMAIL.test(email))) return email;
  throw scimRefusal('invalidValue', 'emails has something that is no e-mail address.');
}

function applyToGroup(change: ScimGroupChange, { op, path, value }: Operation): void {
  switch (path.attribute) {
    case 'displayname':
      change.displayName = requiredText(op === 'remove' ? null : value, 'displayName');
      return;
    case 'externalid':
      change.externalId = op === 'remove' ? null : textOf(value, 'externalId');
      return;
    case 'members':
      applyMembers(change, { op, path, value });
      return;
    default:
  }
}

/** In the order of the operations, so that the last word about a member counts. */
function applyMembers(change: ScimGroupChange, { op, path, value }: Operation): void {
  const ids = path.where ? idsIn(path.where) : memberIds(value);
  if (op === 'add') {
    for (const id of ids) {
      change.leaving.delete(id);
      change.joining.add(id);
    }
    return;
  }
  // Entra ID names those who leave in the value, the specification in the path.
  const isAll = op === 'replace' || (path.where === undefined && value == null);
  if (isAll) {
    change.members = op === 'replace' ? ids : [];
    change.joining.clear();
    change.leaving.clear();
    return;
  }
  for (const id of ids) {
    change.joining.delete(id);
    change.leaving.add(id);
  }
}

function idsIn(where: NonNullable<ScimPath['where']>): number[] {
  return where.flatMap((all) => {
    const [only, ...more] = all;
    if (only?.attribute !== 'value' || more.length > 0) {
      throw scimRefusal('invalidPath', 'A member is found by its value: members[value eq "…"].');
    }
    return idOf(only.value) ?? [];
  });
}

function memberIds(value: unknown): number[] {
  return listOf(value).map((it) => {
    const id = isObject(it) ? memberOf(it, 'value') : it;
    const number = idOf(id);
    if (number !== undefined) return number;
    const shown = typeof id === 'string' ? ` "${id.slice(0, 100)}"` : '';
    throw scimRefusal('invalidValue', `A member${shown} is no user of this site.`);
  });
}

/** The id of a user; undefined for what cannot be one. */
export function idOf(value: unknown): number | undefined {
  const id = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : undefined;
  return Number.isSafeInteger(id) ? id : undefined;
}
