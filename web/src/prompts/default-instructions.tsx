import { useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import { me, refreshAccount } from '../state/account.ts';
import { promptsText } from '../strings/prompts/prompts.ts';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';
import '../styles/prompts.css';

/** The instructions that new chats begin with. */
export function DefaultInstructions() {
  const { value: text } = promptsText;
  const [words, setWords] = useState(me.value?.instructions ?? '');
  const [isSaved, setSaved] = useState(false);
  const { fault, attempt } = useAttempt();
  const save = async (event: Event) => {
    event.preventDefault();
    setSaved(false);
    const isDone = await attempt(async () => {
      await call('PUT', '/api/instructions/', { text: words });
      await refreshAccount();
    });
    setSaved(isDone);
  };
  return (
    <>
      <section id="instructions">
        <h2>{text.defaults}</h2>
        <p>{text.defaultsText}</p>
        <form class="stack" onSubmit={(event) => void save(event)}>
          <textarea
            class="prompt-field"
            rows={4}
            maxLength={20_000}
            dir="auto"
            aria-label={text.defaults}
            value={words}
            onInput={(event) => {
              setSaved(false);
              setWords(event.currentTarget.value);
            }}
          />
          {isSaved && <p role="status">{text.saved}</p>}
          <Fault words={fault} />
          <button type="submit">{text.save}</button>
        </form>
      </section>
      <section>
        <h2>{text.title}</h2>
        <p>{text.intro}</p>
        <div class="row">
          <a class="button" href="/prompts">
            {text.manage}
          </a>
        </div>
      </section>
    </>
  );
}
