import { useEffect, useState } from 'preact/hooks';
import type { Message } from '../api/types.ts';
import { secondsUntil } from '../state/retry-times.ts';
import { submitMessage } from '../state/send-message.ts';
import { branch, running } from '../state/thread.ts';
import { failureText, strings } from '../strings/strings.ts';
import { CostInPlaceOf } from './models/cost-line.tsx';
import { OtherModels } from './models/offers.tsx';

/** Failures that the same model will give again. */
const ANOTHER_MODEL = new Set<Message['failure_code']>(['model_unavailable', 'model_refused']);

/** Why a reply is missing or incomplete, and what can be done about it. */
export function ReplyFailure(props: {
  message: Message;
  onRegenerate: ((message: Message) => void) | undefined;
}) {
  const { message, onRegenerate } = props;
  const isForAnother = ANOTHER_MODEL.has(message.failure_code);
  return (
    <div class="failure">
      <p>{failureText(message)}</p>
      {onRegenerate && message.status === 'failed' && (
        <>
          {isForAnother && <OtherModels message={message} isFirst />}
          <Again message={message} onRegenerate={onRegenerate} />
          {!isForAnother && <OtherModels message={message} isFirst={false} />}
          <CostInPlaceOf message={message} content={message.content} />
        </>
      )}
      {onRegenerate && message.status === 'incomplete' && <Continue message={message} />}
    </div>
  );
}

/** Asks again, once the provider may be asked. */
function Again(props: { message: Message; onRegenerate: (message: Message) => void }) {
  const { message, onRegenerate } = props;
  const text = strings.value;
  const [left, setLeft] = useState(() => secondsUntil(message.id));
  useEffect(() => {
    const timer = setInterval(() => setLeft(secondsUntil(message.id)), 250);
    return () => clearInterval(timer);
  }, [message.id]);
  return (
    <button type="button" disabled={left > 0} onClick={() => onRegenerate(message)}>
      {left > 0 ? text.retryIn(left) : text.retry}
    </button>
  );
}

/** Asks the model to go on where it was cut short: a message like any other. */
function Continue({ message }: { message: Message }) {
  const text = strings.value;
  if (branch.value.at(-1)?.id !== message.id || running.value) return null;
  return (
    <button type="button" onClick={() => void submitMessage(text.pleaseContinue)}>
      {text.continue}
    </button>
  );
}
