/** Follows a reply while it is written, through lost networks and reloads. */
import { createParser } from 'eventsource-parser';
import { ApiError, authorized, Unreachable } from './client.ts';
import type { Message } from './types.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;

/**
 * Reads a reply to its end, from its beginning. What was read before the connection broke is not
 * read again.
 * @returns the message as it ended
 * @throws ApiError if the server refuses, DOMException if the signal aborts
 */
export async function followReply(
  id: string,
  options: {
    readonly onText: (text: string) => void;
    /** Told when the connection is lost, and when it is back. */
    readonly onConnection: (isThere: boolean) => void;
    readonly signal: AbortSignal;
  },
): Promise<Message> {
  const { onText, onConnection, signal } = options;
  let position = '';
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      const headers = position === '' ? {} : { 'last-event-id': position };
      const answer = await authorized('GET', `/api/messages/${id}/stream/`, undefined, {
        headers,
        signal,
      });
      onConnection(true);
      const done = await readEvents(answer, (text, at) => {
        pauseMs = FIRST_PAUSE_MS;
        position = at;
        onText(text);
      });
      if (done) return done;
    } catch (error) {
      const mayPass = error instanceof ApiError ? error.status >= 500 : !signal.aborted;
      if (!mayPass) throw error;
    }
    onConnection(false);
    await backAgain(pauseMs, signal);
  }
}

/** @returns the message if the stream came to its end; undefined if it was cut off */
async function readEvents(
  answer: Response,
  onText: (text: string, position: string) => void,
): Promise<Message | undefined> {
  let done: Message | undefined;
  let failure: Error | undefined;
  const parser = createParser({
    onEvent: ({ event, id = '', data }) => {
      const said: unknown = JSON.parse(data);
      if (event === 'delta') onText((said as { text: string }).text, id);
      else if (event === 'done') done = said as Message;
      else failure = new Unreachable();
    },
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  while (reader && !done) {
    const { value, done: isOver } = await reader.read();
    if (isOver) break;
    parser.feed(value);
    if (failure) throw failure;
  }
  await reader?.cancel().catch(() => undefined);
  return done;
}

/** After a while, or as soon as the browser says that the network is there again. */
function backAgain(pauseMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer);
      window.removeEventListener('online', over);
      signal.removeEventListener('abort', over);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(over, pauseMs);
    window.addEventListener('online', over);
    signal.addEventListener('abort', over);
  });
}
