/** A request to a provider, and its answer taken apart as far as metering needs it. */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Usage } from '../core/usage.ts';
import type { Delta } from './catalogue.ts';
import type { Provider } from './provider.ts';
import { ProviderFailure } from './provider-failure.ts';
import { setMembers } from './wires/set-members.ts';
import { type JsonObject, objectAt, type Said, type Wire } from './wires/wire.ts';

/** A request in the words of a wire. */
export interface WireRequest {
  readonly wire: Wire;
  /** The body as it came, and the object that it stands for. */
  readonly json: string;
  readonly body: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Asks a provider and yields what it says: `head` first, then the answer as it is to be passed on,
 * and what of it is text and usage. A stream keeps its events one by one, with their data
 * unchanged; an event that is only there because we asked for usage is left out.
 * @throws ProviderFailure
 */
export async function* askProvider(
  provider: Provider,
  { wire, json, body, headers }: WireRequest,
  to: { readonly model: string; readonly outputLimit: number; readonly signal: AbortSignal },
): AsyncIterable<Delta> {
  const { outputLimitName } = provider.settings;
  const answer = await provider.post({
    path: wire.path,
    body: setMembers(json, wire.changes(body, { ...to, outputLimitName })),
    signal: to.signal,
    ...(headers ? { headers } : {}),
  });
  const { contentType } = answer;
  yield { kind: 'head', contentType };
  if (contentType.startsWith('text/event-stream')) {
    const hidesUsage = objectAt(body, 'stream_options').include_usage !== true;
    yield* readStream(wire, answer.chunks, hidesUsage);
    return;
  }
  const bytes = Buffer.concat(await Array.fromAsync(answer.chunks));
  const said = wire.readAnswer(parsed(bytes.toString('utf8')));
  yield* deltasOf(said, undefined);
  yield { kind: 'bytes', bytes };
}

async function* readStream(
  wire: Wire,
  chunks: AsyncIterable<Uint8Array>,
  hidesUsage: boolean,
): AsyncIterable<Delta> {
  const decoder = new TextDecoder();
  const events: (EventSourceMessage | { readonly comment: string })[] = [];
  const parser = createParser({
    onEvent: (event) => events.push(event),
    onComment: (comment) => events.push({ comment }),
  });
  let usage: Usage | undefined;
  for await (const chunk of chunks) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    let passedOn = '';
    for (const event of events.splice(0)) {
      if ('comment' in event) {
        passedOn += `:${event.comment}\n\n`;
        continue;
      }
      const said = event.data === '[DONE]' ? undefined : wire.readEvent(parsed(event.data));
      if (said) {
        for (const delta of deltasOf(said, usage)) {
          if (delta.kind === 'usage') usage = delta.usage;
          yield delta;
        }
      }
      if (!said?.isUsageOnly || !hidesUsage) passedOn += eventText(event);
      if (said?.failure !== undefined) {
        yield { kind: 'bytes', bytes: Buffer.from(passedOn) };
        throw new ProviderFailure('refused', `In the middle of a stream: ${said.failure}`);
      }
    }
    if (passedOn !== '') yield { kind: 'bytes', bytes: Buffer.from(passedOn) };
  }
}

function* deltasOf(said: Said, earlier: Usage | undefined): Generator<Delta> {
  if (said.text !== '') yield { kind: 'text', text: said.text };
  if (said.aside !== '') yield { kind: 'aside', text: said.aside };
  if (said.usage) yield { kind: 'usage', usage: merged(earlier, said.usage) };
}

/** Anthropic tells of input at the beginning and of output at the end; later numbers count. */
function merged(earlier: Usage | undefined, later: Usage): Usage {
  return {
    inputTokens: later.inputTokens ?? earlier?.inputTokens,
    cachedInputTokens: later.cachedInputTokens ?? earlier?.cachedInputTokens,
    outputTokens: later.outputTokens ?? earlier?.outputTokens,
  };
}

function eventText({ event, id, data }: EventSourceMessage): string {
  const name = event === undefined ? '' : `event: ${event}\n`;
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return `${name}${idLine}${data.replaceAll(/^/gm, 'data: ')}\n\n`;
}

function parsed(json: string): JsonObject {
  try {
    return objectAt(JSON.parse(json));
  } catch (cause) {
    throw new ProviderFailure('unreadable', 'An answer is not valid JSON.', { cause });
  }
}
