import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { ListedPrompt, Prompt } from '../api/types.ts';
import { me } from '../state/account.ts';
import { promptsText } from '../strings/prompts/prompts.ts';
import { PageFrame } from '../ui/page-frame.tsx';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';
import { type Audience, addressOf, PromptForm, type Wanted } from './prompt-form.tsx';
import { readPrompt, readPrompts } from './use-prompt.ts';
import '../styles/prompts.css';

interface ManagedGroup {
  readonly id: string;
  readonly name: string;
  readonly is_manager: boolean;
}

type Edited = Prompt | 'prompt' | 'assistant';

/** The prompts and assistants that a user can use: those of one's own and those that are shared. */
export function PromptsPage() {
  const { value: text } = promptsText;
  const [prompts, setPrompts] = useState<readonly ListedPrompt[]>();
  const [groups, setGroups] = useState<readonly ManagedGroup[]>([]);
  const [edited, setEdited] = useState<Edited>();
  const { fault, attempt } = useAttempt();
  const load = async () => setPrompts(await readPrompts());
  useEffect(() => {
    void attempt(load);
    call<{ groups: ManagedGroup[] }>('GET', '/api/groups/').then(
      (found) => setGroups(found.groups),
      () => undefined,
    );
  }, []);
  const isStaff = me.value?.is_staff === true;
  const audiences: Audience[] = [
    ...(isStaff ? [{ id: 'all', name: text.fromAll }] : []),
    ...groups.filter((it) => isStaff || it.is_manager),
  ];
  const save = async ({ audience, ...fields }: Wanted) => {
    if (typeof edited === 'object') await call('PATCH', addressOf(edited), fields);
    else await call('POST', addressOf(audience), { kind: edited, ...fields });
    setEdited(undefined);
    await load();
  };
  const remove = async (prompt: ListedPrompt) => {
    await call('DELETE', addressOf(prompt));
    await load();
  };
  const form = (kind: Edited) => (
    <PromptForm
      edited={kind}
      audiences={audiences}
      onSave={save}
      onCancel={() => setEdited(undefined)}
    />
  );
  return (
    <PageFrame title={text.title}>
      <section>
        <p>{text.intro}</p>
        {edited === 'prompt' || edited === 'assistant' ? (
          form(edited)
        ) : (
          <div class="row">
            <button type="button" onClick={() => setEdited('prompt')}>
              {text.newPrompt}
            </button>
            <button type="button" onClick={() => setEdited('assistant')}>
              {text.newAssistant}
            </button>
          </div>
        )}
        <Fault words={fault} />
      </section>
      <section>
        {prompts?.length === 0 && <p class="empty">{text.none}</p>}
        <ul class="rows">
          {prompts?.map((prompt) =>
            typeof edited === 'object' && edited.id === prompt.id ? (
              <li key={prompt.id}>{form(edited)}</li>
            ) : (
              <Row
                key={prompt.id}
                prompt={prompt}
                onEdit={() => void attempt(async () => setEdited(await readPrompt(prompt.id)))}
                onRemove={() => void attempt(() => remove(prompt))}
              />
            ),
          )}
        </ul>
      </section>
    </PageFrame>
  );
}

function Row(props: { prompt: ListedPrompt; onEdit: () => void; onRemove: () => void }) {
  const { prompt, onEdit, onRemove } = props;
  const { value: text } = promptsText;
  const [isAsked, setAsked] = useState(false);
  const { title, model, kind, shared_with: shared, group_name: group } = prompt;
  const facts = [
    text.kinds[kind],
    ...(model === null ? [] : [model]),
    ...(shared === null ? [] : [group ?? text.fromAll]),
  ];
  return (
    <li>
      <span class="row-main">
        <strong dir="auto">{title}</strong>
        <span class="prompt-begins" dir="auto">
          {prompt.begins}
        </span>
      </span>
      <span class="row-more">{facts.join(' · ')}</span>
      {prompt.can_change && !isAsked && (
        <span class="row">
          <button type="button" aria-label={text.edit(title)} onClick={onEdit}>
            {text.editShort}
          </button>
          <button type="button" aria-label={text.remove(title)} onClick={() => setAsked(true)}>
            {text.removeShort}
          </button>
        </span>
      )}
      {isAsked && (
        <fieldset class="asked" aria-label={text.removeQuestion(title)}>
          <p>{text.removeQuestion(title)}</p>
          <button type="button" class="bad" ref={focusOn} onClick={onRemove}>
            {text.removeShort}
          </button>
          <button type="button" onClick={() => setAsked(false)}>
            {text.cancel}
          </button>
        </fieldset>
      )}
    </li>
  );
}

/** Gives a button the focus when it appears. */
function focusOn(button: HTMLButtonElement | null): void {
  button?.focus();
}
