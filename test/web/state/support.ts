/** Plain data for tests of the page's state. */
import type { Conversation, Message } from '../../../web/src/api/types.ts';

/** A conversation. */
export function conversationWith(changes: Partial<Conversation> = {}): Conversation {
  return {
    id: 'c1',
    title: 'A title',
    model: null,
    system_prompt: '',
    leaf: null,
    share: null,
    created_at: '2026-11-01T00:00:00Z',
    updated_at: '2026-11-01T00:00:00Z',
    ...changes,
  };
}

/** A message of conversation `c1` that was answered. */
export function messageWith(changes: Partial<Message> = {}): Message {
  return {
    id: 'm1',
    conversation: 'c1',
    parent: null,
    content: 'hello',
    files: [],
    model: 'demo',
    status: 'complete',
    reply: 'hi',
    failure: null,
    failure_code: null,
    cost: 1,
    paid_by: { id: 'personal', name: null },
    created_at: '2026-11-01T00:00:00Z',
    ended_at: '2026-11-01T00:00:01Z',
    ...changes,
  };
}
