import type { GroupsOfUser } from '../types.ts';
import { useResource } from '../ui/resource.tsx';
import { words } from '../words/words.ts';

/** The groups that a user is in; nothing if there are none. */
export function UserGroups({ address }: { address: string }) {
  const { data } = useResource<GroupsOfUser>(`${address}groups/`);
  if (!data || data.groups.length === 0) return null;
  return (
    <section class="page-section">
      <h2>{words.value.groupsOfUser}</h2>
      <ul class="rows">
        {data.groups.map(({ id, name, is_manager: isManager }) => (
          <li key={id}>
            <span class="row-main">
              <a href={`/admin/groups/${id}`}>{name}</a>{' '}
              {isManager && <span class="chip">{words.value.groupManager}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
