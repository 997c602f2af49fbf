import { createParser } from 'eventsource-parser';
import { useState } from 'preact/hooks';
import { authorized } from '../../api/client.ts';
import { number } from '../../strings/strings.ts';
import { Labelled } from '../ui/filters.tsx';
import { sentenceOf } from '../ui/list.tsx';
import { roundSeconds } from '../usage/usage-charts.tsx';
import { saidHere, words } from '../words/words.ts';

/** What a model said, as far as it is there, and what it cost when it is over. */
interface Tried {
  readonly response: string;
  readonly cost?: number;
  readonly ms?: number;
  readonly fault?: string | undefined;
}

/** Asks a model, as whoever looks at the page. */
export function TryIt({ names }: { names: readonly string[] }) {
  const [model, setModel] = useState(names[0] ?? '');
  const [message, setMessage] = useState('');
  const [tried, setTried] = useState<Tried>();
  const [isWaiting, setWaiting] = useState(false);
  const ask = async (event: Event) => {
    event.preventDefault();
    setWaiting(true);
    setTried({ response: '' });
    await askModel({ model, message }, (more) =>
      setTried((it) => ({ response: '', ...it, ...more })),
    );
    setWaiting(false);
  };
  return (
    <section class="place-section">
      <h2>{words.value.tryIt}</h2>
      <p class="hint">{words.value.tryText}</p>
      <form class="try-it" onSubmit={(event) => void ask(event)}>
        <Labelled name="model" label={words.value.model}>
          <select
            id="filter-model"
            value={model}
            onChange={(event) => setModel(event.currentTarget.value)}
          >
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </Labelled>
        <Labelled name="message" label={words.value.message}>
          <input
            required
            id="filter-message"
            value={message}
            onInput={(event) => setMessage(event.currentTarget.value)}
          />
        </Labelled>
        <button type="submit" class="primary" disabled={isWaiting}>
          {words.value.send}
        </button>
      </form>
      <div class="tried" role="status" aria-busy={isWaiting}>
        {tried && tried.response !== '' && <p>{tried.response}</p>}
        {tried?.fault !== undefined && <p class="fault">{tried.fault}</p>}
        {tried?.cost !== undefined && (
          <p class="hint">
            {words.value.tried(number(tried.cost), roundSeconds((tried.ms ?? 0) / 1000))}
          </p>
        )}
      </div>
    </section>
  );
}

/** Tells what comes of a message, piece by piece. */
async function askModel(
  body: { readonly model: string; readonly message: string },
  onMore: (more: Partial<Tried>) => void,
): Promise<void> {
  const begun = performance.now();
  let response = '';
  let isOver = false;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      const said = JSON.parse(data) as Said;
      isOver ||= event === 'done' || event === 'error';
      if (event === 'delta') {
        response += said.text ?? '';
        onMore({ response });
      }
      if (event === 'done') onMore({ cost: said.cost ?? 0, ms: performance.now() - begun });
      const fault = said.failure ?? said.error ?? said.detail;
      if (fault) onMore({ fault: saidHere(fault) });
    },
  });
  try {
    const answer = await authorized('POST', '/api/chat/', { ...body, stream: true });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) break;
      parser.feed(value ?? '');
    }
    if (!isOver) onMore({ fault: words.value.cutOff });
  } catch (error) {
    onMore({ fault: sentenceOf(error) });
  }
}

/** What the events of a stream have in them, some this and some that. */
interface Said {
  readonly text?: string;
  readonly cost?: number;
  readonly failure?: string | null;
  readonly error?: string;
  readonly detail?: string;
}
