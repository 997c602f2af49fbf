import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { atSessionEnd } from '../../state/account.ts';
import { path } from '../../state/router.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { words } from '../words/words.ts';

/** Something that is asked before it is done. */
interface Question {
  readonly title: string;
  /** What will happen, in numbers: a sentence or more each. */
  readonly sentences: readonly string[];
  /** What the button says: the deed, by its name. */
  readonly deed: string;
  readonly isDangerous?: boolean;
  /** What must be typed to go on. */
  readonly phrase?: string;
  readonly hasReason?: 'optional' | 'required';
  readonly answer: (answer: Answer | undefined) => void;
}

interface Answer {
  /** Empty if none was given. */
  readonly reason: string;
}

const question = signal<Question | undefined>(undefined);

// What was asked of one user, or at one place, is not answered by another or elsewhere.
const withdraw = () => question.peek()?.answer(undefined);
atSessionEnd(withdraw);
path.subscribe(withdraw);

/** Asks; undefined if the answer is no. */
export function confirmed(about: Omit<Question, 'answer'>): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const asked: Question = {
      ...about,
      answer: (it) => {
        // A dialog that is taken away says once more that it was closed.
        if (question.peek() === asked) question.value = undefined;
        resolve(it);
      },
    };
    question.value = asked;
  });
}

/** The question that is open, over the page. */
export function OpenQuestion() {
  const { value: open } = question;
  return open ? <QuestionDialog key={open.title} question={open} /> : null;
}

function QuestionDialog({
  question: { title, sentences, deed, isDangerous, phrase, hasReason, answer },
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
            {words.value.typeToGoOn(phrase)}
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
          </label>
        )}
        <div class="row">
          <button type="submit" class={isDangerous ? 'danger' : 'primary'} disabled={!isReady}>
            {deed}
          </button>
          <button type="button" onClick={() => answer(undefined)}>
            {words.value.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
