import type { Message } from '../api/types.ts';
import { children, showBranch } from '../state/thread.ts';
import { failureText, number, secondsText, strings } from '../strings/strings.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Icon } from '../ui/icons.tsx';
import { focusComposer, passFocus } from './focus.ts';

/** Whether a reply ended because its reader stopped it, which is no failure. */
export function wasStopped({ failure_code: code }: Message): boolean {
  return code === 'stopped' || code === 'stopped_before_reply';
}

/** The line under an answer: its actions and its cost. */
export function AnswerLine(props: {
  message: Message;
  onRegenerate: ((message: Message) => void) | undefined;
}) {
  const { message, onRegenerate } = props;
  const { reply, status } = message;
  const text = strings.value;
  const isAnswered = status !== 'failed' || wasStopped(message);
  return (
    <div class="answer-line">
      {wasStopped(message) && <span class="stopped">{failureText(message)}</span>}
      {reply && <CopyButton text={reply} class="quiet copy-answer" />}
      {onRegenerate && isAnswered && (
        <button
          type="button"
          class="quiet"
          aria-label={text.regenerateLabel}
          onClick={() => {
            onRegenerate(message);
            focusComposer();
          }}
        >
          {text.regenerate}
        </button>
      )}
      {onRegenerate && <Branches message={message} />}
      <Cost message={message} />
    </div>
  );
}

function Cost({ message }: { message: Message }) {
  const { id, cost, model, status, created_at: begun, ended_at: ended } = message;
  const { paid_by: payer } = message;
  const text = strings.value;
  if (typeof cost !== 'number' || status === 'failed') return null;
  const took = ended === null ? undefined : Date.parse(ended) - Date.parse(begun);
  const seconds = took === undefined ? [] : [text.seconds(secondsText(took))];
  const ofThinking = message.thinking?.cost;
  const thinking = ofThinking ? [text.models.costOfThinking(number(ofThinking))] : [];
  const words = [[text.costLine(number(cost)), ...thinking].join(', '), model, ...seconds];
  const account = payer?.name ? `?account=${payer.id}` : '';
  return (
    <a class="cost" href={`/statement${account}#${id}`}>
      {[...words, ...(payer?.name ? [payer.name] : [])].join(' · ')}
    </a>
  );
}

/** Which version of a message this is, and buttons to the others. */
function Branches({ message }: { message: Message }) {
  const text = strings.value;
  const siblings = children.value.get(message.parent ?? '') ?? [];
  if (siblings.length < 2) return null;
  const index = siblings.findIndex(({ id }) => id === message.id);
  const step = (by: number, control: string) => {
    const sibling = siblings[index + by];
    if (!sibling) return;
    passFocus(message.parent, control);
    showBranch(sibling.id);
  };
  return (
    <span class="branches">
      <button
        type="button"
        class="quiet previous"
        aria-label={text.previousBranch}
        disabled={index === 0}
        onClick={() => step(-1, '.previous')}
      >
        <Icon name="left" />
      </button>
      {text.branchOf(index + 1, siblings.length)}
      <button
        type="button"
        class="quiet next"
        aria-label={text.nextBranch}
        disabled={index === siblings.length - 1}
        onClick={() => step(1, '.next')}
      >
        <Icon name="right" />
      </button>
    </span>
  );
}
