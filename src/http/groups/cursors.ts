/** Cursors of lists in the order of names. */
import { isStorable } from '../../core/storable-text.ts';
import type { NameCursor } from '../../store/groups/group-lists.ts';

/** Checks a cursor whose ids are texts or whole numbers. */
export function isNameCursor(idType: 'string' | 'number') {
  return (it: unknown): it is NameCursor => {
    const { name, id } = (it ?? {}) as { name?: unknown; id?: unknown };
    if (typeof name !== 'string' || !isStorable(name)) return false;
    if (idType === 'number') return Number.isSafeInteger(id);
    return typeof id === 'string' && isStorable(id);
  };
}
