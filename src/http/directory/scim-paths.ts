/** Filters and paths of SCIM (RFC 7644, 3.4.2.2 and 3.5.2). */
import { type Filter, parse } from 'scim2-parse-filter';
import { scimRefusal } from '../../app/directory/scim-refusal.ts';
import type { ScimErrorType, ScimGroupFilter, ScimUserFilter } from '../../core/scim.ts';
import { isStorable } from '../../core/storable-text.ts';
import { booleanOf } from './scim-values.ts';

const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';
/** Longer ones are nested too deeply to be parsed, or meant to be. */
const MOST_CHARACTERS = 1_000;

/** An attribute that a filter compares with a value. */
export interface Comparison {
  /** In lower case, without a schema, such as `name.familyname`. */
  readonly attribute: string;
  readonly value: unknown;
}

/** The target of an operation of PATCH. */
export interface ScimPath {
  /** In lower case; undefined for one of a schema that is not kept here. */
  readonly attribute: string | undefined;
  /** In lower case, such as `value`. */
  readonly sub: string | undefined;
  /** Which of many values; undefined for all. Any of these has to match. */
  readonly where: readonly (readonly Comparison[])[] | undefined;
}

/** @throws ChitError `scim_refused` */
export function pathIn(text: string): ScimPath {
  if (text.length > MOST_CHARACTERS) throw invalid('invalidPath', text);
  const isOther = /^urn:/i.test(text) && !startsWithSchema(text);
  if (isOther) return { attribute: undefined, sub: undefined, where: undefined };
  const found = /^([a-z$][\w$-]*)(?:\[(.*)\])?(?:\.([a-z$][\w$-]*))?$/is.exec(withoutSchema(text));
  if (!found) throw invalid('invalidPath', text);
  const [, attribute = '', filter, sub] = found;
  return {
    attribute: attribute.toLowerCase(),
    sub: sub?.toLowerCase(),
    where: filter === undefined ? undefined : alternativesIn(parsed(filter, 'invalidPath'), text),
  };
}

/** What a list of users is filtered by. @throws ChitError `scim_refused` */
export function userFilterIn(text: string): ScimUserFilter {
  const filter: Record<string, string | boolean> = {};
  for (const { attribute, value } of comparisonsIn(text)) {
    if (attribute === 'active') filter.active = booleanOf(value, 'active');
    else filter[named(attribute, USER_FILTERS, text)] = storable(value, text);
  }
  return filter;
}

/** The same for groups. @throws ChitError `scim_refused` */
export function groupFilterIn(text: string): ScimGroupFilter {
  const filter: Record<string, string> = {};
  for (const { attribute, value } of comparisonsIn(text)) {
    filter[named(attribute, GROUP_FILTERS, text)] = storable(value, text);
  }
  return filter;
}

const USER_FILTERS: Readonly<Record<string, keyof ScimUserFilter>> = {
  id: 'id',
  username: 'userName',
  externalid: 'externalId',
  emails: 'email',
  'emails.value': 'email',
};

const GROUP_FILTERS: Readonly<Record<string, keyof ScimGroupFilter>> = {
  id: 'id',
  displayname: 'displayName',
  externalid: 'externalId',
  members: 'member',
  'members.value': 'member',
};

function named<T extends string>(
  attribute: string,
  names: Readonly<Record<string, T>>,
  text: string,
): T {
  const name = Object.hasOwn(names, attribute) ? names[attribute] : undefined;
  if (name === undefined) throw invalid('invalidFilter', text);
  return name;
}

/** The comparisons that all have to hold. @throws ChitError `scim_refused` */
function comparisonsIn(text: string): readonly Comparison[] {
  const [all = [], ...others] = alternativesIn(
    parsed(text, 'invalidFilter'),
    text,
    'invalidFilter',
  );
  const names = all.map(({ attribute }) => attribute);
  const isRepeated = new Set(names).size < names.length;
  if (others.length > 0 || isRepeated) throw invalid('invalidFilter', text);
  // Which of the addresses of a user it is makes no difference: one is kept.
  return all.filter(({ attribute }) => !/^emails\.(type|primary)$/.test(attribute));
}

/** The alternatives of a filter; within each, all comparisons have to hold. */
function alternativesIn(
  filter: Filter,
  text: string,
  type: ScimErrorType = 'invalidPath',
  parent = '',
): readonly (readonly Comparison[])[] {
  const inside = (it: Filter) => alternativesIn(it, text, type, parent);
  switch (filter.op) {
    case 'eq': {
      const { attrPath, compValue } = filter as Extract<Filter, { compValue: unknown }>;
      const attribute = parent + withoutSchema(attrPath).toLowerCase();
      return [[{ attribute, value: compValue }]];
    }
    case '[]': {
      const { attrPath, valFilter } = filter as Extract<Filter, { valFilter: unknown }>;
      const outer = `${withoutSchema(attrPath).toLowerCase()}.`;
      return alternativesIn(valFilter, text, type, outer);
    }
    case 'or':
      return (filter as Extract<Filter, { filters: unknown }>).filters.flatMap(inside);
    case 'and': {
      const parts = (filter as Extract<Filter, { filters: unknown }>).filters.map(inside);
      // An alternative within a conjunction is not sent by any directory.
      if (parts.some(({ length }) => length !== 1)) throw invalid(type, text);
      return [parts.flatMap(([it = []]) => it)];
    }
    default:
      throw invalid(type, text);
  }
}

function parsed(text: string, type: ScimErrorType): Filter {
  if (text.length > MOST_CHARACTERS) throw invalid(type, text);
  try {
    return parse(text);
  } catch {
    throw invalid(type, text);
  }
}

function storable(value: unknown, text: string): string {
  const isText = typeof value === 'string' || typeof value === 'number';
  if (!isText || !isStorable(String(value))) throw invalid('invalidFilter', text);
  return String(value);
}

function startsWithSchema(text: string): boolean {
  const lower = text.toLowerCase();
  return [USER_SCHEMA, GROUP_SCHEMA].some((it) => lower.startsWith(`${it.toLowerCase()}:`));
}

function withoutSchema(text: string): string {
  if (!startsWithSchema(text)) return text;
  const schema = text.toLowerCase().startsWith(USER_SCHEMA.toLowerCase())
    ? USER_SCHEMA
    : GROUP_SCHEMA;
  return text.slice(schema.length + 1);
}

function invalid(type: ScimErrorType, text: string) {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  const reason =
    type === 'invalidFilter'
      ? 'This filter is not supported. Users are found by userName, externalId, emails, active ' +
        'or id, groups by displayName, externalId, members or id, each with "eq"; several are ' +
        'joined by "and".'
      : 'This path is not supported.';
  return scimRefusal(type, `${reason} It was: ${shown}`);
}
