import type { AdminUser } from '../types.ts';
import { words } from '../words/words.ts';

/** What a user is, in a word or two. */
export function Chips({ user }: { user: AdminUser }) {
  return (
    <>
      {!user.is_active && <span class="chip off">{words.value.disabled}</span>}
      {user.is_superuser ? (
        <span class="chip">{words.value.superuser}</span>
      ) : (
        user.is_staff && <span class="chip">{words.value.staff}</span>
      )}
    </>
  );
}
