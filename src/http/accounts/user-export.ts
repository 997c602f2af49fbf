/** All users as a file, with their plans and groups. */
import type { Context } from '../../app/context.ts';
import type { UserListQuery } from '../../store/accounts/user-lists.ts';
import { isoTime } from '../framework/iso-time.ts';

/** Those that an import understands have its names. */
export const CSV_COLUMNS = [
  'id',
  'username',
  'groups',
  'plan',
  'tokens',
  'held',
  'is_active',
  'is_staff',
  'is_superuser',
  'date_joined',
  'last_seen',
] as const;

const PAGE = 500;

/**
 * The rows of the file, read while they are sent.
 * @param query which users, and in which order
 */
export async function* exportedUsers(context: Context, reader: string, query: UserListQuery) {
  let after: UserListQuery['after'];
  const next = async () => {
    const page = await context.userLists.page({ ...query, after, limit: PAGE });
    const last = page.at(-1);
    if (!last) return undefined;
    after = last.cursor;
    const users = page.map(({ user }) => user);
    return { users, places: await context.userLists.placesOf(users.map(({ id }) => id)) };
  };
  for await (const { users, places } of context.heavyReads.inSlices(reader, next)) {
    for (const user of users) {
      const { plan, groups } = places.get(user.id) ?? { plan: undefined, groups: [] };
      yield {
        id: user.id,
        username: user.username,
        groups: groups.join('; '),
        plan: plan ?? null,
        tokens: user.availableCredits,
        held: user.heldCredits,
        is_active: yesOrNo(user.isActive),
        is_staff: yesOrNo(user.isStaff),
        is_superuser: yesOrNo(user.isSuperuser),
        date_joined: isoTime(user.joinedAtMs),
        last_seen: isoTime(user.lastSeenAtMs),
      };
    }
  }
}

function yesOrNo(is: boolean): string {
  return is ? 'true' : 'false';
}
