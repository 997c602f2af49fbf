import type { ReplyFailure } from '../../core/reply-failure.ts';

/** Why a reply is missing or incomplete, in English. Clients translate by the code. */
export const REPLY_FAILURE_TEXT: Readonly<Record<ReplyFailure, string>> = {
  empty_reply: 'The model gave an empty reply. Nothing was charged.',
  model_failed: 'The model did not reply. Nothing was charged.',
  model_refused: 'The model cannot reply to this message. Nothing was charged.',
  model_busy: 'The model is busy. Nothing was charged.',
  model_unavailable: 'The model is not available at the moment. Nothing was charged.',
  model_unreachable: 'The provider of the model cannot be reached. Nothing was charged.',
  model_timed_out: 'The model took too long to reply. Nothing was charged.',
  stopped_before_reply: 'Stopped before the model replied. Nothing was charged.',
  server_lost_before_reply: 'The server stopped before the model replied. Nothing was charged.',
  ledger_unavailable: 'The server could not write to its database. Nothing was charged.',
  model_broke_off: 'The model stopped in the middle of its reply.',
  model_fell_silent: 'The model stopped responding in the middle of its reply.',
  stopped: 'Stopped.',
  server_lost: 'The server stopped while the model was replying.',
  tools_unpaid: 'There were not enough tokens for the next step.',
  tools_cost_reached: 'The answer reached the most that it was to cost.',
  tools_unapproved: 'The tool was not allowed in time.',
  tools_broke_off: 'The model did not go on after its tools had answered.',
};
