import { useEffect, useRef, useState } from 'preact/hooks';
import type { ListedPrompt, Prompt } from '../api/types.ts';
import { draftFor, writeDraft } from '../state/sending.ts';
import { promptsText } from '../strings/prompts/prompts.ts';
import { locale, strings } from '../strings/strings.ts';
import { isComposing } from '../ui/keyboard.ts';
import { stepInList } from '../ui/list-step.ts';
import { Popover } from '../ui/popover.tsx';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';
import { beginWith, isBeginning, readPrompt, readPrompts } from './use-prompt.ts';
import { draftWith, variablesIn } from './variables.ts';
import { VariablesForm } from './variables-form.tsx';
import '../styles/prompts.css';

const LIST = 'prompt-list';

/**
 * The choice of prompts and assistants, by the pattern of a combobox with a list. What is chosen is
 * put into the composer, never sent.
 */
export function PromptPicker(props: {
  anchor: HTMLElement;
  conversation: string | undefined;
  /** Whether `/` was typed, and what follows it searches. */
  isTyped: boolean;
  onClose: () => void;
}) {
  const { anchor, conversation, isTyped, onClose } = props;
  const { value: text } = promptsText;
  const [search, setSearch] = useState(isTyped ? draftFor(conversation).slice(1) : '');
  const [prompts, setPrompts] = useState<readonly ListedPrompt[]>();
  const [asked, setAsked] = useState<Prompt>();
  const { fault, attempt } = useAttempt();
  useEffect(() => void attempt(async () => setPrompts(sorted(await readPrompts()))), []);
  const insert = (words: string) => {
    writeDraft(conversation, draftWith(draftFor(conversation), words, isTyped));
    leaveTo(onClose);
  };
  const choose = (listed: ListedPrompt) =>
    attempt(async () => {
      const prompt = await readPrompt(`/api/prompts/${listed.id}/`);
      if (prompt.kind === 'assistant') {
        await beginWith(prompt);
        if (isTyped) writeDraft(conversation, '');
        leaveTo(onClose);
      } else if (variablesIn(prompt.text).length > 0) setAsked(prompt);
      else insert(prompt.text);
    });
  const onSearch = (words: string) => {
    setSearch(words);
    // What was typed is still there when nothing is chosen.
    if (isTyped) writeDraft(conversation, `/${words}`);
  };
  const found = prompts?.filter(
    (it) => (it.kind === 'prompt' || isBeginning()) && matches(it, search),
  );
  return (
    <Popover
      anchor={anchor}
      label={asked?.title ?? strings.value.prompts}
      side="above"
      class="prompts-popover"
      onClose={onClose}
    >
      {asked ? (
        <VariablesForm prompt={asked} onFilled={insert} />
      ) : (
        <>
          <SearchField
            search={search}
            found={found ?? []}
            isTyped={isTyped}
            onSearch={onSearch}
            onChoose={(it) => void choose(it)}
            onNothing={() => leaveTo(onClose)}
          />
          {prompts?.length === 0 && <p class="empty">{text.none}</p>}
          {prompts && prompts.length > 0 && found?.length === 0 && (
            <p role="status">{text.nothingFound}</p>
          )}
          <Fault words={fault} />
          <a class="prompts-more" href="/prompts">
            {text.manage}
          </a>
        </>
      )}
    </Popover>
  );
}

/** Closes, with the focus in the composer, where the text is now. */
function leaveTo(onClose: () => void): void {
  document.getElementById('composer')?.focus();
  onClose();
}

function SearchField(props: {
  search: string;
  found: readonly ListedPrompt[];
  isTyped: boolean;
  onSearch: (words: string) => void;
  onChoose: (prompt: ListedPrompt) => void;
  onNothing: () => void;
}) {
  const { search, found, isTyped, onSearch, onChoose, onNothing } = props;
  const { value: text } = promptsText;
  const [active, setActive] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const at = Math.max(
    0,
    found.findIndex(({ id }) => id === active),
  );
  const current = found[at];
  useEffect(() => {
    // The keyboard of a touch screen is open already, and stays so.
    if (isTyped) field.current?.focus();
  }, []);
  useEffect(() => {
    document.getElementById(optionId(at))?.scrollIntoView?.({ block: 'nearest' });
  }, [at, search]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    const to = stepInList(event.key, at, found.length - 1);
    if (to !== undefined) {
      event.preventDefault();
      setActive(found[to]?.id ?? '');
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (current) onChoose(current);
      else if (isTyped) onNothing();
    } else if (event.key === 'Backspace' && isTyped && search === '') {
      event.preventDefault();
      onSearch('');
      onNothing();
    }
  };
  return (
    <>
      <input
        ref={field}
        type="text"
        role="combobox"
        autofocus
        aria-expanded="true"
        aria-autocomplete="list"
        aria-controls={LIST}
        aria-activedescendant={current && optionId(at)}
        aria-label={text.search}
        placeholder={text.search}
        value={search}
        onInput={(event) => {
          onSearch(event.currentTarget.value);
          setActive('');
        }}
        onKeyDown={onKeyDown}
      />
      <div id={LIST} class="prompt-options" role="listbox" aria-label={strings.value.prompts}>
        {found.map((prompt, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: The field has the keyboard.
          <div
            key={prompt.id}
            id={optionId(index)}
            role="option"
            tabIndex={-1}
            class={index === at ? 'prompt-option active' : 'prompt-option'}
            aria-selected={index === at}
            onClick={() => onChoose(prompt)}
            onPointerMove={() => setActive(prompt.id)}
          >
            <Option prompt={prompt} />
          </div>
        ))}
      </div>
    </>
  );
}

function Option({ prompt }: { prompt: ListedPrompt }) {
  const { value: text } = promptsText;
  const facts = [
    ...(prompt.kind === 'assistant' ? [text.kinds.assistant] : []),
    ...(prompt.model === null ? [] : [prompt.model]),
    ...(prompt.file_count > 0 ? [text.fileCount(prompt.file_count)] : []),
    ...(prompt.shared_with === null ? [] : [prompt.group_name ?? text.fromAll]),
  ];
  return (
    <>
      <span class="prompt-title" dir="auto">
        {prompt.title}
      </span>
      <span class="prompt-begins" dir="auto">
        {prompt.begins}
      </span>
      {facts.length > 0 && <span class="prompt-facts">{facts.join(' · ')}</span>}
    </>
  );
}

function optionId(index: number): string {
  return `${LIST}-${index}`;
}

function sorted(prompts: readonly ListedPrompt[]): readonly ListedPrompt[] {
  const collator = new Intl.Collator(locale.value, { numeric: true });
  return prompts.toSorted((a, b) => collator.compare(a.title, b.title));
}

/** Every word has to be in the title or the beginning of the text. */
function matches({ title, begins }: ListedPrompt, search: string): boolean {
  const words = `${title} ${begins}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => words.includes(word));
}
