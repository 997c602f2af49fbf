/** Values of files that anybody may have written: of any type, missing, or absurd. */

export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object; undefined if it is none. */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}

/** The value as a list; empty if it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a text that can be stored; empty if it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value.replaceAll('\0', '\u{FFFD}').toWellFormed() : '';
}

/** The value as the id of something; undefined if it is none. */
export function idOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== '' && text.length <= 200 ? text : undefined;
}

/** Seconds since 1970, or a date as ISO text, in milliseconds; undefined if it cannot be. */
export function momentOf(value: unknown): number | undefined {
  const ms = typeof value === 'number' ? value * 1000 : Date.parse(textOf(value));
  // A clock that was ahead says nothing of when.
  return ms > 0 && ms <= Date.now() ? Math.floor(ms) : undefined;
}
