/** Server-sent events, as https://html.spec.whatwg.org/multipage/server-sent-events.html has them. */
import { createParser } from 'eventsource-parser';

/** An event whose data is JSON. */
export interface StreamEvent {
  readonly name: string | undefined;
  /** The position after this event, for the header Last-Event-ID; empty if it has none. */
  readonly id: string;
  readonly data: unknown;
}

/**
 * The events of a response, as they come. A reader that stops early cancels the response.
 * @throws SyntaxError if an event's data is not JSON; the error of the network if that is lost
 */
export async function* eventsOf(response: Response): AsyncGenerator<StreamEvent, void> {
  const arrived: StreamEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, id = '', data }) => {
      arrived.push({ name: event, id, data: JSON.parse(data) as unknown });
    },
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  try {
    while (reader) {
      const { value, done } = await reader.read();
      if (done) return;
      parser.feed(value);
      yield* arrived.splice(0);
    }
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
}
