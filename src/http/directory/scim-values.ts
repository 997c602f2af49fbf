/** Reading values of SCIM requests, as directories really send them. */
import { scimRefusal } from '../../app/directory/scim-refusal.ts';
import { isStorable } from '../../core/storable-text.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

const MOST_TEXT = 1_000;

/** Whether a value is an object of JSON, and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member of an object; names of attributes ignore case (RFC 7643, 2.1). */
export function memberOf(object: JsonObject, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  const lower = name.toLowerCase();
  const key = Object.keys(object).find((it) => it.toLowerCase() === lower);
  return key === undefined ? undefined : object[key];
}

/**
 * A text, trimmed; null for none. A number is taken for its digits.
 * @throws ChitError `scim_refused`
 */
export function textOf(value: unknown, name: string): string | null {
  if (value == null) return null;
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !isStorable(text)) {
    throw scimRefusal('invalidValue', `${name} must be text without null characters.`);
  }
  if (text.length > MOST_TEXT) {
    throw scimRefusal('invalidValue', `${name} can have ${MOST_TEXT} characters at most.`);
  }
  return text.trim() === '' ? null : text.trim();
}

/** A text that must be there. @throws ChitError `scim_refused` */
export function requiredText(value: unknown, name: string): string {
  const text = textOf(value, name);
  if (text === null) throw scimRefusal('invalidValue', `${name} is required.`);
  return text;
}

/**
 * True or false; Entra ID sends them as text, with a capital letter ("known issues with SCIM 2.0
 * protocol compliance" in its documentation).
 * @throws ChitError `scim_refused`
 */
export function booleanOf(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (text === 'true' || text === 'false') return text === 'true';
  throw scimRefusal('invalidValue', `${name} must be true or false.`);
}

/** The values of an attribute that has many; one alone is taken for a list of one. */
export function listOf(value: unknown): readonly unknown[] {
  if (value == null) return [];
  return Array.isArray(value) ? value : [value];
}
