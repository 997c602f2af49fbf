/**
 * Why a reply is missing or not whole. The code is what is stored with the message and what travels
 * to the client; the sentence that a person reads is made at the edge, in the reader's language.
 */
export const REPLY_FAILURES = [
  /** Nothing was delivered, and nothing was charged. */
  'empty_reply',
  'model_failed',
  /** The provider refuses what was asked. */
  'model_refused',
  /** It is overloaded, or limits how fast it is asked. */
  'model_busy',
  /** It refuses the operator's key or account, or does not have the model. */
  'model_unavailable',
  /** No connection to it could be opened, or it broke. */
  'model_unreachable',
  'model_timed_out',
  'stopped_before_reply',
  'server_lost_before_reply',
  'ledger_unavailable',
  /** A part was delivered, and that part was charged. */
  'model_broke_off',
  'model_fell_silent',
  'stopped',
  'server_lost',
  /** Of a message with tools: what was written before is charged. */
  'tools_unpaid',
  'tools_cost_reached',
  'tools_unapproved',
  'tools_broke_off',
] as const;

export type ReplyFailure = (typeof REPLY_FAILURES)[number];
