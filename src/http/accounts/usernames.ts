/** Users as the log and the book name them, and as people do. */
import type { Context } from '../../app/context.ts';

/** The id in `user:1`, as the audit log names users; undefined if it is something else. */
export function userIdIn(name: string): number | undefined {
  const [, id] = /^user:(\d{1,16})$/.exec(name) ?? [];
  return id === undefined ? undefined : Number(id);
}

/** Looks up what users are called now; who was erased, or is no user, is called nothing. */
export async function namesOf(
  { users }: Context,
  all: readonly string[],
): Promise<(name: string) => string | null> {
  const ids = new Set(all.map(userIdIn).filter((it) => it !== undefined));
  const found = await users.among({ usernames: [], ids: [...ids] });
  const names = new Map(found.map(({ id, username }) => [id, username]));
  return (name) => names.get(userIdIn(name) ?? -1) ?? null;
}
