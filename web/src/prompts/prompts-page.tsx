import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { ListedPrompt, Prompt } from '../api/types.ts';
import { me } from '../state/account.ts';
import { promptsText } from '../strings/prompts/prompts.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
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

/** How many groups a list to choose from has at most: ten pages. */
const PAGE = 200;
const MOST_PAGES = 10;

type Edited = Prompt | 'prompt' | 'assistant';

/** The prompts and assistants that a user can use: those of one's own and those that are shared. */
export function PromptsPage() {
  const { value: text } = promptsText;
  const [prompts, setPrompts] = useState<readonly ListedPrompt[]>();
  const [groups, setGroups] = useState<readonly Audience[]>([]);
  const [shown, setShown] = useState('');
  const [edited, setEdited] = useState<Edited>();
  const { fault, attempt } = useAttempt();
  // Of two that are being read the one that was chosen last is shown.
  const latest = useRef('');
  const load = async () => {
    const { current: audience } = latest;
    const found = await readPrompts(addressOf(audience));
    if (latest.current === audience) setPrompts(found);
  };
  useEffect(() => {
    void attempt(load);
    managedGroups().then(setGroups, () => undefined);
  }, []);
  const all = me.value?.is_staff ? [{ id: 'all', name: text.fromAll }] : [];
  const audiences: Audience[] = [...all, ...groups];
  const show = async (audience: string) => {
    latest.current = audience;
    setShown(audience);
    setEdited(undefined);
    await load();
  };
  const save = async ({ audience, ...fields }: Wanted) => {
    const isNew = typeof edited !== 'object';
    if (isNew) await call('POST', addressOf(audience), { kind: edited, ...fields });
    else await call('PATCH', addressOf(edited), fields);
    // Those of a group that one is not in are in no list of one's own.
    await show(isNew ? audience : latest.current);
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
        {audiences.length > 0 && (
          <AudienceChoice
            audiences={audiences}
            shown={shown}
            onChoose={(audience) => void attempt(() => show(audience))}
          />
        )}
        {prompts?.length === 0 && <p class="empty">{text.none}</p>}
        <ul class="rows">
          {prompts?.map((prompt) =>
            typeof edited === 'object' && edited.id === prompt.id ? (
              <li key={prompt.id}>{form(edited)}</li>
            ) : (
              <Row
                key={prompt.id}
                prompt={prompt}
                onEdit={() =>
                  void attempt(async () => setEdited(await readPrompt(addressOf(prompt))))
                }
                onRemove={() => void attempt(() => remove(prompt))}
              />
            ),
          )}
        </ul>
      </section>
    </PageFrame>
  );
}

/** Whose prompts are listed, for those who share some. */
function AudienceChoice(props: {
  audiences: readonly Audience[];
  shown: string;
  onChoose: (audience: string) => void;
}) {
  const { value: text } = promptsText;
  return (
    <label class="audience-choice">
      {text.shownAudience}
      <select value={props.shown} onChange={(event) => props.onChoose(event.currentTarget.value)}>
        <option value="">{text.forYou}</option>
        {props.audiences.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Groups with which the user may share: all for staff, for others those that they manage. */
async function managedGroups(): Promise<Audience[]> {
  if (!me.value?.is_staff) {
    const { groups } = await call<{ groups: ManagedGroup[] }>('GET', '/api/groups/');
    return groups.filter((it) => it.is_manager);
  }
  const all: Audience[] = [];
  for (let cursor: string | null = '', pages = 0; cursor !== null && pages < MOST_PAGES; ) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { groups: Audience[]; next_cursor: string | null } = await call(
      'GET',
      `/api/admin/groups/?limit=${PAGE}${query}`,
    );
    all.push(...page.groups);
    cursor = page.next_cursor;
    pages += 1;
  }
  return all;
}

function Row(props: { prompt: ListedPrompt; onEdit: () => void; onRemove: () => void }) {
  const { prompt, onEdit, onRemove } = props;
  const { value: text } = promptsText;
  const [isAsked, setAsked] = useState(false);
  const { title, model, kind, shared_with: shared, group_name: group } = prompt;
  const facts = [
    text.kinds[kind],
    ...(model === null ? [] : [model]),
    ...(prompt.file_count > 0 ? [text.fileCount(prompt.file_count)] : []),
    ...(shared === null ? [] : [group ?? text.fromAll]),
  ];
  return (
    <li class="prompt-row">
      <span class="row-main">
        <strong dir="auto">{title}</strong>
        <span class="prompt-begins" dir="auto">
          {prompt.begins}
        </span>
      </span>
      <span class="row-more">{facts.join(' · ')}</span>
      {prompt.can_change && !isAsked && (
        <span class="prompt-actions">
          <IconButton icon="pencil" label={text.edit(title)} onClick={onEdit} />
          <IconButton icon="trash" label={text.remove(title)} onClick={() => setAsked(true)} />
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

function IconButton(props: { icon: IconName; label: string; onClick: () => void }) {
  const { icon, label, onClick } = props;
  return (
    <button
      type="button"
      class="quiet icon-button"
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

/** Gives a button the focus when it appears. */
function focusOn(button: HTMLButtonElement | null): void {
  button?.focus();
}
