/**
 * Messages on their way and drafts, as signals that the browser's storage backs. What happens to
 * them is decided in `machines/sending.ts`. They outlive a session that expired, and go when their
 * writer signs out.
 */
import { computed, signal } from '@preact/signals';
import { atSessionEnd, me } from './account.ts';
import {
  emptySending,
  joined,
  NEW,
  type OutboxEntry,
  parseEntry,
  putBack,
  type SendingState,
  setDraft,
  slotOf,
} from './machines/sending.ts';
import { keepsDrafts } from './machines/tabs.ts';
import { drop, keep, kept } from './preferences.ts';

let composers = 0;

const state = signal(emptySending(newComposerKey()));

/** Names the composer that is shown. */
export const composerKey = computed(() => state.value.composerKey);
/** The message that is on its way from the composer that is shown. */
export const outgoing = computed(() => state.value.inFlight[state.value.composerKey]);
/** Why the last message that was sent from here did not arrive. */
export const failure = computed(() => state.value.failure);

atSessionEnd(({ user, reason }) => {
  state.value = emptySending(newComposerKey());
  if (keepsDrafts(reason)) return;
  drop(`draft.${user}.`);
  drop(`sent.${user}.`);
});

/** A name for the composer of a conversation that does not exist yet. */
export function newComposerKey(): string {
  composers += 1;
  return `new-${composers}`;
}

/** The text in the composer of a conversation; undefined is the one that does not exist yet. */
export function draftFor(conversation: string | undefined): string {
  const slot = slotOf(conversation);
  return state.value.drafts[slot] ?? kept(draftName(slot));
}

/** Changes the text in a composer. */
export function writeDraft(conversation: string | undefined, text: string): void {
  changeSending((it) => setDraft(it, conversation, text), conversation);
}

/** Adds text to the draft of a user, who may no longer be signed in. */
export function saveDraft(
  user: number | undefined,
  conversation: string | undefined,
  content: string,
): void {
  if (user === me.value?.id) {
    changeSending((it) => putBack(it, conversation, content), conversation);
    return;
  }
  const name = draftName(slotOf(conversation), user);
  keep(name, joined(content, kept(name)));
}

/** The state with what the browser has stored for a conversation and for a new one. */
export function sendingWith(conversation: string | undefined): SendingState {
  const { value: before } = state;
  const drafts: Record<string, string> = { ...before.drafts };
  const unconfirmed: Record<string, OutboxEntry | undefined> = { ...before.unconfirmed };
  // Without a user there is nothing stored; the next one may be somebody else.
  for (const slot of me.value ? [NEW, slotOf(conversation)] : []) {
    drafts[slot] ??= kept(draftName(slot));
    // Another tab may have sent or reconciled it.
    const stored = kept(entryName(slot));
    unconfirmed[slot] = stored === '' ? undefined : parseEntry(stored);
  }
  return { ...before, drafts, unconfirmed };
}

/**
 * Makes a transition, and stores what it changed.
 * @param conversation the conversation that it is about
 */
export function changeSending(
  transition: (state: SendingState) => SendingState,
  conversation: string | undefined,
): void {
  const before = sendingWith(conversation);
  const next = transition(before);
  state.value = next;
  for (const [slot, draft] of Object.entries(next.drafts)) {
    if (draft !== before.drafts[slot]) keep(draftName(slot), draft);
  }
  for (const [slot, entry] of Object.entries(next.unconfirmed)) {
    if (entry === before.unconfirmed[slot]) continue;
    keep(entryName(slot), entry ? JSON.stringify(entry) : '');
  }
}

function draftName(slot: string, user: number | undefined = me.value?.id): string {
  return `draft.${user}.${slot}`;
}

function entryName(slot: string): string {
  return `sent.${me.value?.id}.${slot}`;
}
