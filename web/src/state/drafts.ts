/** Words that were written and not sent yet; the browser keeps them. */
import { effect, type Signal, signal } from '@preact/signals';
import { keep, kept } from './preferences.ts';

const drafts = new Map<string, Signal<string>>();

/** The draft for a conversation; undefined is the one that does not exist yet. */
export function draftFor(conversation: string | undefined): Signal<string> {
  const name = `draft.${conversation ?? 'new'}`;
  const known = drafts.get(name);
  if (known) return known;
  const draft = signal(kept(name));
  effect(() => keep(name, draft.value));
  drafts.set(name, draft);
  return draft;
}
