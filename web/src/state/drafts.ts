/**
 * Words that were written and not sent yet; the browser keeps them, for their writer alone. They
 * outlive a session that ran out, and go when their writer signs out.
 */
import { effect, type Signal, signal } from '@preact/signals';
import { atSessionEnd, me } from './account.ts';
import { drop, keep, kept } from './preferences.ts';

const drafts = new Map<string, Signal<string>>();

atSessionEnd(({ user, reason }) => {
  drafts.clear();
  if (reason === 'left' || reason === 'elsewhere') drop(`draft.${user}.`);
});

/** The draft for a conversation; undefined is the one that does not exist yet. */
export function draftFor(
  conversation: string | undefined,
  user: number | undefined = me.value?.id,
): Signal<string> {
  const name = `draft.${user}.${conversation ?? 'new'}`;
  const known = drafts.get(name);
  if (known) return known;
  const draft = signal(kept(name));
  effect(() => keep(name, draft.value));
  drafts.set(name, draft);
  return draft;
}

/** Puts words back into a draft, before what was written since. */
export function putBack(
  content: string,
  conversation: string | undefined,
  user: number | undefined = me.value?.id,
): void {
  const draft = draftFor(conversation, user);
  draft.value = [content, draft.value].filter((it) => it.trim() !== '').join('\n\n');
}

/** Takes the draft of a new chat along into the conversation that it became. */
export function moveDraft(conversation: string): void {
  const from = draftFor(undefined);
  if (from.value === '') return;
  draftFor(conversation).value = from.value;
  from.value = '';
}
