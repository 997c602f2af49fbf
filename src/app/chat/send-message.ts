import { setTimeout as sleep } from 'node:timers/promises';
import { titleFrom } from '../../core/conversation.ts';
import { ChitError, hasCode } from '../../core/errors.ts';
import type { PromptFile } from '../../core/files.ts';
import type { IdempotencyKey } from '../../core/ledger.ts';
import type { PayingAccount } from '../../core/paying-account.ts';
import type { RateLimitState } from '../../core/rate-limit-state.ts';
import { measurePrompt } from '../../models/input-measure/measure-prompt.ts';
import { replyOf } from '../../models/split-thinking.ts';
import type { Conversation } from '../../store/chat/conversations.ts';
import type { Message } from '../../store/chat/messages.ts';
import type { Context } from '../context.ts';
import type { GenerationRequest } from '../metering/generation-request.ts';
import { type MeteredReply, meter } from '../metering/meter.ts';
import { modelsFor } from '../metering/models-for.ts';
import { payersFor } from '../metering/payers.ts';
import { outcomeUnknownUnless } from '../metering/reply-error.ts';
import type { GenerationWatch } from '../operations/observations.ts';
import { requireConversation } from './conversations.ts';
import { earlierTurns } from './earlier-turns.ts';
import { attachFiles } from './files/attach-files.ts';
import { filesToSend, modelsForFiles } from './files/prompt-files.ts';
import { requireMessage } from './find-message.ts';
import { generateTitle } from './generate-title.ts';
import { requireFittingMessage, requireWords } from './message-limit.ts';
import { toolRunFor } from './tools/start-tool-run.ts';
import type { ToolRun } from './tools/tool-run.ts';

/** How often a conversation that could not be changed is tried again, and after which time. */
const SHOW_TRIES = 30;
const SHOW_AGAIN_MS = 1_000;

/** A message of a user for a conversation. */
export interface SendMessageRequest {
  readonly userId: number;
  /** The accounts that may pay for the user; see `Requester`. */
  readonly payers?: readonly PayingAccount[] | undefined;
  /** The only one that shall pay: the id of a group, or `personal`. */
  readonly payer?: string | undefined;
  readonly conversationId: string;
  readonly content: string;
  /** The ids of files that are attached to it, in order. */
  readonly files?: readonly string[] | undefined;
  /** The message that it follows; undefined for the first of a branch. */
  readonly parentId: string | undefined;
  /** The name of a model; without one, the conversation's model or else the default answers. */
  readonly model: string | undefined;
  readonly idempotency: IdempotencyKey | undefined;
  readonly onLimits: (states: readonly RateLimitState[]) => void;
  readonly watch?: GenerationWatch | undefined;
  /** For each round after the first, if its model calls tools. */
  readonly newWatch?: (() => GenerationWatch) | undefined;
  /** The most that all rounds may cost together, if its model can call tools. */
  readonly mostCredits?: number | undefined;
  /** Told of the making of a title, if that begins. */
  readonly onTitle?: (work: Promise<void>) => void;
}

/**
 * Sends a message in a conversation. Resolves as soon as credits are held: the reply is generated
 * independently of the request, and `followReply` reads it.
 * @returns the message, whose reply is still to come, or the message that an earlier request with
 *   the same key created
 * @throws ChitError `invalid_fields`, `conversation_not_found`, `parent_not_found`, what
 *   `filesToSend`, `modelsForFiles`, `earlierTurns`, `chatToolsOf` and `payersFor` throw, and what
 *   `meter` throws before a model is asked
 */
export async function sendMessage(
  context: Context,
  request: SendMessageRequest,
): Promise<{ readonly message: Message; readonly isReplayed: boolean }> {
  const { userId } = request;
  requireFittingMessage(context, request.content);
  const { conversationId, files: given = [], parentId } = request;
  if (given.length === 0) requireWords(request.content);
  const conversation = await requireConversation(context, userId, conversationId);
  const isFirst = parentId === undefined;
  const files = await filesToSend(context, conversation, { ids: given, isFirst });
  const named = { ...request, files };
  const ids = files.map(({ id }) => id);
  const attachment = attachFiles(context, { userId, conversationId, ids });
  const prepared = await generationRequestFor(context, named, conversation);
  const { beforeHold } = attachment;

  const generationRequest = { ...prepared, beforeHold };
  const onEnded = ({ end, text }: MeteredReply) => {
    const isFirst = conversation.title === '' && request.parentId === undefined;
    if (!isFirst || conversation.isTemporary || end !== 'settled') return;
    // The first line is a title as well.
    const work = generateTitle(context, request, text).catch(() => undefined);
    request.onTitle?.(work);
  };
  const run = await toolRunFor(context, request, conversation, generationRequest);
  const first = run?.firstRequest() ?? generationRequest;
  const replying = startReply(context, first, { run, onEnded });
  const started = await replying.catch((error: unknown) => {
    // Of a hold that may still come the message keeps them.
    if (!hasCode(error, 'ledger_unavailable')) attachment.release();
    throw error;
  });
  if (started.outcome === 'done_before') {
    attachment.release();
    const found = requireMessage(context, userId, started.generationId);
    const message = await outcomeUnknownUnless(found);
    // The server may have died before it did.
    if (conversation.updatedAtMs < message.createdAtMs) {
      const { id, createdAtMs: atMs } = message;
      await showAsLatest(context, named, { id, atMs, onlyForward: true }).catch(() => undefined);
    }
    return { message, isReplayed: true };
  }
  // The message is held and being answered, so the request has succeeded whatever becomes of this.
  const latest = { id: started.id, atMs: started.atMs, onlyForward: false };
  await showAsLatest(context, named, latest).catch(() => showSoon(context, named, latest));
  const message = pendingMessage(named, generationRequest.candidates[0].name, started);
  return { message, isReplayed: false };
}

/** A message with what is stored of its files. */
type MessageWithFiles = Omit<SendMessageRequest, 'files'> & {
  readonly files: readonly PromptFile[];
};

/** The request for the model: the branch that the message continues, then the message itself. */
export async function generationRequestFor(
  context: Context,
  request: MessageWithFiles,
  { id: conversationId, systemPrompt, model, options }: Conversation,
): Promise<GenerationRequest> {
  const { userId, content, files, parentId, idempotency, onLimits, payer } = request;
  const usable = await modelsFor(context, userId, request.model ?? model);
  const { name } = usable[0];
  const paying = await payersFor(context, { userId, payers: request.payers, payer, model: name });
  if (parentId !== undefined) {
    const parent = await context.messages.find(userId, parentId);
    if (parent?.conversationId !== conversationId) {
      throw new ChitError('parent_not_found', undefined);
    }
  }
  const turns =
    parentId === undefined
      ? []
      : await earlierTurns(context, userId, { conversationId, leafId: parentId });
  const user = { id: userId, payers: request.payers };
  const candidates = await modelsForFiles(context, user, usable, { turns, files });
  const promptContext = { systemPrompt, turns, ...(files.length > 0 && { files }) };
  return {
    accountId: userId,
    apiKeyId: undefined,
    content,
    promptContext,
    options,
    conversationId,
    parentId,
    candidates,
    ...paying,
    wantedOutput: undefined,
    answers: 1,
    hasText: true,
    keepsThinking: true,
    measure: () => measurePrompt(promptContext, content),
    ask: replyOf,
    idempotency,
    onLimits,
    watch: request.watch,
  };
}

/** A reply that is being generated. */
interface StartedReply {
  readonly outcome: 'started';
  readonly id: string;
  readonly atMs: number;
}

/** Resolves when credits are held, or an earlier request with the same key is found. */
function startReply(
  context: Context,
  request: GenerationRequest,
  {
    run,
    onEnded,
  }: {
    readonly run: ToolRun | undefined;
    readonly onEnded: (metered: MeteredReply) => void;
  },
): Promise<StartedReply | { readonly outcome: 'done_before'; readonly generationId: string }> {
  return new Promise((resolve, reject) => {
    const onHeld = (held: { id: string; atMs: number }) => {
      request.onHeld?.(held);
      resolve({ outcome: 'started', ...held });
    };
    // Errors after the hold reach nobody here: they are stored with the message.
    meter(context, { ...request, onHeld }).then(
      (metered) => {
        if (metered.outcome === 'done_before') return resolve(metered);
        onEnded(metered);
        void run?.goOn(metered);
      },
      (error: unknown) => {
        reject(error);
        void run?.giveUp();
      },
    );
  });
}

/** A message that its conversation is to show. */
interface LatestMessage {
  readonly id: string;
  readonly atMs: number;
  /** Whether a later message of the conversation stays. */
  readonly onlyForward: boolean;
}

/** Moves the conversation to the top of the list, showing the branch of the new message. */
async function showAsLatest(
  context: Context,
  { userId, conversationId: id, content, files }: MessageWithFiles,
  { id: leafId, atMs, onlyForward }: LatestMessage,
): Promise<void> {
  const title = titleFrom(content.trim() === '' ? (files[0]?.name ?? '') : content);
  await context.conversations.showLatest({ userId, id }, { leafId, title, atMs, onlyForward });
}

/** Tries again for a while, without anybody waiting for it. */
function showSoon(context: Context, request: MessageWithFiles, latest: LatestMessage): void {
  const again = async () => {
    for (let tries = 0; tries < SHOW_TRIES; tries += 1) {
      await sleep(SHOW_AGAIN_MS, undefined, { ref: false });
      try {
        return await showAsLatest(context, request, { ...latest, onlyForward: true });
      } catch {
        // The next message of the conversation shows its branch anyway.
      }
    }
  };
  void again();
}

function pendingMessage(
  { conversationId, parentId, content, files }: MessageWithFiles,
  model: string,
  { id, atMs }: StartedReply,
): Message {
  return {
    id,
    isOfChat: true,
    conversationId,
    parentId,
    content,
    files,
    model,
    status: 'pending',
    reply: null,
    thinking: undefined,
    failure: null,
    isImported: false,
    chargedCredits: 0,
    paidBy: undefined,
    createdAtMs: atMs,
    endedAtMs: undefined,
  };
}
