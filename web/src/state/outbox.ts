/**
 * Words that are on their way, or of which nobody knows whether they arrived. They are kept with
 * the browser until that is known: what is sent again has the same key, and is charged once.
 */
import { atSessionEnd, me } from './account.ts';
import { drop, keep, kept } from './preferences.ts';

/** Words with the key under which they are sent, as often as it takes. */
export interface Sent {
  readonly key: string;
  readonly content: string;
  readonly parent: string | null;
  readonly model: string | undefined;
  /** Where they go; undefined until a conversation was made for them. */
  readonly conversation: string | undefined;
  /** Whether they stand nowhere else, and not in the composer. */
  readonly isApart: boolean;
}

/** Something that somebody wants said: what is sent, and why. */
export interface Intention extends Sent {
  /** To go on, to say it in other words, or to have another answer. */
  readonly purpose: 'next' | 'edit' | 'again';
  /** The message that is to be changed. */
  readonly edited: string | undefined;
  /** The conversation that was open; undefined for a new one. */
  readonly from: string | undefined;
  readonly user: number | undefined;
  /** The model that a new conversation is to keep. */
  readonly chosen: string | undefined;
}

atSessionEnd(({ user, reason }) => {
  if (reason === 'left' || reason === 'elsewhere') drop(`sent.${user}.`);
});

/** What was sent last in a conversation, or in a new one, and is not known to have arrived. */
export function sentIn(conversation: string | undefined): Sent | undefined {
  const text = kept(nameOf(conversation));
  return text === '' ? undefined : (JSON.parse(text) as Sent);
}

/** Keeps what is sent in a conversation; undefined forgets it. */
export function keepSent(conversation: string | undefined, sent: Sent | undefined): void {
  keep(nameOf(conversation), sent ? JSON.stringify(sent) : '');
}

/** `crypto.randomUUID` is there over https only, and home networks often have none. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((it) => it.toString(16).padStart(2, '0')).join('');
}

function nameOf(conversation: string | undefined): string {
  return `sent.${me.value?.id}.${conversation ?? 'new'}`;
}
