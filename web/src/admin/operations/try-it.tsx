import { useState } from 'preact/hooks';
import type { ReplyFailure } from '../../../../src/http/framework/error-schema.ts';
import { ApiError, authorized } from '../../api/client.ts';
import { eventsOf } from '../../api/event-stream.ts';
import { failureText, strings } from '../../strings/strings.ts';
import { durationText } from '../ui/duration-text.ts';
import { Labelled } from '../ui/filters.tsx';
import { errorMessage } from '../words/errors.ts';
import { words } from '../words/words.ts';

/** A model's reply so far, and its cost when it has ended. */
interface Trial {
  readonly response: string;
  readonly cost?: number;
  readonly ms?: number;
  readonly fault?: string | undefined;
}

/** Sends a message to a model in the name of the signed-in user. */
export function TryIt({ names }: { names: readonly string[] }) {
  const [model, setModel] = useState(names[0] ?? '');
  const [message, setMessage] = useState('');
  const [trial, setTrial] = useState<Trial>();
  const [isSending, setSending] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setSending(true);
    setTrial({ response: '' });
    await tryModel({ model, message }, (change) =>
      setTrial((before) => ({ response: '', ...before, ...change })),
    );
    setSending(false);
  };
  return (
    <section class="page-section">
      <h2>{words.value.tryModel}</h2>
      <p class="hint">{words.value.tryModelText}</p>
      <form class="try-it" onSubmit={(event) => void submit(event)}>
        <Labelled name="model" label={strings.value.model}>
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
        <button type="submit" class="primary" disabled={isSending}>
          {strings.value.send}
        </button>
      </form>
      <div class="tried" role="status" aria-busy={isSending}>
        {trial && trial.response !== '' && <p>{trial.response}</p>}
        {trial?.fault !== undefined && <p class="fault">{trial.fault}</p>}
        {trial?.cost !== undefined && (
          <p class="hint">
            {words.value.replyCost(trial.cost, durationText((trial.ms ?? 0) / 1000))}
          </p>
        )}
      </div>
    </section>
  );
}

/** The data of an event of the stream; each kind of event has some of it. */
interface EventData {
  readonly text?: string;
  readonly cost?: number;
  readonly failure?: string | null;
  readonly failure_code?: ReplyFailure | null;
}

/** Streams the reply to a message, piece by piece. */
async function tryModel(
  body: { readonly model: string; readonly message: string },
  onChange: (change: Partial<Trial>) => void,
): Promise<void> {
  const startedAt = performance.now();
  let response = '';
  let hasEnded = false;
  try {
    const answer = await authorized('POST', '/api/chat/', { ...body, stream: true });
    for await (const { name, data } of eventsOf(answer)) {
      const it = data as EventData;
      hasEnded ||= name === 'done' || name === 'error';
      if (name === 'delta') {
        response += it.text ?? '';
        onChange({ response });
      }
      if (name === 'done') onChange({ cost: it.cost ?? 0, ms: performance.now() - startedAt });
      // An error event has the body of an error answer.
      const fault =
        name === 'error'
          ? errorMessage(new ApiError(500, it, new Headers()))
          : failureText({ failure: it.failure ?? null, failure_code: it.failure_code ?? null });
      if (fault) onChange({ fault });
    }
    if (!hasEnded) onChange({ fault: strings.value.failures.model_broke_off });
  } catch (error) {
    onChange({ fault: errorMessage(error) });
  }
}
