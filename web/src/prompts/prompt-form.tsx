import { useEffect, useRef, useState } from 'preact/hooks';
import type { ListedPrompt, Prompt } from '../api/types.ts';
import { me, models } from '../state/account.ts';
import { fileTexts, uploadErrors } from '../strings/files/late.ts';
import { promptsText } from '../strings/prompts/prompts.ts';
import { errorText } from '../strings/strings.ts';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';
import { AssistantFiles, pasteInto, useFormFiles } from './assistant-files.tsx';

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
  /** The ids of all files of an assistant. */
  readonly files?: readonly string[];
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
  const files = useFormFiles(before?.files ?? []);
  /** Saved by itself once its files are there. */
  const [isWanted, setWanted] = useState(false);
  const { fault, setFault, attempt } = useAttempt((error) => errorText(error, uploadErrors.value));
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const save = () => {
    const ids = files.ready.map(({ id }) => id);
    const its = isAssistant ? { model: model === '' ? null : model, files: ids } : {};
    void attempt(() => onSave({ title, text: words, audience, ...its }));
  };
  const submit = (event: Event) => {
    event.preventDefault();
    setFault(files.state === 'failed' ? fileTexts.value.faulty : '');
    setWanted(files.state === 'uploading');
    if (files.state === 'ready') save();
  };
  useEffect(() => {
    if (!isWanted || files.state === 'uploading') return;
    setWanted(false);
    if (files.state === 'ready') save();
  }, [isWanted, files.state]);
  const names = models.value.map(({ name }) => name);
  const offered = model === '' || names.includes(model) ? names : [model, ...names];
  return (
    <form
      class="stack prompt-form"
      onSubmit={submit}
      onPaste={(event) => isAssistant && pasteInto(files, event)}
    >
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
      {isAssistant && <AssistantFiles files={files} model={model} onModel={setModel} />}
      {!before && audiences.length > 0 && (
        <AudienceField audiences={audiences} chosen={audience} onChoose={setAudience} />
      )}
      <Fault words={fault} />
      <p role="status" class="row-more">
        {isWanted ? text.savesOnceUploaded : ''}
      </p>
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

function AudienceField(props: {
  audiences: readonly Audience[];
  chosen: string;
  onChoose: (audience: string) => void;
}) {
  const { value: text } = promptsText;
  return (
    <label>
      {text.audience}
      <select value={props.chosen} onChange={(event) => props.onChoose(event.currentTarget.value)}>
        <option value="">{text.onlyMe}</option>
        {props.audiences.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
