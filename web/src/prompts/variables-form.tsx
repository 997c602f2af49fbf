import { useEffect, useRef, useState } from 'preact/hooks';
import type { Prompt } from '../api/types.ts';
import { promptsText } from '../strings/prompts/prompts.ts';
import { filledIn, variablesIn } from './variables.ts';

/** Asks for the variables of a prompt. */
export function VariablesForm(props: { prompt: Prompt; onFilled: (text: string) => void }) {
  const { prompt, onFilled } = props;
  const form = useRef<HTMLFormElement>(null);
  const names = variablesIn(prompt.text);
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(names.map((name) => [name, ''])),
  );
  useEffect(() => form.current?.querySelector('textarea')?.focus(), []);
  return (
    <form
      ref={form}
      class="variables"
      onSubmit={(event) => {
        event.preventDefault();
        onFilled(filledIn(prompt.text, values));
      }}
    >
      <h2 dir="auto">{prompt.title}</h2>
      {names.map((name) => (
        <label key={name}>
          <span dir="auto">{name}</span>
          <textarea
            rows={1}
            dir="auto"
            value={values[name]}
            onInput={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
              event.preventDefault();
              form.current?.requestSubmit();
            }}
          />
        </label>
      ))}
      <button type="submit" class="primary">
        {promptsText.value.insert}
      </button>
    </form>
  );
}
