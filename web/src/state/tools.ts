/** The tools of the chat that is open, and what they can cost. */
import { computed, effect, signal } from '@preact/signals';
import { call } from '../api/client.ts';
import type { ChatFile, Message, ToolOffer } from '../api/types.ts';
import { atSessionEnd, me } from './account.ts';
import { changeConversation } from './conversations.ts';
import { reportError } from './error-notice.ts';
import { estimateFor, shownModel } from './model.ts';
import { add, conversation, updateConversation } from './thread.ts';

/** What the server offers; undefined until it is known. */
export const offer = signal<ToolOffer | undefined>(undefined);
/** The tools of a chat that is not yet begun. */
const chosen = signal<readonly string[]>([]);

atSessionEnd(() => {
  offer.value = undefined;
  chosen.value = [];
});

// The next chat has none until somebody chooses.
effect(() => {
  if (conversation.value) chosen.value = [];
});

/** The names of the tools that are turned on. */
export const toolsOn = computed(() => conversation.value?.tools ?? chosen.value);

/** Whether the chosen model can call tools. */
export const canCallTools = computed(() => shownModel.value?.tools === true);

/** The tools that the next message will have. */
export const activeTools = computed(() => {
  if (!canCallTools.value) return [];
  return (offer.value?.tools ?? []).filter(({ name }) => toolsOn.value.includes(name));
});

/** Reads which tools there are; without an answer there are none. */
export async function loadTools(): Promise<void> {
  const user = me.value?.id;
  try {
    const found = await call<ToolOffer>('GET', '/api/tools/');
    if (me.value?.id === user) offer.value = found;
  } catch {
    // The chat works without them, and the next visit asks again.
  }
}

/** Turns a tool on or off, from the next message on. */
export async function turnTool(name: string, isOn: boolean): Promise<void> {
  const others = toolsOn.value.filter((it) => it !== name);
  const tools = isOn ? [...others, name] : others;
  const { value: open } = conversation;
  if (!open) {
    chosen.value = tools;
    return;
  }
  const { tools: before } = open;
  updateConversation(open.id, (now) => ({ ...now, tools: [...tools] }));
  try {
    await changeConversation(open.id, { tools });
  } catch (error) {
    updateConversation(open.id, (now) => ({ ...now, tools: before }));
    reportError(error);
  }
}

/** The most that all rounds of a message may cost together; undefined without tools. */
export function mostWithTools(
  content: string,
  files: readonly ChatFile[] = [],
): number | undefined {
  const { value: tools } = activeTools;
  const { rounds = 0 } = offer.value ?? {};
  if (tools.length === 0) return undefined;
  const added = tools.reduce((sum, { input }) => sum + input, 0);
  const round = estimateFor(content, files, added);
  if (!round) return undefined;
  const dearest = Math.max(...tools.map((it) => it.price_per_call));
  return Math.ceil(rounds * round.credits + (rounds - 1) * dearest);
}

/** What a message that is sent now says of tools. */
export function toolFieldsFor(content: string, files: readonly ChatFile[] = []) {
  const most = mostWithTools(content, files);
  if (most === undefined) return {};
  return { tools: [...toolsOn.value], mostCost: most };
}

/** Allows a call that waits, or denies it. */
export async function decideCall(
  message: Message,
  id: string,
  decision: 'allow' | 'deny',
): Promise<void> {
  try {
    const path = `/api/messages/${message.id}/approvals/`;
    add(await call<Message>('POST', path, { calls: { [id]: decision } }));
  } catch (error) {
    reportError(error);
  }
}
