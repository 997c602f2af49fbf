import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { atSessionEnd } from '../../state/account.ts';
import { path } from '../../state/router.ts';
import { strings } from '../../strings/strings.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { words } from '../words/words.ts';

/** A question before an action. */
interface Question {
  readonly title: string;
  /** The consequences, one paragraph each. */
  readonly sentences: readonly string[];
  /** The name of the action, on its button. */
  readonly label: string;
  readonly isDangerous?: boolean;
  /** What must be typed to confirm. */
  readonly phrase?: string;
  readonly hasReason?: 'optional' | 'required';
  readonly answer: (answer: Answer | undefined) => void;
}

interface Answer {
  /** Empty if none was given. */
  readonly reason: string;
}

const question = signal<Question | undefined>(undefined);

// A question does not outlive the session or the page that asked it.
const withdraw = () => question.peek()?.answer(undefined);
atSessionEnd(withdraw);
path.subscribe(withdraw);

/** Asks for confirmation. @returns undefined if it is declined */
export function confirmAction(options: Omit<Question, 'answer'>): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const asked: Question = {
      ...options,
      answer: (it) => {
        // A dialog that is removed reports once more that it was closed.
        if (question.peek() === asked) question.value = undefined;
        resolve(it);
      },
    };
    question.value = asked;
  });
}

/** The open question, as a dialog over the page. */
export function ConfirmDialog() {
  const { value: open } = question;
  return open ? <QuestionDialog key={open.title} question={open} /> : null;
}

function QuestionDialog({
  question: { title, sentences, label, isDangerous, phrase, hasReason, answer },
}: {
  question: Question;
}) {
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const isReady =
    (phrase === undefined || typed === phrase) &&
    (hasReason !== 'required' || reason.trim() !== '');
  const submit = (event: Event) => {
    event.preventDefault();
    if (isReady) answer({ reason: reason.trim() });
  };
  return (
    <Dialog title={title} onClose={() => answer(undefined)}>
      <form onSubmit={submit}>
        {sentences.map((it) => (
          <p key={it}>{it}</p>
        ))}
        {phrase !== undefined && (
          <label>
            {words.value.typeToConfirm(phrase)}
            <input
              value={typed}
              autoComplete="off"
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
        )}
        {hasReason && (
          <label>
            {hasReason === 'required' ? words.value.reason : words.value.reasonOptional}
            <input
              value={reason}
              maxLength={500}
              required={hasReason === 'required'}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
            <span class="hint">{words.value.reasonHint}</span>
          </label>
        )}
        <div class="row dialog-actions">
          <button type="button" onClick={() => answer(undefined)}>
            {strings.value.cancel}
          </button>
          <button type="submit" class={isDangerous ? 'danger' : 'primary'} disabled={!isReady}>
            {label}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
