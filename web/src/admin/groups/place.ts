/** Staff look after every group, managers after theirs, on the same pages. */
import { me } from '../../state/account.ts';

/** The path of the API for the reader. */
export function groupsAddress(): string {
  return me.value?.is_staff ? '/api/admin/groups/' : '/api/groups/';
}

/** Whether the reader may do everything with groups. */
export function isStaff(): boolean {
  return me.value?.is_staff === true;
}

/** The end of a list of keys that were sent without an answer; see `sendOnce`. */
export function inMemory<T>(first: T): { get: () => T; set: (value: T) => void } {
  let kept = first;
  return {
    get: () => kept,
    set: (value) => {
      kept = value;
    },
  };
}
