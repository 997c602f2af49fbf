/**
 * How a message is sent exactly once and never lost, as pure transitions: a state and an event make
 * the next state and the effects to run. The effects run in `../send-message.ts`.
 */
import type { Conversation, Message } from '../../api/types.ts';

/** A message on its way, or one of which nobody knows whether it arrived. */
export interface OutboxEntry {
  /** The idempotency key: the same for every attempt, so that the message is charged once. */
  readonly key: string;
  readonly content: string;
  /** Files that are uploaded. */
  readonly files?: Message['files'] | undefined;
  readonly parent: string | null;
  readonly model: string | undefined;
  /** The account that shall pay; undefined to leave it to the server. */
  readonly payer?: string | undefined;
  /** Where it goes; undefined until a conversation exists for it. */
  readonly conversation: string | undefined;
  /** The conversation that was open when it was submitted; undefined for a new one. */
  readonly origin: string | undefined;
  readonly purpose: 'next' | 'edit' | 'regenerate';
  /** The message that an edit replaces. */
  readonly editedMessage: string | undefined;
  readonly user: number | undefined;
  /** The model that a new conversation keeps. */
  readonly chosenModel: string | undefined;
  /** The tools that a new conversation keeps; not given for none. */
  readonly tools?: readonly string[] | undefined;
  /** With tools, the most that the message may cost, as its sender has seen it. */
  readonly mostCost?: number | undefined;
  /** The settings that a new conversation keeps. */
  readonly options?: OptionsOfNew | undefined;
  /** Whether the text is shown nowhere else, and not in the composer. */
  readonly isDetachedFromComposer: boolean;
}

/** What a new conversation is made with; of its assistant the id. */
export type OptionsOfNew = Partial<
  Pick<Conversation, 'effort' | 'temperature' | 'model' | 'assistant'>
>;

/** What is wrong when a message could not be sent. */
export interface SendError {
  /** `deleted`: its conversation is no longer there. */
  readonly kind: 'balance' | 'limit' | 'network' | 'deleted' | 'other';
  readonly error: unknown;
  /** Whether the message may have arrived all the same. */
  readonly isOutcomeUnknown: boolean;
  /** Whether the model or the conversation no longer exists. */
  readonly isNotFound: boolean;
  /** Why the session ended meanwhile, if it did. */
  readonly sessionEnd: 'expired' | 'left' | 'elsewhere' | 'another' | undefined;
}

/** A message that could not be sent from the composer that is shown. */
export interface SendFailure extends SendError {
  readonly isDetachedFromComposer: boolean;
  readonly entry: OutboxEntry;
}

/** Drafts and unconfirmed messages are kept by conversation id, or by NEW for a new one. */
export interface SendingState {
  /** Names the composer that is shown: the open conversation's id, or a name for a new one. */
  readonly composerKey: string;
  readonly drafts: Readonly<Record<string, string>>;
  /** The last message sent from each conversation that is not known to have arrived. */
  readonly unconfirmed: Readonly<Record<string, OutboxEntry | undefined>>;
  /** By composer, one for each. */
  readonly inFlight: Readonly<Record<string, OutboxEntry>>;
  readonly failure: SendFailure | undefined;
}

export type SendingEffect =
  | { readonly kind: 'adopt_conversation'; readonly conversation: Conversation }
  | { readonly kind: 'append_message'; readonly message: Message }
  | { readonly kind: 'open_path'; readonly path: string }
  | {
      readonly kind: 'tell_tabs';
      readonly conversation: string;
      readonly isGenerating: boolean;
    }
  | {
      readonly kind: 'mark_generating';
      readonly conversation: string;
      readonly isGenerating: boolean;
    }
  | { readonly kind: 'reload_list_entry'; readonly conversation: string }
  | { readonly kind: 'delete_conversation'; readonly conversation: string }
  | {
      readonly kind: 'save_draft';
      readonly user: number | undefined;
      readonly conversation: string | undefined;
      readonly content: string;
    }
  | { readonly kind: 'report_error'; readonly error: unknown }
  | { readonly kind: 'refresh_models' }
  | { readonly kind: 'refresh_balance' };

export interface Step {
  readonly state: SendingState;
  readonly effects: readonly SendingEffect[];
}

export const NEW = 'new';

/** The state without any message, with this composer shown. */
export function emptySending(composerKey: string): SendingState {
  return { composerKey, drafts: {}, unconfirmed: {}, inFlight: {}, failure: undefined };
}

/** Under which name drafts and unconfirmed messages of a conversation are kept. */
export function slotOf(conversation: string | undefined): string {
  return conversation ?? NEW;
}

/**
 * The entry for what its writer wants sent. What may have arrived already keeps its key, so that
 * sending the same text to the same place again charges nothing twice.
 */
export function createEntry(
  state: SendingState,
  wanted: Omit<OutboxEntry, 'conversation' | 'isDetachedFromComposer'>,
): OutboxEntry {
  const { failure, unconfirmed } = state;
  const candidates = [
    failure?.isOutcomeUnknown ? failure.entry : undefined,
    wanted.purpose === 'next' ? unconfirmed[slotOf(wanted.origin)] : undefined,
  ];
  const earlier = candidates.find(
    (it) =>
      it?.content === wanted.content &&
      fileIds(it).join() === fileIds(wanted).join() &&
      it.parent === wanted.parent &&
      it.model === wanted.model &&
      it.payer === wanted.payer &&
      it.origin === wanted.origin,
  );
  return {
    ...wanted,
    key: earlier?.key ?? wanted.key,
    conversation: earlier ? earlier.conversation : wanted.origin,
    isDetachedFromComposer: false,
  };
}

/** Which files a message has. */
export function fileIds({
  files = [],
}: {
  readonly files?: Message['files'] | undefined;
}): string[] {
  return files.map(({ id }) => id);
}

/** Whether a message can be sent from the composer that is shown: one at a time. */
export function canSend(state: SendingState): boolean {
  return state.inFlight[state.composerKey] === undefined;
}

/** The message leaves the composer, and is kept until it is known to have arrived. */
export function markSending(state: SendingState, entry: OutboxEntry): SendingState {
  const { composerKey, inFlight } = state;
  const sending = {
    ...state,
    failure: undefined,
    inFlight: { ...inFlight, [composerKey]: entry },
  };
  if (entry.purpose !== 'next') return sending;
  const slot = slotOf(entry.origin);
  const draft = draftIn(state, entry.origin) === entry.content ? '' : draftIn(state, entry.origin);
  const before = state.unconfirmed[slot];
  const isLost = before?.isDetachedFromComposer && before.key !== entry.key;
  return {
    ...sending,
    drafts: { ...state.drafts, [slot]: isLost ? joined(before.content, draft) : draft },
    unconfirmed: { ...state.unconfirmed, [slot]: { ...entry, isDetachedFromComposer: true } },
  };
}

/** A conversation exists for the message; another attempt goes there as well. */
export function onConversationReady(
  state: SendingState,
  composerKey: string,
  conversation: string,
): SendingState {
  const entry = state.inFlight[composerKey];
  if (!entry) return state;
  const slot = slotOf(entry.origin);
  const kept = state.unconfirmed[slot];
  return {
    ...state,
    inFlight: { ...state.inFlight, [composerKey]: { ...entry, conversation } },
    unconfirmed:
      kept?.key === entry.key
        ? { ...state.unconfirmed, [slot]: { ...kept, conversation } }
        : state.unconfirmed,
  };
}

/** The server took the message. */
export function onAccepted(
  state: SendingState,
  accepted: {
    readonly composerKey: string;
    readonly entry: OutboxEntry;
    readonly message: Message;
    /** The conversation that was made or found for it; undefined if it was open already. */
    readonly opened: Conversation | undefined;
    /** The path that is shown: a reader who went elsewhere is not brought back. */
    readonly path: string;
  },
): Step {
  const { composerKey, entry, message, opened, path } = accepted;
  const conversation = opened?.id ?? entry.origin ?? '';
  const isGenerating = message.status === 'pending';
  let next = clearInFlight(state, composerKey);
  if (entry.purpose === 'next') next = forgetUnconfirmed(next, entry.origin);
  const effects: SendingEffect[] = [];
  if (state.composerKey !== composerKey) {
    effects.push({ kind: 'mark_generating', conversation, isGenerating });
  } else {
    if (opened) {
      next = adoptConversation(next, opened.id);
      effects.push({ kind: 'adopt_conversation', conversation: opened });
    }
    effects.push({ kind: 'append_message', message });
    const isOriginShown = path === (entry.origin === undefined ? '/' : `/c/${entry.origin}`);
    if (opened && isOriginShown) effects.push({ kind: 'open_path', path: `/c/${opened.id}` });
  }
  effects.push({ kind: 'tell_tabs', conversation, isGenerating });
  effects.push({ kind: 'reload_list_entry', conversation });
  // The first answer was lost, and the reply has ended since: nobody follows it to its charge.
  if (!isGenerating) effects.push({ kind: 'refresh_balance' });
  return { state: next, effects };
}

/** The message was refused, or no answer came. Its text goes back to where it can be sent again. */
export function onRejected(
  state: SendingState,
  composerKey: string,
  entry: OutboxEntry,
  error: SendError,
): Step {
  const { content, origin, purpose, user } = entry;
  let next = clearInFlight(state, composerKey);
  if (error.sessionEnd !== undefined) {
    // A next message is kept with its key; an edit becomes a draft for when its writer is back.
    const isSaved = purpose === 'edit' && error.sessionEnd !== 'left';
    const saved = { kind: 'save_draft', user, conversation: origin, content } as const;
    return { state: next, effects: isSaved ? [saved] : [] };
  }
  const effects: SendingEffect[] = [];
  const isShown = state.composerKey === composerKey;
  let isDetachedFromComposer = !isShown;
  if (purpose === 'next') {
    isDetachedFromComposer = draftIn(state, origin).trim() !== '';
    next = returnToComposer(next, entry, error.isOutcomeUnknown);
  } else if (purpose === 'edit' && !isShown) {
    next = putBack(next, origin, content);
  }
  if (isShown) next = { ...next, failure: { ...error, isDetachedFromComposer, entry } };
  else effects.push({ kind: 'report_error', error: error.error });
  const made = origin === undefined ? entry.conversation : undefined;
  if (!error.isOutcomeUnknown && made !== undefined) {
    effects.push({ kind: 'delete_conversation', conversation: made });
  }
  if (error.isNotFound) effects.push({ kind: 'refresh_models' });
  effects.push({ kind: 'refresh_balance' });
  return { state: next, effects };
}

/**
 * Finds out what became of the message that was sent from a conversation and not heard of again:
 * it is among the messages, or its text goes back to the composer.
 */
export function reconcileOutbox(
  state: SendingState,
  conversation: string | undefined,
  messages: Iterable<Message>,
): SendingState {
  const slot = slotOf(conversation);
  const entry = state.unconfirmed[slot];
  if (!entry || Object.values(state.inFlight).some(({ key }) => key === entry.key)) return state;
  const isFailureShown = state.failure?.entry.key === entry.key;
  const hasArrived = [...messages].some(
    (it) =>
      it.content === entry.content &&
      it.parent === entry.parent &&
      fileIds(it).join() === fileIds(entry).join(),
  );
  if (conversation !== undefined && hasArrived) {
    const isInComposer = draftIn(state, conversation) === entry.content;
    return {
      ...forgetUnconfirmed(state, conversation),
      drafts: isInComposer ? { ...state.drafts, [slot]: '' } : state.drafts,
      failure: isFailureShown ? undefined : state.failure,
    };
  }
  if (!entry.isDetachedFromComposer || isFailureShown) return state;
  const kept = { ...entry, isDetachedFromComposer: false };
  return {
    ...putBack(state, conversation, entry.content),
    unconfirmed: { ...state.unconfirmed, [slot]: kept },
  };
}

/** Another composer is shown; a failure belongs to the one before. */
export function showComposer(state: SendingState, composerKey: string): SendingState {
  return { ...state, composerKey, failure: undefined };
}

/** A new conversation has become this one; the draft that stands in its composer goes along. */
export function adoptConversation(state: SendingState, conversation: string): SendingState {
  const draft = draftIn(state, undefined);
  const drafts =
    draft === '' ? state.drafts : { ...state.drafts, [conversation]: draft, [NEW]: '' };
  return { ...state, composerKey: conversation, drafts };
}

/** The text in a conversation's composer. */
export function draftIn(state: SendingState, conversation: string | undefined): string {
  return state.drafts[slotOf(conversation)] ?? '';
}

/** Somebody types. */
export function setDraft(
  state: SendingState,
  conversation: string | undefined,
  draft: string,
): SendingState {
  return { ...state, drafts: { ...state.drafts, [slotOf(conversation)]: draft } };
}

/** Puts text back into a composer, before what was typed since. */
export function putBack(
  state: SendingState,
  conversation: string | undefined,
  content: string,
): SendingState {
  return setDraft(state, conversation, joined(content, draftIn(state, conversation)));
}

/** The conversation is gone: what stands in its composer is a draft for a new one. */
export function toNewConversation(state: SendingState, conversation: string): SendingState {
  const { [conversation]: draft = '', ...drafts } = state.drafts;
  const unconfirmed = { ...state.unconfirmed, [conversation]: undefined };
  const text = joined(draft, drafts[NEW] ?? '');
  return { ...state, drafts: { ...drafts, [conversation]: '', [NEW]: text }, unconfirmed };
}

/** Two texts as one draft. */
export function joined(first: string, second: string): string {
  return [first, second].filter((it) => it.trim() !== '').join('\n\n');
}

/** Text that was not taken returns to the composer, unless something else was typed there. */
function returnToComposer(
  state: SendingState,
  entry: OutboxEntry,
  isOutcomeUnknown: boolean,
): SendingState {
  const slot = slotOf(entry.origin);
  const isFree = draftIn(state, entry.origin).trim() === '';
  // What was refused for sure and stands in the composer is a draft like any other.
  if (isFree && !isOutcomeUnknown) {
    return setDraft(forgetUnconfirmed(state, entry.origin), entry.origin, entry.content);
  }
  // The conversation that was made for a refused message is deleted.
  const conversation = isOutcomeUnknown ? entry.conversation : entry.origin;
  const kept = { ...entry, conversation, isDetachedFromComposer: !isFree };
  const next = { ...state, unconfirmed: { ...state.unconfirmed, [slot]: kept } };
  return isFree ? setDraft(next, entry.origin, entry.content) : next;
}

/** Reads an entry that was stored as JSON, also by version 0.1, which had other names. */
export function parseEntry(json: string): OutboxEntry {
  const stored = JSON.parse(json) as OutboxEntry & {
    readonly from?: string;
    readonly chosen?: string;
    readonly isApart?: boolean;
  };
  const { from, chosen, isApart, ...entry } = stored;
  if (isApart === undefined) return entry;
  return { ...entry, origin: from, chosenModel: chosen, isDetachedFromComposer: isApart };
}

function forgetUnconfirmed(state: SendingState, conversation: string | undefined): SendingState {
  return { ...state, unconfirmed: { ...state.unconfirmed, [slotOf(conversation)]: undefined } };
}

function clearInFlight(state: SendingState, composerKey: string): SendingState {
  const { [composerKey]: _sent, ...inFlight } = state.inFlight;
  return { ...state, inFlight };
}
