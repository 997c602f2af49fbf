import { ChitError } from '../../../core/errors.ts';
import type { PayingAccount } from '../../../core/paying-account.ts';
import type { Message } from '../../../store/chat/messages.ts';
import type { StoredLoop } from '../../../store/chat/tool-loops.ts';
import type { Context } from '../../context.ts';
import type { GenerationWatch } from '../../operations/observations.ts';
import { requireConversation } from '../conversations.ts';
import { promptFile } from '../files/prompt-files.ts';
import { requireMessage } from '../find-message.ts';
import { generationRequestFor } from '../send-message.ts';
import { chatToolsOf } from './chat-tools.ts';
import { ToolRun, type ToolRunSetup } from './tool-run.ts';

const DENIED = 'The user did not allow this call.';

/** What a user decides of calls that wait. */
export interface ApprovalRequest {
  readonly userId: number;
  /** The accounts that may pay for the user; see `Requester`. */
  readonly payers?: readonly PayingAccount[] | undefined;
  readonly messageId: string;
  /** By the id of the call. */
  readonly decisions: Readonly<Record<string, 'allow' | 'deny'>>;
  readonly newWatch?: (() => GenerationWatch) | undefined;
}

/**
 * Allows calls of tools, or denies them. Once none waits any more, this server goes on with the
 * message, whichever server it was at before.
 * @returns the message, which is pending
 * @throws ChitError `message_not_found`, `nothing_to_approve`, `tool_unavailable`, and what
 *   `generationRequestFor` throws: then nothing is decided
 */
export async function approveCalls(context: Context, request: ApprovalRequest): Promise<Message> {
  const { userId, messageId, decisions } = request;
  const message = await requireMessage(context, userId, messageId);
  const loop = await context.toolLoops.find(messageId);
  const isAsked = loop?.calls.some(({ state, callId }) => state === 'waiting' && decisions[callId]);
  if (loop?.state !== 'waiting' || !isAsked) throw new ChitError('nothing_to_approve', undefined);
  const setup = await setupFor(context, request, loop, message);
  const { lease, now, toolLoops } = context;
  // Whoever runs a message needs a lease that others respect.
  if (!lease.isCertain) await lease.renew();
  const of = { userId, messageId, leaseId: lease.id, atMs: now() };
  const decided = await toolLoops.decide(of, decisions, DENIED);
  if (!decided) throw new ChitError('nothing_to_approve', undefined);
  if (decided !== 'waiting') {
    void ToolRun.resumed(context, setup, { ...loop, calls: decided }).resume();
  }
  return requireMessage(context, userId, messageId);
}

/** What is needed to go on, all of which may have changed since. */
async function setupFor(
  context: Context,
  { userId, payers, newWatch }: ApprovalRequest,
  loop: StoredLoop,
  { content, parentId, files: attached }: Message,
): Promise<ToolRunSetup> {
  const { conversationId, payer, model, mostCredits, rounds } = loop;
  const conversation = await requireConversation(context, userId, conversationId);
  const files = await Promise.all(attached.map((it) => promptFile(context, it)));
  const sent = { userId, payers, payer, conversationId, content, parentId, model, files };
  const plain = await generationRequestFor(
    context,
    { ...sent, idempotency: undefined, onLimits: () => undefined },
    conversation,
  );
  const tools = await chatToolsOf(context, userId, loop.tools);
  if (!tools) throw new ChitError('tool_unavailable', { tool: loop.tools.join(', ') });
  return { plain, tools, rounds, conversationId, payer, mostCredits, newWatch };
}
