/** Titles that a model makes after the first reply, where the operator has chosen one for it. */
import { titleFrom } from '../../core/conversation.ts';
import type { PayingAccount } from '../../core/paying-account.ts';
import { storableText } from '../../core/storable-text.ts';
import { measureTexts } from '../../models/input-measure/measure-texts.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { meter } from '../metering/meter.ts';
import { modelsFor } from '../metering/models-for.ts';
import { payersFor } from '../metering/payers.ts';
import { errorInPlaceOf } from '../metering/reply-error.ts';

/** A title has a few words; a model that thinks first has no place here. */
const OUTPUT_TOKENS = 48;
/** As much of the message and of the reply is read. */
const READ_CHARACTERS = 2_000;
const INSTRUCTION =
  'Write a title of at most six words for a chat that begins as follows, in the language of the ' +
  'chat. Answer with the title alone: no quotation marks, no full stop.';

/** The first message of a conversation, and who pays for the title. */
export interface TitleRequest {
  readonly userId: number;
  readonly conversationId: string;
  readonly content: string;
  /** The accounts that may pay for the user; see `Requester`. */
  readonly payers?: readonly PayingAccount[] | undefined;
  /** The only one that shall pay: the id of a group, or `personal`. */
  readonly payer?: string | undefined;
}

/**
 * Makes the title of a conversation whose first reply has been settled. It is a generation of its
 * own: held and charged like any other, and marked as a title in the statement. It is made once of
 * each conversation, whatever crashes: who cannot claim it, or cannot pay, leaves the first line.
 */
export async function generateTitle(
  context: Context,
  request: TitleRequest,
  reply: string,
): Promise<void> {
  const { titleModel } = context.policy;
  if (titleModel === undefined || reply.trim() === '') return;
  const { userId, conversationId, payers, payer } = request;
  const candidates = await modelsFor(context, userId, titleModel);
  const { name } = candidates[0];
  const paying = await payersFor(context, { userId, payers, payer, model: name });
  const id = newId();
  const claim = { id, conversationId, userId, atMs: context.now() };
  if (!(await context.titleGenerations.claim(claim))) return;
  const prompt = promptFor(request.content, reply);
  const erase = () => context.titleGenerations.eraseWords(id, context.now());
  const metered = await meter(context, {
    accountId: userId,
    apiKeyId: undefined,
    generationId: id,
    // Nothing of it is stored but what it cost.
    content: '',
    candidates,
    ...paying,
    wantedOutput: OUTPUT_TOKENS,
    answers: 1,
    hasText: true,
    measure: () => measureTexts([prompt]),
    ask: (model, asked) => model.generate({ ...asked, content: prompt }),
    idempotency: undefined,
    onHeld: () => void erase().catch(() => undefined),
  });
  await erase();
  if (metered.outcome !== 'ended' || errorInPlaceOf(metered)) return;
  const to = titleIn(metered.text);
  const from = titleFrom(request.content);
  if (to !== '') await context.titleGenerations.rename(claim, { from, to });
}

function promptFor(content: string, reply: string): string {
  const words = content.slice(0, READ_CHARACTERS).toWellFormed();
  const answer = reply.slice(0, READ_CHARACTERS).toWellFormed();
  return `${INSTRUCTION}\n\nUser: ${words}\n\nAssistant: ${answer}`;
}

/** The title in an answer: its first line, without the marks that models put around it. */
export function titleIn(answer: string): string {
  const line = answer.split('\n').find((it) => /[\p{L}\p{N}]/u.test(it)) ?? '';
  const bare = line
    .replace(/^\s*(?:[#>*-]+\s+)?(?:title|titel)?\s*:?\s*/iu, '')
    .replace(/^["“”„«»'`*_\s]+|["“”„«»'`*_\s.]+$/gu, '')
    .replace(/\s+/gu, ' ');
  return titleFrom(storableText(bare));
}
