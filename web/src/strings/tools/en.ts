import { nounsOf } from '../plurals.ts';

const noun = nounsOf('en');
/** @param count as it is written */
const tokens = (count: string) => `${count} ${noun(count, 'token', 'tokens')}`;

/** Tools in a chat. */
export const toolsEn = {
  button: 'Tools',
  buttonOn: (count: number) => `Tools: ${count} on`,
  title: 'Tools in this chat',
  none: 'There are no tools here.',
  modelCannot: 'This model can’t use tools.',
  perCall: (price: string) => `${tokens(price)} per call`,
  free: 'Free',
  asks: 'asks before each call',
  away: 'Not reachable right now',
  costsAtMost: (price: string, rounds: number) =>
    `Up to ${tokens(price)} over up to ${rounds} ${noun(rounds, 'round', 'rounds')}`,
  searching: 'Searching the web…',
  searched: 'Searched the web',
  using: (name: string, tool: string) => `Using ${name} (${tool})…`,
  used: (name: string, tool: string) => `Used ${name} (${tool})`,
  wantsSearch: 'Search the web?',
  wants: (name: string, tool: string) => `Use ${name} (${tool})?`,
  cost: (price: string) => tokens(price),
  denied: 'denied',
  failed: 'no answer, not charged',
  refused: 'not possible',
  round: (which: number) => `round ${which}`,
  sent: 'Sent',
  answer: 'Answer',
  allow: 'Allow once',
  deny: 'Deny',
  allowLabel: (question: string) => `Allow once: ${question}`,
  denyLabel: (question: string) => `Deny: ${question}`,
  untilLabel: (time: string) => `Waiting for you until ${time}`,
};

/** Why a reply with tools is not whole. */
export const toolFailuresEn = {
  tools_unpaid: 'There weren’t enough tokens for the next step.',
  tools_cost_reached: 'The answer reached its cost limit.',
  tools_unapproved: 'The tool wasn’t allowed in time.',
  tools_broke_off: 'The model didn’t go on after using its tools.',
};

/** What the server refuses. */
export const toolErrorsEn = {
  tool_unavailable: ({ tool }: { readonly tool: string }) =>
    `The tool “${tool}” can’t be reached. You were not charged; turn it off, or try again later.`,
  cost_limit_reached: 'This message costs more than it may. You were not charged.',
  nothing_to_approve: 'This was already decided, or it’s too late.',
};
