/** The names in the audit log and in transfers, such as `user:1` and `plan:ID`. */
import type { Context } from '../../app/context.ts';

/** The id in `key:ID`; undefined if the text is something else. */
export const keyIdIn = (name: string) => idIn('key:', name);

/** The id in `group:ID`; undefined if the text is something else. */
export const groupIdIn = (name: string) => idIn('group:', name);

/** The id in `plan:ID`; undefined if the text is something else. */
export const planIdIn = (name: string) => idIn('plan:', name);

function idIn(kind: string, name: string): string | undefined {
  return name.startsWith(kind) ? name.slice(kind.length) : undefined;
}

/** The id in `user:1`; undefined if the text is something else. */
export function userIdIn(name: string): number | undefined {
  const [, id] = /^user:(\d{1,16})$/.exec(name) ?? [];
  return id === undefined ? undefined : Number(id);
}

/**
 * Looks up the current usernames of actors or targets; for an admin key, of who made it.
 * @returns a function that is null for erased users, and for what is neither
 */
export async function namesOf(
  { users, adminKeys }: Context,
  all: readonly string[],
): Promise<(name: string) => string | null> {
  const ids = new Set(all.map(userIdIn).filter((it) => it !== undefined));
  const found = await users.among({ usernames: [], ids: [...ids] });
  const names = new Map(found.map(({ id, username }) => [id, username]));
  const keys = await adminKeys.among([...new Set(all.flatMap((it) => keyIdIn(it) ?? []))]);
  const makers = new Map(keys.map(({ id, username }) => [id, username]));
  return (name) => names.get(userIdIn(name) ?? -1) ?? makers.get(keyIdIn(name) ?? '') ?? null;
}
