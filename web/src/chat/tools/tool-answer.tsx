import { useState } from 'preact/hooks';
import type { Message } from '../../api/types.ts';
import { Markdown } from '../../markdown/markdown.tsx';
import { decideCall, offer } from '../../state/tools.ts';
import { dayAndClock, number, strings } from '../../strings/strings.ts';
import '../../styles/tools.css';

type Tools = NonNullable<Message['tools']>;
type Call = Tools['calls'][number];

/** The reply to a message whose model has called tools: what it wrote, and the calls between. */
export function ToolAnswer({ message, text }: { message: Message; text: string }) {
  const { tools } = message;
  if (!tools) return null;
  const isPending = message.status === 'pending';
  let begin = 0;
  const parts = tools.rounds.map(({ text_end: end }, index) => {
    const written = text.slice(begin, end).trim();
    begin = Math.max(begin, end);
    const calls = tools.calls.filter(({ round }) => round === index + 1);
    return { written, calls, number: index + 1 };
  });
  const rest = text.slice(begin).trim();
  return (
    <>
      {parts.map((part) => (
        <div key={part.number} class="tool-round">
          {part.written !== '' && <Markdown text={part.written} isGrowing={false} />}
          {part.calls.map((call) => (
            <Step key={call.id} call={call} message={message} />
          ))}
        </div>
      ))}
      {rest !== '' && <Markdown text={rest} isGrowing={isPending} />}
    </>
  );
}

/** One call: a line that opens, or a question to its user. */
function Step({ call, message }: { call: Call; message: Message }) {
  const text = strings.value.tools;
  const { approve_until: until } = message.tools ?? {};
  if (call.state === 'waiting' && until)
    return <Question call={call} message={message} until={until} />;
  // Readers of a shared chat see only that there was one.
  if (call.arguments === '' && call.result === null) {
    return <p class={`tool-step ${call.state}`}>{lineOf(call)}</p>;
  }
  return (
    <details class={`tool-step ${call.state}`}>
      <summary>{lineOf(call)}</summary>
      <dl>
        <dt>{text.sent}</dt>
        <dd>
          <pre>{call.arguments}</pre>
        </dd>
        {call.result !== null && (
          <>
            <dt>{text.answer}</dt>
            <dd>
              <pre>{call.result}</pre>
            </dd>
          </>
        )}
      </dl>
    </details>
  );
}

/** Such as `Searched the web · 2 tokens`. */
function lineOf(call: Call): string {
  const text = strings.value.tools;
  const { state, cost } = call;
  const isOver = state !== 'asked' && state !== 'waiting';
  const isWeb = isSearch(call);
  const done = isWeb ? text.searched : text.used(call.name, call.tool);
  const going = isWeb ? text.searching : text.using(call.name, call.tool);
  if (!isOver) return going;
  const outcome = { denied: text.denied, failed: text.failed, refused: text.refused };
  if (state in outcome) {
    return `${questionOf(call).replace(/\s?\?$/, '')} · ${outcome[state as keyof typeof outcome]}`;
  }
  return cost > 0 ? `${done} · ${text.cost(number(cost))}` : done;
}

function questionOf(call: Call): string {
  const text = strings.value.tools;
  return isSearch(call) ? text.wantsSearch : text.wants(call.name, call.tool);
}

function isSearch({ tool }: Call): boolean {
  return offer.value?.tools.some(({ name, kind }) => name === tool && kind === 'search') ?? false;
}

function Question({ call, message, until }: { call: Call; message: Message; until: string }) {
  const text = strings.value.tools;
  const [isBusy, setBusy] = useState(false);
  const question = questionOf(call);
  const decide = async (decision: 'allow' | 'deny') => {
    setBusy(true);
    await decideCall(message, call.id, decision);
    setBusy(false);
  };
  return (
    <fieldset class="tool-question" aria-label={question}>
      <p>
        <strong>{question}</strong>{' '}
        <span class="soft">{text.untilLabel(dayAndClock(until)[1])}</span>
      </p>
      <pre>{call.arguments}</pre>
      <div class="row">
        <button
          type="button"
          disabled={isBusy}
          aria-label={text.denyLabel(question)}
          onClick={() => void decide('deny')}
        >
          {text.deny}
        </button>
        <button
          type="button"
          class="primary"
          disabled={isBusy}
          aria-label={text.allowLabel(question)}
          onClick={() => void decide('allow')}
        >
          {text.allow}
        </button>
      </div>
    </fieldset>
  );
}
