/** Maps the rounds of messages to what their owners get. */
import { shownName } from '../../app/chat/tools/chat-tools.ts';
import { creditsFor, type Rate } from '../../core/pricing.ts';
import { shownAmount } from '../../core/shown-price.ts';
import type { CallState } from '../../core/tools.ts';
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

/** The steps of tools, as those see them who have only the share link: neither words nor costs. */
export function sharedTools(tools: MessageTools | undefined) {
  if (!tools) return null;
  return {
    rounds: tools.rounds.map(({ textEnd }) => ({ text_end: textEnd })),
    calls: tools.calls.map(({ callId: id, round, tool, name, state }) => {
      return { id, round, tool, name: shownName(name), state };
    }),
  };
}

const OUTCOMES: Readonly<Record<CallState, string>> = {
  asked: 'Asked for',
  waiting: 'Asked for',
  denied: 'Not allowed:',
  done: 'Used',
  failed: 'No answer from',
  refused: 'Not possible:',
};
const NAME_CHARACTERS = 100;

/** A reply as Markdown, with a line for each call of a tool where it was made. */
export function withSteps(reply: string, tools: MessageTools | undefined): string {
  let begin = 0;
  const parts = (tools?.rounds ?? []).flatMap(({ number, textEnd }) => {
    const text = reply.slice(begin, textEnd);
    begin = Math.max(begin, textEnd);
    const calls = tools?.calls.filter(({ round }) => round === number) ?? [];
    return [text, ...calls.map(stepText)];
  });
  const written = [...parts, reply.slice(begin)].map((it) => it.trim());
  return tools ? written.filter((it) => it !== '').join('\n\n') : reply;
}

/** A model may have made up the name of what it calls. */
function stepText({ state, name, tool }: MessageTools['calls'][number]): string {
  const quoted = [shownName(name), tool]
    .filter((it) => it !== '')
    .map((it) => `\`${it.replaceAll(/[`\s]+/g, ' ').slice(0, NAME_CHARACTERS)}\``);
  return `*${OUTCOMES[state]} ${quoted.join(' of ')}*`;
}

/** Credits for a call, which may be a fraction of one, rounded to six decimals. */
export function shownRate([credits, per]: Rate): number {
  const rate = { over: BigInt(credits), under: BigInt(per) };
  return per === 1 ? creditsFor(rate) : shownAmount(rate, 'tool_call');
}
