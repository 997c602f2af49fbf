/** Follows a reply while it is generated, through lost networks and reloads. */
import { ApiError, authorized, Unreachable } from './client.ts';
import { eventsOf } from './event-stream.ts';
import type { Message } from './types.ts';

/** A message as it ended. */
export interface EndedMessage extends Message {
  /** How long its provider asked to be left alone, if it did. */
  readonly retry_after_seconds?: number;
}

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 8_000;

/**
 * Reads a reply from its beginning to its end. After a lost connection it goes on where it was, by
 * the header Last-Event-ID.
 * @returns the message as it ended
 * @throws ApiError if the server refuses, DOMException if the signal aborts
 */
export async function followReply(
  id: string,
  options: {
    readonly onText: (text: string) => void;
    /** Receives what the model thinks, and how long it has, in milliseconds. */
    readonly onThinking: (text: string, ms: number) => void;
    /** Receives the message when its model has called tools, or they have answered. */
    readonly onTools: (message: Message) => void;
    /** Called when the connection is lost, and when it is back. */
    readonly onConnection: (isThere: boolean) => void;
    readonly signal: AbortSignal;
  },
): Promise<EndedMessage> {
  const { onText, onThinking, onTools, onConnection, signal } = options;
  let position = '';
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)) {
    try {
      const headers = position === '' ? {} : { 'last-event-id': position };
      const response = await authorized('GET', `/api/messages/${id}/stream/`, undefined, {
        headers,
        signal,
      });
      onConnection(true);
      const done = await readReply(response, onTools, ({ isThinking, text, ms }, at) => {
        delayMs = FIRST_DELAY_MS;
        position = at;
        if (isThinking) onThinking(text, ms);
        else onText(text);
      });
      if (done) return done;
    } catch (error) {
      const mayPass = error instanceof ApiError ? error.status >= 500 : !signal.aborted;
      if (!mayPass) throw error;
    }
    onConnection(false);
    await waitForNetwork(delayMs, signal);
  }
}

/** A piece of a reply, or of what its model thinks. */
interface Piece {
  readonly isThinking: boolean;
  readonly text: string;
  readonly ms: number;
}

/** @returns the message if the stream came to its end; undefined if it was cut off */
async function readReply(
  response: Response,
  onTools: (message: Message) => void,
  onPiece: (piece: Piece, position: string) => void,
): Promise<EndedMessage | undefined> {
  for await (const { name, id, data } of eventsOf(response)) {
    if (name === 'done') return data as EndedMessage;
    if (name === 'tools') {
      onTools(data as Message);
      continue;
    }
    const isThinking = name === 'thinking';
    if (name !== 'delta' && !isThinking) throw new Unreachable();
    const { text, ms = 0 } = data as { text: string; ms?: number };
    onPiece({ isThinking, text, ms }, id);
  }
  return undefined;
}

/** Waits for a while, or until the browser says that the network is back. */
function waitForNetwork(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer);
      window.removeEventListener('online', over);
      signal.removeEventListener('abort', over);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(over, delayMs);
    window.addEventListener('online', over);
    signal.addEventListener('abort', over);
  });
}
