/** Every kind of request that spends, and what its client reads from what it received. */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type Asked, exchange, type Received } from './exchange.ts';

/** Streams have a name of their own, since they are told differently how they ended. */
export const KINDS = [
  'chat',
  'chat stream',
  'conversation',
  'completions',
  'completions stream',
  'responses',
  'responses stream',
  'messages',
  'messages stream',
] as const;
export type Kind = (typeof KINDS)[number];

/** What a client may say of a request after what it was told. */
export type Claim =
  /** The answer is complete. */
  | 'whole'
  /** There is an answer; this API does not say whether it is complete. */
  | 'answered'
  /** The answer is not complete. */
  | 'partial'
  /** The answer is still to come. */
  | 'pending'
  /** Nothing was charged. */
  | 'nothing'
  /** An earlier request with the same key is still running, or was answered and charged. */
  | 'running'
  | 'done before'
  /** The response came to its end without a word on how the answer ended. */
  | 'silent'
  /** The connection broke, or the server does not know itself. */
  | 'unknown';

/** What a client was told by one response. */
export interface Told {
  readonly claim: Claim;
  /** The text of the answer that was delivered. */
  readonly text: string;
  /** The charge, if it was told. */
  readonly cost: number | undefined;
  readonly messageId: string | undefined;
  readonly isReplayed: boolean;
  readonly status: number;
  /** `Chit-Error`. */
  readonly code: string | undefined;
  readonly startedMs: number;
  readonly endedMs: number;
  /** How much of the text had been delivered at a time. */
  textUntil(atMs: number): number;
}

/** Who asks. */
export interface Account {
  readonly userId: number;
  readonly access: string;
  readonly apiKey: string;
}

/** What one kind of answer says. */
type Said = Pick<Told, 'claim' | 'text'> & Partial<Pick<Told, 'cost' | 'messageId'>>;
type Reader = (body: string) => Said;

interface KindOfRequest {
  readonly path: string;
  readonly models: readonly string[];
  readonly body: (content: string, model: string) => object;
  readonly read: Reader;
}

const OPENAI = ['flat', 'metered'];
const ANTHROPIC = ['claude'];
/** More than the longest script has bytes, so that none may be cut at its limit. */
const MOST_TOKENS = 4_000;
const NONE: Said = { claim: 'silent', text: '' };

const KIND: Record<Kind, KindOfRequest> = {
  chat: {
    path: '/api/chat/',
    models: [...OPENAI, ...ANTHROPIC],
    body: (message, model) => ({ message, model }),
    read: (body) => ({ claim: 'answered', text: parsed(body).response ?? '' }),
  },
  'chat stream': {
    path: '/api/chat/',
    models: [...OPENAI, ...ANTHROPIC],
    body: (message, model) => ({ message, model, stream: true }),
    read: readOwnStream,
  },
  conversation: {
    path: '/api/conversations/ID/messages/',
    models: [...OPENAI, ...ANTHROPIC],
    body: (message, model) => ({ message, model }),
    read: (body) => ({ claim: 'pending', text: '', messageId: parsed(body).id }),
  },
  completions: {
    path: '/v1/chat/completions',
    models: OPENAI,
    body: (content, model) => ({ model, messages: [{ role: 'user', content }] }),
    read: (body) => ({ claim: 'whole', text: parsed(body).choices?.[0]?.message.content ?? '' }),
  },
  'completions stream': {
    path: '/v1/chat/completions',
    models: OPENAI,
    body: (content, model) => ({ model, messages: [{ role: 'user', content }], stream: true }),
    read: readWith(({ choices }) => choices?.[0]?.delta.content, '[DONE]'),
  },
  responses: {
    path: '/v1/responses',
    models: OPENAI,
    body: (input, model) => ({ model, input }),
    read: (body) => ({ claim: 'whole', text: parsed(body).output?.at(-1)?.content[0]?.text ?? '' }),
  },
  'responses stream': {
    path: '/v1/responses',
    models: OPENAI,
    body: (input, model) => ({ model, input, stream: true }),
    read: readWith(
      ({ type, delta }) => (type === 'response.output_text.delta' ? delta : ''),
      'response.completed',
      // Ended by the limit of its output, which is an end like any other.
      'response.incomplete',
    ),
  },
  messages: {
    path: '/v1/messages',
    models: ANTHROPIC,
    body: (content, model) => anthropic(content, model, false),
    read: (body) => ({ claim: 'whole', text: parsed(body).content?.[0]?.text ?? '' }),
  },
  'messages stream': {
    path: '/v1/messages',
    models: ANTHROPIC,
    body: (content, model) => anthropic(content, model, true),
    read: readWith(
      ({ type, delta }) => (type === 'content_block_delta' ? delta.text : ''),
      'message_stop',
    ),
  },
};

/** The models that a kind of request can be answered by. */
export function modelsOf(kind: Kind): readonly string[] {
  return KIND[kind].models;
}

/** Whether a kind of request is one of an API client, which brings an API key. */
export function isRelayed(kind: Kind): boolean {
  return KIND[kind].path.startsWith('/v1/');
}

/** One request that spends. */
export interface Spending {
  readonly kind: Kind;
  readonly content: string;
  readonly model: string;
  readonly key: string | undefined;
  readonly conversationId: string;
}

/** Sends a request that spends, and reads what comes. */
export async function spend(
  url: string,
  account: Account,
  spending: Spending,
  leavesAfterMs?: number,
): Promise<Told> {
  const { path, body, read } = KIND[spending.kind];
  const where = `${url}${path.replace('ID', spending.conversationId)}`;
  const token = isRelayed(spending.kind) ? account.apiKey : account.access;
  const headers = {
    ...bearer(token),
    ...(spending.key ? { 'idempotency-key': spending.key } : {}),
  };
  const asked: Asked = { headers, body: body(spending.content, spending.model), leavesAfterMs };
  return toldBy(await exchange(where, asked), read);
}

/** Follows the reply to a message from a position on. */
export async function follow(
  url: string,
  account: Account,
  messageId: string,
  position: number,
  leavesAfterMs?: number,
): Promise<Told> {
  const headers = { ...bearer(account.access), 'last-event-id': String(position) };
  const asked = { method: 'GET', headers, leavesAfterMs };
  const received = await exchange(`${url}/api/messages/${messageId}/stream/`, asked);
  return ofAnother(toldBy(received, readOwnStream));
}

/** Stops the reply to a message. */
export async function stop(url: string, account: Account, messageId: string): Promise<Told> {
  const asked = { headers: bearer(account.access), body: {} };
  const received = await exchange(`${url}/api/messages/${messageId}/stop/`, asked);
  return ofAnother(toldBy(received, (body) => messageSaid(parsed(body))));
}

/** An error of a request that only reads says nothing of the one that spends. */
function ofAnother(told: Told): Told {
  return told.status < 400 ? told : { ...told, claim: 'unknown' };
}

/** The header that brings a token. */
export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** What a received response says, by the status first. */
function toldBy(received: Received, read: Reader): Told {
  const { status, headers, body, arrivals, isWhole, startedMs, endedMs } = received;
  const said = status < 400 ? saidBy(received, read) : { text: '', claim: claimOf(received) };
  const textUntil = (atMs: number) => {
    const length = arrivals.findLast((it) => it.atMs <= atMs)?.length ?? 0;
    return length === body.length
      ? said.text.length
      : saidBy({ ...received, body: body.slice(0, length) }, read).text.length;
  };
  return {
    cost: undefined,
    messageId: undefined,
    ...said,
    claim: isWhole ? said.claim : 'unknown',
    isReplayed: headers['idempotent-replayed'] === 'true',
    status,
    code: headers['chit-error'] as string | undefined,
    startedMs,
    endedMs,
    textUntil,
  };
}

function saidBy({ status, isWhole, headers, body }: Received, read: Reader): Said {
  const isStream = headers['content-type']?.startsWith('text/event-stream') ?? false;
  // Half of a JSON body says nothing.
  if (status === 0 || (!isStream && !isWhole)) return NONE;
  return read(body);
}

function claimOf({ status, headers, body }: Received): Claim {
  const code = headers['chit-error'];
  if (code === 'idempotency_key_running') return 'running';
  if (code === 'idempotency_key_done') return 'done before';
  return saysNothingWasCharged(body) || status < 500 ? 'nothing' : 'unknown';
}

function saysNothingWasCharged(text: string): boolean {
  return text.includes('Nothing was charged');
}

/** What the server says in a stream, or that it does not know itself. */
function claimOfErrorEvent(data: string): Claim {
  if (saysNothingWasCharged(data)) return 'nothing';
  return data.includes('it is not known whether') ? 'unknown' : 'partial';
}

/** What an API of a provider sends, as far as it is looked at. */
// biome-ignore lint/suspicious/noExplicitAny: the formats of three providers, read by their tests.
type Json = any;

function parsed(json: string): Json {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}

function anthropic(content: string, model: string, stream: boolean): object {
  return { model, max_tokens: MOST_TOKENS, stream, messages: [{ role: 'user', content }] };
}

function eventsIn(body: string): EventSourceMessage[] {
  const events: EventSourceMessage[] = [];
  createParser({ onEvent: (event) => events.push(event) }).feed(body);
  return events;
}

/** Reads the streams of `/api/`: pieces, then how it ended and what it cost. */
function readOwnStream(body: string): Said {
  let said = NONE;
  let text = '';
  for (const { event, data } of eventsIn(body)) {
    const json = parsed(data);
    if (event === 'delta') text += json.text;
    if (event === 'done') said = messageSaid(json);
    if (event === 'error') said = { ...NONE, claim: claimOfErrorEvent(data) };
  }
  return { ...said, text };
}

/** What a message says of itself; one of `/api/chat/` has no status. */
function messageSaid({ id, status, reply, failure, failure_code, cost }: Json): Said {
  const isNothing = status === 'failed' || saysNothingWasCharged(failure ?? '');
  const claim = isNothing ? 'nothing' : failure_code ? 'partial' : 'whole';
  return {
    claim: status === 'pending' ? 'pending' : claim,
    text: reply ?? '',
    cost: cost ?? undefined,
    messageId: id,
  };
}

/** Reads the stream of a provider's API, which ends with one of certain events. */
function readWith(textOf: (event: Json) => string | undefined, ...last: string[]): Reader {
  return (body) => {
    let claim: Claim = 'silent';
    let text = '';
    for (const { event, data } of eventsIn(body)) {
      const json = parsed(data);
      text += textOf(json) ?? '';
      if (last.includes(data) || last.includes(json.type)) claim = 'whole';
      const isError = event === 'error' || json.error || json.type === 'response.failed';
      if (isError) claim = claimOfErrorEvent(data);
    }
    return { claim, text };
  };
}
