/** The list of grants being written, and the keys of lists without an answer, for each user. */
import { effect, signal } from '@preact/signals';
import { atSessionEnd, me } from '../../state/account.ts';
import type { KeyStore, UnansweredKeys } from './send-once.ts';

/** What has been typed, and the `to` of the address that it was started with. */
export interface Draft {
  readonly text: string;
  readonly reason: string;
  readonly from: string;
}

export const EMPTY_DRAFT: Draft = { text: '', reason: '', from: '' };
export const draft = signal(EMPTY_DRAFT);

atSessionEnd(() => {
  draft.value = EMPTY_DRAFT;
});

/** The keys of lists of which it is not known whether they were applied. */
export const unansweredKeys = signal<UnansweredKeys>({});

effect(() => {
  unansweredKeys.value = me.value ? readKeys(me.value.id) : {};
});

/** Kept with the tab, because people reload the page when no answer comes. */
export const keyStore: KeyStore = {
  get: () => unansweredKeys.peek(),
  set: (keys) => {
    unansweredKeys.value = keys;
    try {
      sessionStorage.setItem(storageName(me.peek()?.id ?? 0), JSON.stringify(keys));
    } catch {
      // Storage is off, or the list is too long for it: then the page alone knows the key.
    }
  },
};

function storageName(userId: number): string {
  return `unanswered-bookings.${userId}`;
}

function readKeys(userId: number): UnansweredKeys {
  try {
    return JSON.parse(sessionStorage.getItem(storageName(userId)) ?? '{}') as UnansweredKeys;
  } catch {
    return {};
  }
}
