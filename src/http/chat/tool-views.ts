/** Maps the rounds of messages to what their owners get. */
import { shownName } from '../../app/chat/tools/chat-tools.ts';
import { creditsFor, type Rate } from '../../core/pricing.ts';
import { shownAmount } from '../../core/shown-price.ts';
import type { MessageTools } from '../../store/chat/messages.ts';
import { isoTime } from '../framework/iso-time.ts';

/** The rounds of a message; null if it has none. */
export function shownTools(tools: MessageTools | undefined) {
  if (!tools) return null;
  return {
    approve_until: tools.approveUntilMs === undefined ? null : isoTime(tools.approveUntilMs),
    rounds: tools.rounds.map((it) => ({ cost: it.chargedCredits, text_end: it.textEnd })),
    calls: tools.calls.map((call) => ({
      id: call.callId,
      round: call.round,
      tool: call.tool,
      name: shownName(call.name),
      arguments: call.arguments,
      state: call.state,
      result: call.result,
      cost: call.state === 'done' ? shownRate(call.price) : 0,
    })),
  };
}

/** Credits for a call, which may be a fraction of one, rounded to six decimals. */
export function shownRate([credits, per]: Rate): number {
  const rate = { over: BigInt(credits), under: BigInt(per) };
  return per === 1 ? creditsFor(rate) : shownAmount(rate, 'tool_call');
}
