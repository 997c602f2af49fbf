/** A message is sent once, charged once and never lost, whatever happens on its way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  adoptConversation,
  canSend,
  createEntry,
  draftIn,
  emptySending,
  markSending,
  type OutboxEntry,
  onAccepted,
  onConversationReady,
  onRejected,
  parseEntry,
  putBack,
  reconcileOutbox,
  type SendError,
  type SendingState,
  type Step,
  setDraft,
  showComposer,
  toNewConversation,
} from '../../../web/src/state/machines/sending.ts';
import { conversationWith, messageWith } from './support.ts';

const LOST: SendError = {
  kind: 'network',
  error: 'lost',
  isOutcomeUnknown: true,
  isNotFound: false,
  sessionEnd: undefined,
};
const REFUSED: SendError = { ...LOST, kind: 'other', error: 'refused', isOutcomeUnknown: false };

let keys = 0;

function entryIn(state: SendingState, wanted: Partial<OutboxEntry> = {}): OutboxEntry {
  keys += 1;
  return createEntry(state, {
    key: `key-${keys}`,
    content: 'hello',
    parent: null,
    model: 'demo',
    origin: undefined,
    purpose: 'next',
    editedMessage: undefined,
    user: 1,
    chosenModel: undefined,
    ...wanted,
  });
}

/** A composer in which this was typed and sent; `c1` is open unless it is a new conversation. */
function sentFrom(origin: string | undefined, content = 'hello') {
  const composer = origin ?? 'new-1';
  const typed = setDraft(emptySending(composer), origin, content);
  const entry = entryIn(typed, { origin, content });
  return { composer, entry, state: markSending(typed, entry) };
}

function accept(state: SendingState, entry: OutboxEntry, composerKey: string, path: string): Step {
  const isNew = entry.origin === undefined;
  const opened = isNew ? conversationWith({ id: 'c1' }) : undefined;
  const message = messageWith({ content: entry.content, status: 'pending' });
  return onAccepted(state, { composerKey, entry, message, opened, path });
}

const kindsOf = ({ effects }: Step) => effects.map(({ kind }) => kind);

test('a sent message leaves the composer, and is kept until it is known to have arrived', () => {
  const { state, entry } = sentFrom(undefined);
  assert.equal(draftIn(state, undefined), '');
  assert.equal(state.unconfirmed.new?.key, entry.key);
  assert.equal(accept(state, entry, 'new-1', '/').state.unconfirmed.new, undefined);
});

test('a retry whose reply has ended already shows what it cost', () => {
  const { state, entry } = sentFrom('c1');
  const accepted = { composerKey: 'c1', entry, opened: undefined, path: '/c/c1' };
  const ended = messageWith({ content: entry.content, status: 'complete' });
  assert.ok(
    kindsOf(onAccepted(state, { ...accepted, message: ended })).includes('refresh_balance'),
  );
  const pending = messageWith({ content: entry.content, status: 'pending' });
  const kinds = kindsOf(onAccepted(state, { ...accepted, message: pending }));
  assert.ok(!kinds.includes('refresh_balance'), 'its end is followed');
});

test('one composer sends one message at a time, another is free meanwhile', () => {
  const { state } = sentFrom(undefined);
  assert.equal(canSend(state), false);
  assert.equal(canSend(showComposer(state, 'new-2')), true);
  assert.equal(canSend(showComposer(showComposer(state, 'new-2'), 'new-1')), false);
});

test('what is typed while a message is on its way stays in the composer', () => {
  const { state, entry } = sentFrom('c1');
  const typed = setDraft(state, 'c1', 'the next thought');
  assert.equal(draftIn(accept(typed, entry, 'c1', '/c/c1').state, 'c1'), 'the next thought');
});

test('another draft than the text that is sent stays, as when a starter is sent', () => {
  const typed = setDraft(emptySending('c1'), 'c1', 'a draft');
  const state = markSending(typed, entryIn(typed, { origin: 'c1', content: 'something else' }));
  assert.equal(draftIn(state, 'c1'), 'a draft');
});

test('a lost answer puts the text back, and sending it again has the same key', () => {
  const { state, entry, composer } = sentFrom(undefined);
  const { state: failed, effects } = onRejected(state, composer, entry, LOST);
  assert.equal(draftIn(failed, undefined), 'hello');
  assert.equal(failed.failure?.entry.key, entry.key);
  assert.equal(failed.failure?.isDetachedFromComposer, false);
  assert.equal(entryIn(failed).key, entry.key);
  // The conversation may hold the message, so it is not deleted.
  assert.deepEqual(effects, [{ kind: 'refresh_balance' }]);
});

test('the same key is used after a reload too, from what the browser stored', () => {
  const { state, entry, composer } = sentFrom('c1');
  const { drafts, unconfirmed } = onRejected(state, composer, entry, LOST).state;
  const reloaded = { ...emptySending('c1'), drafts, unconfirmed };
  assert.equal(entryIn(reloaded, { origin: 'c1' }).key, entry.key);
});

test('another text, parent, model, payer or conversation has a key of its own', () => {
  const { state, entry, composer } = sentFrom('c1');
  const failed = onRejected(state, composer, entry, LOST).state;
  const others: Partial<OutboxEntry>[] = [
    { content: 'other' },
    { parent: 'm9' },
    { model: 'other' },
    { payer: 'a-group' },
    { origin: 'c2' },
  ];
  for (const other of others) {
    assert.notEqual(entryIn(failed, { origin: 'c1', ...other }).key, entry.key);
  }
});

test('another attempt goes to the conversation that the first one made', () => {
  const { state, entry, composer } = sentFrom(undefined);
  const ready = onConversationReady(state, composer, 'c1');
  const latest = { ...entry, conversation: 'c1' };
  const failed = onRejected(ready, composer, latest, LOST).state;
  assert.equal(entryIn(failed).conversation, 'c1');
});

test('a reload while a message is on its way loses nothing', () => {
  const { state, entry, composer } = sentFrom(undefined);
  const { unconfirmed } = onConversationReady(state, composer, 'c1');
  const reloaded = { ...emptySending('new-1'), unconfirmed };
  const reconciled = reconcileOutbox(reloaded, undefined, []);
  assert.equal(draftIn(reconciled, undefined), 'hello');
  assert.equal(entryIn(reconciled).key, entry.key);
  assert.equal(entryIn(reconciled).conversation, 'c1');
});

test('a refused message is a draft again, and its empty conversation is deleted', () => {
  const { state, entry, composer } = sentFrom(undefined);
  const latest = { ...entry, conversation: 'c1' };
  const step = onRejected(onConversationReady(state, composer, 'c1'), composer, latest, REFUSED);
  assert.deepEqual(kindsOf(step), ['delete_conversation', 'refresh_balance']);
  assert.equal(draftIn(step.state, undefined), 'hello');
  assert.equal(step.state.unconfirmed.new, undefined);
  assert.notEqual(entryIn(step.state).key, entry.key);
  assert.equal(entryIn(step.state).conversation, undefined);
});

test('a message that is refused beside a new draft is not sent to its deleted conversation', () => {
  const { state, entry, composer } = sentFrom(undefined);
  const typed = setDraft(onConversationReady(state, composer, 'c1'), undefined, 'more');
  const failed = onRejected(typed, composer, { ...entry, conversation: 'c1' }, REFUSED).state;
  assert.equal(failed.failure?.isDetachedFromComposer, true);
  assert.equal(entryIn(failed).conversation, undefined);
});

test('a conversation that was open before is never deleted', () => {
  const { state, entry, composer } = sentFrom('c1');
  const step = onRejected(state, composer, entry, { ...REFUSED, isNotFound: true });
  assert.deepEqual(kindsOf(step), ['refresh_models', 'refresh_balance']);
});

test('a message that fails beside a new draft waits in the thread', () => {
  const { state, entry, composer } = sentFrom('c1', 'first');
  const typed = setDraft(state, 'c1', 'second');
  const failed = onRejected(typed, composer, entry, LOST).state;
  assert.equal(draftIn(failed, 'c1'), 'second');
  assert.equal(failed.failure?.isDetachedFromComposer, true);
  // After a reload nobody shows it, so it goes back before the draft.
  const reloaded = { ...failed, failure: undefined };
  const reconciled = reconcileOutbox(reloaded, 'c1', []);
  assert.equal(draftIn(reconciled, 'c1'), 'first\n\nsecond');
  assert.equal(draftIn(reconcileOutbox(reconciled, 'c1', []), 'c1'), 'first\n\nsecond');
});

test('a detached message goes back to the composer when another one is sent', () => {
  const { state, entry, composer } = sentFrom('c1', 'first');
  const failed = onRejected(setDraft(state, 'c1', 'second'), composer, entry, LOST).state;
  const next = markSending(failed, entryIn(failed, { origin: 'c1', content: 'second' }));
  assert.equal(draftIn(next, 'c1'), 'first');
  assert.equal(next.unconfirmed.c1?.content, 'second');
});

test('a first message opens its conversation, and takes the draft along', () => {
  const { state, entry, composer } = sentFrom(undefined);
  const step = accept(setDraft(state, undefined, 'more'), entry, composer, '/');
  assert.equal(step.state.composerKey, 'c1');
  assert.equal(draftIn(step.state, 'c1'), 'more');
  assert.equal(draftIn(step.state, undefined), '');
  assert.equal(canSend(step.state), true);
  assert.deepEqual(kindsOf(step), [
    'adopt_conversation',
    'append_message',
    'open_path',
    'tell_tabs',
    'reload_list_entry',
  ]);
});

test('a reader who went on to another conversation is not brought back', () => {
  const { state, entry, composer } = sentFrom(undefined);
  const step = accept(showComposer(state, 'c2'), entry, composer, '/c/c2');
  assert.equal(step.state.composerKey, 'c2');
  assert.deepEqual(kindsOf(step), ['mark_generating', 'tell_tabs', 'reload_list_entry']);
  const told = step.effects.find(({ kind }) => kind === 'tell_tabs');
  assert.deepEqual(told, { kind: 'tell_tabs', conversation: 'c1', isGenerating: true });
});

test('a reader on another page keeps it, and finds the conversation when coming back', () => {
  const { state, entry, composer } = sentFrom(undefined);
  const kinds = kindsOf(accept(state, entry, composer, '/statement'));
  assert.ok(kinds.includes('adopt_conversation') && !kinds.includes('open_path'));
});

test('a message that fails out of sight is reported, and is a draft where it was written', () => {
  const { state, entry, composer } = sentFrom('c1');
  const step = onRejected(showComposer(state, 'c2'), composer, entry, LOST);
  assert.equal(step.state.failure, undefined);
  assert.equal(draftIn(step.state, 'c1'), 'hello');
  assert.deepEqual(step.effects[0], { kind: 'report_error', error: 'lost' });
});

test('a failed edit stays in its form, or becomes a draft if that is out of sight', () => {
  const before = emptySending('c1');
  const entry = entryIn(before, { origin: 'c1', purpose: 'edit', editedMessage: 'm1' });
  const sending = markSending(before, entry);
  assert.equal(sending.unconfirmed.c1, undefined);
  const here = onRejected(sending, 'c1', entry, LOST).state;
  assert.equal(here.failure?.isDetachedFromComposer, false);
  assert.equal(draftIn(here, 'c1'), '');
  const again = entryIn(here, { origin: 'c1', purpose: 'edit', editedMessage: 'm1' });
  assert.equal(again.key, entry.key);
  const away = onRejected(showComposer(sending, 'c2'), 'c1', entry, REFUSED).state;
  assert.equal(draftIn(away, 'c1'), 'hello');
});

test('another answer that failed does not touch the draft', () => {
  const before = setDraft(emptySending('c1'), 'c1', 'a draft');
  const entry = entryIn(before, { origin: 'c1', purpose: 'regenerate' });
  const failed = onRejected(markSending(before, entry), 'c1', entry, LOST).state;
  assert.equal(draftIn(failed, 'c1'), 'a draft');
  assert.equal(failed.failure?.entry.key, entry.key);
});

test('a failure belongs to its composer, and goes when another is shown or a message is sent', () => {
  const { state, entry, composer } = sentFrom('c1');
  const failed = onRejected(state, composer, entry, LOST).state;
  assert.equal(showComposer(failed, 'c2').failure, undefined);
  assert.equal(markSending(failed, entryIn(failed, { origin: 'c1' })).failure, undefined);
});

test('a message that arrived unheard is forgotten, in the composer too', () => {
  const { state, entry, composer } = sentFrom('c1');
  const failed = onRejected(state, composer, entry, LOST).state;
  const found = reconcileOutbox(failed, 'c1', [messageWith()]);
  assert.equal(found.unconfirmed.c1, undefined);
  assert.equal(found.failure, undefined);
  assert.equal(draftIn(found, 'c1'), '');
});

test('reconciling leaves a changed draft and another message alone', () => {
  const { state, entry, composer } = sentFrom('c1');
  const failed = setDraft(onRejected(state, composer, entry, LOST).state, 'c1', 'changed');
  assert.equal(draftIn(reconcileOutbox(failed, 'c1', [messageWith()]), 'c1'), 'changed');
  const other = reconcileOutbox(failed, 'c1', [messageWith({ parent: 'm0' })]);
  assert.equal(other.unconfirmed.c1?.key, entry.key);
});

test('a message that is still on its way is not put back', () => {
  const { state } = sentFrom('c1');
  assert.equal(reconcileOutbox(state, 'c1', []), state);
});

test('when the session expires an edit is saved for its writer, and a next message is kept', () => {
  const before = emptySending('c1');
  const edit = entryIn(before, { origin: 'c1', purpose: 'edit', editedMessage: 'm1' });
  const expired: SendError = { ...REFUSED, sessionEnd: 'expired' };
  // The state of the next user is empty, and stays so.
  const step = onRejected(emptySending('new-2'), 'c1', edit, expired);
  assert.deepEqual(step.effects, [
    { kind: 'save_draft', user: 1, conversation: 'c1', content: 'hello' },
  ]);
  assert.deepEqual(step.state, emptySending('new-2'));
  const left = onRejected(emptySending('new-2'), 'c1', edit, { ...expired, sessionEnd: 'left' });
  assert.deepEqual(left.effects, []);
  const next = { ...edit, purpose: 'next' as const };
  assert.deepEqual(onRejected(emptySending('new-2'), 'c1', next, expired).effects, []);
});

test('instructions for a new chat take its draft along', () => {
  const typed = setDraft(emptySending('new-1'), undefined, 'half a thought');
  const adopted = adoptConversation(typed, 'c1');
  assert.equal(adopted.composerKey, 'c1');
  assert.equal(draftIn(adopted, 'c1'), 'half a thought');
  assert.equal(draftIn(adopted, undefined), '');
});

test('text that is put back stands before what was typed since', () => {
  const typed = setDraft(emptySending('c1'), 'c1', 'later');
  assert.equal(draftIn(putBack(typed, 'c1', 'first'), 'c1'), 'first\n\nlater');
  assert.equal(draftIn(putBack(emptySending('c1'), 'c1', 'first'), 'c1'), 'first');
});

test('a message that version 0.1 stored is sent again with its key', () => {
  const stored = {
    key: 'old',
    content: 'hello',
    parent: null,
    model: 'demo',
    conversation: 'c1',
    from: 'c1',
    purpose: 'next',
    user: 1,
    isApart: true,
  };
  const entry = parseEntry(JSON.stringify(stored));
  const before = { ...emptySending('c1'), unconfirmed: { c1: entry } };
  const state = reconcileOutbox(before, 'c1', []);
  assert.equal(draftIn(state, 'c1'), 'hello');
  assert.equal(entryIn(state, { origin: 'c1' }).key, 'old');
  assert.deepEqual(parseEntry(JSON.stringify(entry)), JSON.parse(JSON.stringify(entry)));
});

test('what stands in the composer of a conversation that is gone goes to a new one', () => {
  const { state, entry } = sentFrom('c1');
  const lost = onRejected(state, 'c1', entry, LOST).state;
  const typed = setDraft(lost, undefined, 'begun before');
  const moved = toNewConversation(typed, 'c1');
  assert.equal(draftIn(moved, undefined), 'hello\n\nbegun before');
  assert.equal(draftIn(moved, 'c1'), '');
  assert.equal(moved.unconfirmed.c1, undefined);
});
