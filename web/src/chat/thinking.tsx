import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { Message } from '../api/types.ts';
import { LaterMarkdown } from '../markdown/later-markdown.tsx';
import { liveText, liveThinking } from '../state/thread.ts';
import { number, strings } from '../strings/strings.ts';
import '../styles/answers.css';

const SECOND_MS = 1_000;
/** A wait that is shorter than this needs no number. */
const SHOWN_FROM_SECONDS = 2;

/** What a model thinks, or thought, before its reply: one line, which opens. */
export function Thinking({ message }: { message: Message }) {
  // What is opened while it lasts stays open when the reply begins.
  const opened = useState(false);
  const isPending = message.status === 'pending';
  const live = liveThinking(message.id).value;
  const isThinking = isPending && !isAtTools(message) && liveText(message.id).value === '';
  if (isThinking) return <Lasting begunMs={live.begunMs} text={live.text} opened={opened} />;
  const { thinking } = message;
  if (isPending && live.text === '') return null;
  if (!isPending && !thinking) return null;
  const ms = thinking?.ms ?? live.endedAfterMs;
  // It thinks again, after tools have answered.
  if (isPending && live.isLasting) return <Again text={live.text} opened={opened} />;
  const words =
    ms === undefined
      ? strings.value.models.thought
      : strings.value.models.thoughtFor(wholeSeconds(ms));
  const hasText = thinking?.has_text ?? live.text !== '';
  if (!hasText) return <p class="thought">{words}</p>;
  return (
    <Fold words={words} opened={opened}>
      {isPending ? (
        <LaterMarkdown text={live.text} isGrowing />
      ) : (
        <Thought id={message.id} known={live.text} />
      )}
    </Fold>
  );
}

/** Whether the line is open, and how to change that. */
type Opened = readonly [isOpen: boolean, setOpen: (isOpen: boolean) => void];

function Again({ text, opened }: { text: string; opened: Opened }) {
  return (
    <Fold words={strings.value.thinking} opened={opened} isLasting>
      <LaterMarkdown text={text} isGrowing />
    </Fold>
  );
}

/** Whether tools work, or wait to be allowed, and the model for them. */
function isAtTools({ tools }: Message): boolean {
  return tools?.calls.some(({ state }) => state === 'asked' || state === 'waiting') ?? false;
}

/** At least one, as nobody thinks for no time. */
function wholeSeconds(ms: number): string {
  return number(Math.max(1, Math.round(ms / SECOND_MS)));
}

/** While it lasts: the seconds go on, and what is thought can be read along. */
function Lasting(props: { begunMs: number; text: string; opened: Opened }) {
  const { begunMs, text, opened } = props;
  const seconds = useSecondsSince(begunMs);
  const { thinking, models } = strings.value;
  const words = seconds < SHOWN_FROM_SECONDS ? thinking : models.thinkingFor(number(seconds));
  if (text === '') return <p class="thought lasting">{words}</p>;
  return (
    <Fold words={words} opened={opened} isLasting>
      <LaterMarkdown text={text} isGrowing />
    </Fold>
  );
}

function useSecondsSince(begunMs: number): number {
  const passed = () => Math.max(0, Math.floor((performance.now() - begunMs) / SECOND_MS));
  const [seconds, setSeconds] = useState(passed());
  useEffect(() => {
    setSeconds(passed());
    const timer = setInterval(() => setSeconds(passed()), SECOND_MS);
    return () => clearInterval(timer);
  }, [begunMs]);
  return seconds;
}

function Fold(props: {
  words: string;
  opened: Opened;
  isLasting?: boolean;
  children: preact.ComponentChildren;
}) {
  const [isOpen, setOpen] = props.opened;
  return (
    <details
      class={props.isLasting ? 'thought lasting' : 'thought'}
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{props.words}</summary>
      {isOpen && <div class="thought-text">{props.children}</div>}
    </details>
  );
}

/** What was thought: as it was followed, or read when it is opened. */
function Thought({ id, known }: { id: string; known: string }) {
  const [text, setText] = useState<string | undefined>(known || undefined);
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    if (text !== undefined) return;
    call<{ thinking: string }>('GET', `/api/messages/${id}/thinking/`).then(
      ({ thinking }) => setText(thinking),
      () => setFailed(true),
    );
  }, [id]);
  if (hasFailed) return <p role="alert">{strings.value.models.thoughtMissing}</p>;
  if (text === undefined) return <p aria-busy="true">…</p>;
  return <LaterMarkdown text={text} isGrowing={false} />;
}
