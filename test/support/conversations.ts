/** A user who talks: conversations over HTTP, for tests. */
import { request as open } from 'node:http';
import { createParser } from 'eventsource-parser';
import { type Answer, postJson, send } from './http.ts';

/** The fields of a conversation that tests read. */
export interface ShownConversation {
  readonly id: string;
  readonly title: string;
  readonly model: string | null;
  readonly system_prompt: string;
  readonly leaf: string | null;
  readonly share: string | null;
}

/** The fields of a message that tests read. */
export interface ShownMessage {
  readonly id: string;
  readonly parent: string | null;
  readonly content: string;
  readonly model: string;
  readonly reply: string | null;
  readonly status: string;
  readonly failure: string | null;
  readonly failure_code: string | null;
  readonly cost: number | null;
  /** Rounds and calls of tools. */
  readonly tools: unknown;
}

export interface Event {
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly data: { readonly text?: string } & Partial<ShownMessage>;
}

/** One user's calls. */
export class Talker {
  readonly #url: string;
  readonly #access: string;

  constructor(url: string, access: string) {
    this.#url = url;
    this.#access = access;
  }

  /** Signs in. */
  static async of(url: string, username: string, password: string): Promise<Talker> {
    const { json } = await postJson(`${url}/api/login/`, { username, password });
    return new Talker(url, (json as { access: string }).access);
  }

  call(method: string, path: string, body?: object, more: Record<string, string> = {}) {
    const headers = { authorization: `Bearer ${this.#access}`, ...more };
    const json = body && { 'content-type': 'application/json' };
    const sent = { method, headers: { ...headers, ...json } };
    return send(`${this.#url}${path}`, body ? { ...sent, body: JSON.stringify(body) } : sent);
  }

  async begin(wishes: object = {}): Promise<ShownConversation> {
    const { json } = await this.call('POST', '/api/conversations/', wishes);
    return json as ShownConversation;
  }

  say(conversation: string, message: string, more: object = {}, key?: string): Promise<Answer> {
    const path = `/api/conversations/${conversation}/messages/`;
    const headers: Record<string, string> = key ? { 'idempotency-key': key } : {};
    return this.call('POST', path, { message, ...more }, headers);
  }

  /** Says something and waits for the end of the reply. */
  async exchange(conversation: string, message: string, more: object = {}): Promise<ShownMessage> {
    const { json } = await this.say(conversation, message, more);
    const { id } = json as ShownMessage;
    const events = await this.follow(id);
    return events.at(-1)?.data as ShownMessage;
  }

  /**
   * Reads a reply until it is done, or so many events have come; then the connection is cut.
   * @param options `from` is the `Last-Event-ID`; `onBegun` is called when the stream has begun
   */
  follow(
    id: string,
    options: { from?: string; events?: number; onBegun?: () => void } = {},
  ): Promise<Event[]> {
    const { from, events: enough = Number.POSITIVE_INFINITY, onBegun } = options;
    const headers: Record<string, string> = { authorization: `Bearer ${this.#access}` };
    if (from !== undefined) headers['last-event-id'] = from;
    return new Promise((resolve, reject) => {
      const outgoing = open(`${this.#url}/api/messages/${id}/stream`, { headers, agent: false });
      const events: Event[] = [];
      outgoing.on('response', (incoming) => {
        incoming.setEncoding('utf8');
        onBegun?.();
        const parser = createParser({
          onEvent: ({ event, id: eventId, data }) => {
            events.push({ event, id: eventId, data: JSON.parse(data) as Event['data'] });
            if (events.length < enough) return;
            resolve(events);
            outgoing.destroy();
          },
        });
        incoming.on('data', (text: string) => parser.feed(text));
        incoming.on('end', () => resolve(events));
        incoming.on('error', () => resolve(events));
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
  }

  async messages(conversation: string): Promise<ShownMessage[]> {
    const { json } = await this.call('GET', `/api/conversations/${conversation}/messages/`);
    return (json as { messages: ShownMessage[] }).messages;
  }

  async conversations(query = ''): Promise<ShownConversation[]> {
    const { json } = await this.call('GET', `/api/conversations/${query}`);
    return (json as { conversations: ShownConversation[] }).conversations;
  }
}

/** All text in the events of a stream. */
export function textOf(events: readonly Event[]): string {
  return events.map(({ data, event }) => (event === 'delta' ? data.text : '')).join('');
}
