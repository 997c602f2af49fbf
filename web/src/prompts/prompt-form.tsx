import { useEffect, useRef, useState } from 'preact/hooks';
import type { ListedPrompt, Prompt } from '../api/types.ts';
import { me, models } from '../state/account.ts';
import { promptsText } from '../strings/prompts/prompts.ts';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';

/** With whom a prompt can be shared; the id `all` is everybody. */
export interface Audience {
  readonly id: string;
  readonly name: string;
}

/** What is written in the form. */
export interface Wanted {
  readonly title: string;
  readonly text: string;
  readonly model?: string | null;
  /** Empty for the user alone. */
  readonly audience: string;
}

/** Where the prompts of an audience are, or one that exists. */
export function addressOf(which: string | Prompt | ListedPrompt): string {
  const audience =
    typeof which === 'string' ? which : which.shared_with === 'all' ? 'all' : (which.group ?? '');
  const last = typeof which === 'string' ? '' : `${which.id}/`;
  if (audience === '') return `/api/prompts/${last}`;
  const base = me.value?.is_staff ? '/api/admin/groups' : '/api/groups';
  return `${base}/${audience}/prompts/${last}`;
}

/** Creates or changes a prompt or an assistant. */
export function PromptForm(props: {
  edited: Prompt | 'prompt' | 'assistant';
  audiences: readonly Audience[];
  onSave: (wanted: Wanted) => Promise<void>;
  onCancel: () => void;
}) {
  const { edited, audiences, onSave, onCancel } = props;
  const { value: text } = promptsText;
  const before = typeof edited === 'object' ? edited : undefined;
  const isAssistant = (before?.kind ?? edited) === 'assistant';
  const [title, setTitle] = useState(before?.title ?? '');
  const [words, setWords] = useState(before?.text ?? '');
  const [model, setModel] = useState(before?.model ?? '');
  const [audience, setAudience] = useState('');
  const { fault, attempt } = useAttempt();
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const save = (event: Event) => {
    event.preventDefault();
    const its = isAssistant ? { model: model === '' ? null : model } : {};
    void attempt(() => onSave({ title, text: words, audience, ...its }));
  };
  const names = models.value.map(({ name }) => name);
  const offered = model === '' || names.includes(model) ? names : [model, ...names];
  return (
    <form class="stack prompt-form" onSubmit={save}>
      <label>
        {text.name}
        <input
          ref={first}
          required
          maxLength={100}
          dir="auto"
          value={title}
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </label>
      <label class="prompt-field">
        {isAssistant ? text.instructions : text.promptText}
        <textarea
          required
          rows={6}
          maxLength={20_000}
          dir="auto"
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
      </label>
      {!isAssistant && <p class="row-more">{text.variablesHint}</p>}
      {isAssistant && (
        <label>
          {text.model}
          <select value={model} onChange={(event) => setModel(event.currentTarget.value)}>
            <option value="">{text.anyModel}</option>
            {offered.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {!before && audiences.length > 0 && (
        <label>
          {text.audience}
          <select value={audience} onChange={(event) => setAudience(event.currentTarget.value)}>
            <option value="">{text.onlyMe}</option>
            {audiences.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <Fault words={fault} />
      <div class="row">
        <button type="submit" class="primary">
          {before ? text.save : text.create}
        </button>
        <button type="button" onClick={onCancel}>
          {text.cancel}
        </button>
      </div>
    </form>
  );
}
