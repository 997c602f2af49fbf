import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { Dialog } from '../components/dialog.tsx';
import { words } from './words.ts';

/** Something that is asked before it is done. */
interface Question {
  readonly title: string;
  readonly text: string;
  /** What must be typed to go on. */
  readonly phrase?: string;
  readonly hasReason?: 'optional' | 'required';
  readonly answer: (answer: { readonly reason: string } | undefined) => void;
}

const question = signal<Question | undefined>(undefined);

/** Asks; undefined if the answer is no. */
export function confirmed(
  about: Omit<Question, 'answer'>,
): Promise<{ readonly reason: string } | undefined> {
  return new Promise((resolve) => {
    question.value = {
      ...about,
      answer: (it) => {
        question.value = undefined;
        resolve(it);
      },
    };
  });
}

/** The question that is open, over the page. */
export function OpenQuestion() {
  const { value: open } = question;
  return open ? <QuestionDialog key={open.text} question={open} /> : null;
}

function QuestionDialog({
  question: { title, text, phrase, hasReason, answer },
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
        <p>{text}</p>
        {phrase !== undefined && (
          <input
            aria-label={text}
            value={typed}
            autoComplete="off"
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {hasReason && (
          <label>
            {hasReason === 'required' ? words.reason : words.reasonOptional}
            <input
              value={reason}
              maxLength={500}
              required={hasReason === 'required'}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </label>
        )}
        <div class="row">
          <button type="submit" class="primary" disabled={!isReady}>
            {words.doIt}
          </button>
          <button type="button" onClick={() => answer(undefined)}>
            {words.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
