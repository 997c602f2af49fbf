import type { Conversation } from '../../../store/chat/conversations.ts';
import type { Context } from '../../context.ts';
import type { GenerationRequest } from '../../metering/generation-request.ts';
import type { GenerationWatch } from '../../operations/observations.ts';
import { chatToolsOf } from './chat-tools.ts';
import { ToolRun } from './tool-run.ts';

/** What the sender of a message says of its rounds. */
interface ToolRunRequest {
  readonly userId: number;
  readonly conversationId: string;
  readonly payer?: string | undefined;
  readonly mostCredits?: number | undefined;
  readonly newWatch?: (() => GenerationWatch) | undefined;
}

/**
 * The rounds of a message in a chat with tools.
 * @param plain the message without tools
 * @returns undefined if the chat has none, or its model cannot call any
 * @throws ChitError `tool_unavailable`
 */
export async function toolRunFor(
  context: Context,
  request: ToolRunRequest,
  conversation: Conversation,
  plain: GenerationRequest,
): Promise<ToolRun | undefined> {
  const { userId, conversationId, payer, mostCredits, newWatch } = request;
  if (!plain.candidates[0].usesTools) return undefined;
  const tools = await chatToolsOf(context, userId, conversation.tools);
  if (!tools) return undefined;
  const { rounds } = context.tools;
  return new ToolRun(context, {
    plain,
    tools,
    rounds,
    conversationId,
    payer,
    mostCredits,
    newWatch,
  });
}
