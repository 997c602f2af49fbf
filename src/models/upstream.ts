/** A request to a provider, and its answer taken apart as far as metering needs it. */
import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';
import type { Usage } from '../core/usage.ts';
import type { Delta } from './catalogue.ts';
import type { Provider } from './provider.ts';
import {
  EMPTY_CHUNK,
  type JsonObject,
  objectAt,
  type ParsedChunk,
  type ProviderApi,
} from './provider-apis/provider-api.ts';
import { setMembers } from './provider-apis/set-members.ts';
import { ProviderFailure } from './provider-failure.ts';

/** A request in the words of a wire. */
export interface ProviderApiRequest {
  readonly wire: ProviderApi;
  /** The body as it came, and the object that it stands for. */
  readonly json: string;
  readonly body: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Asks a provider and yields what it says: the media type first, then the answer as it is to be
 * passed on, with what of it is text and usage. A stream keeps its events one by one, with their
 * data unchanged; an event that is only there because we asked for usage is left out.
 * @throws ProviderFailure
 */
export async function* askProvider(
  provider: Provider,
  { wire, json, body, headers }: ProviderApiRequest,
  to: { readonly model: string; readonly outputLimit: number; readonly signal: AbortSignal },
): AsyncGenerator<Delta> {
  const { outputLimitName } = provider.settings;
  const { contentType, chunks } = await provider.post({
    path: wire.path,
    body: setMembers(json, wire.overrides(body, { ...to, outputLimitName })),
    signal: to.signal,
    ...(headers ? { headers } : {}),
  });
  yield { contentType };
  try {
    if (!contentType.startsWith('text/event-stream')) {
      const bytes = Buffer.concat(await Array.fromAsync(chunks));
      const { text, nonReplyOutput, usage } = wire.readAnswer(parsed(bytes.toString('utf8')));
      yield { text, nonReplyOutput, ...(usage ? { usage } : {}), bytes };
      return;
    }
    const hidesUsage = objectAt(body, 'stream_options').include_usage !== true;
    const events = new EventReader(wire, hidesUsage);
    // One delta for all that comes at once: with many streams, each step of this loop counts.
    for await (const chunk of chunks) {
      const delta = events.read(chunk);
      if (delta) yield delta;
      if (events.failure) throw events.failure;
    }
  } catch (cause) {
    throw provider.failureFrom(cause);
  }
}

/** Takes a stream of events apart, chunk by chunk. */
class EventReader {
  readonly #wire: ProviderApi;
  readonly #hidesUsage: boolean;
  readonly #decoder = new TextDecoder();
  readonly #events: (EventSourceMessage | { readonly comment: string })[] = [];
  readonly #parser: EventSourceParser;
  #usage: Usage | undefined;
  /** What the provider said of its own failure, or what could not be read. */
  failure: ProviderFailure | undefined;

  constructor(wire: ProviderApi, hidesUsage: boolean) {
    this.#wire = wire;
    this.#hidesUsage = hidesUsage;
    this.#parser = createParser({
      onEvent: (event) => this.#events.push(event),
      onComment: (comment) => this.#events.push({ comment }),
    });
  }

  /** What is complete with this chunk; undefined if nothing is. */
  read(chunk: Uint8Array): Delta | undefined {
    this.#parser.feed(this.#decoder.decode(chunk, { stream: true }));
    if (this.#events.length === 0) return undefined;
    let text = '';
    let nonReplyOutput = '';
    let passedOn = '';
    for (const event of this.#events) {
      if ('comment' in event) {
        passedOn += `:${event.comment}\n\n`;
        continue;
      }
      const said = this.#said(event);
      if (!said) break;
      text += said.text;
      nonReplyOutput += said.nonReplyOutput;
      if (said.usage) this.#usage = merged(this.#usage, said.usage);
      if (!said.isUsageOnly || !this.#hidesUsage) passedOn += eventText(event);
      if (this.failure) break;
    }
    this.#events.length = 0;
    const usage = this.#usage;
    const bytes = passedOn === '' ? {} : { bytes: Buffer.from(passedOn) };
    return { text, nonReplyOutput, ...(usage ? { usage } : {}), ...bytes };
  }

  /** What an event says; undefined if it cannot be read. What came before it counts. */
  #said({ data }: EventSourceMessage): ParsedChunk | undefined {
    if (data === '[DONE]') return EMPTY_CHUNK;
    try {
      const said = this.#wire.readEvent(parsed(data));
      if (said.failure !== undefined) {
        this.failure = new ProviderFailure('refused', `In the middle of a stream: ${said.failure}`);
      }
      return said;
    } catch (failure) {
      this.failure = failure as ProviderFailure;
      return undefined;
    }
  }
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
