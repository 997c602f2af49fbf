import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { conversations, listedConversation, pinned } from '../../state/conversations.ts';
import { type Hit, jumpTo } from '../../state/jump.ts';
import { conversation as openConversation } from '../../state/thread.ts';
import { orderText } from '../../strings/order/order.ts';
import { errorText, strings } from '../../strings/strings.ts';
import { Icon } from '../../ui/icons.tsx';
import { isComposing } from '../../ui/keyboard.ts';
import { returnFocus } from '../../ui/return-focus.ts';
import { type Command, commandsFor, rename } from './commands.ts';
import { Snippet } from './snippet.tsx';
import '../../styles/palette.css';

const TYPING_PAUSE_MS = 150;
const PAGE = 20;
const RECENT = 6;

type Option =
  | { readonly kind: 'chat'; readonly id: string; readonly hit: Hit }
  | { readonly kind: 'command'; readonly id: string; readonly command: Command }
  | { readonly kind: 'more'; readonly id: string };

interface Found {
  readonly words: string;
  readonly hits: readonly Hit[];
  readonly cursor: string | null;
  readonly error: string;
}

const NOTHING: Found = { words: '', hits: [], cursor: null, error: '' };

/**
 * Finds chats by any words, with where they match, and runs commands: a combobox with a list, by
 * the pattern of WAI-ARIA. Arrow keys choose, Enter opens.
 */
export function Palette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const text = orderText.value;
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const isRunning = useRef(false);
  const [words, setWords] = useState('');
  const [renaming, setRenaming] = useState<string>();
  const { found, isSearching, loadMore } = useHits(renaming === undefined ? words : '');
  const { value: shown } = openConversation;
  const open = shown && { ...shown, ...listedConversation(shown.id) };
  useModal(dialog, isRunning);
  const sections = useSections(words, found, commandsFor(open, { onHelp }));
  const options = sections.flatMap((it) => it.options);
  const [at, setAt] = useChosen(words, options.length);
  const close = (then?: () => void) => {
    isRunning.current = then !== undefined;
    onClose();
    then?.();
  };
  const choose = (option: Option | undefined) => {
    if (!option) return;
    if (option.kind === 'more') void loadMore();
    else if (option.kind === 'chat') close(() => jumpTo(option.hit, words));
    else if (option.command.isRename) {
      setRenaming(open?.id);
      setWords(open?.title ?? '');
    } else close(option.command.run);
  };
  const saveName = async () => {
    const title = words.trim();
    if (title !== '' && renaming !== undefined)
      await rename(renaming, title).catch(() => undefined);
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      if (renaming !== undefined) void saveName();
      else choose(options[at]);
      return;
    }
    const next = renaming === undefined ? steppedTo(event.key, at, options.length) : undefined;
    if (next === undefined) return;
    event.preventDefault();
    setAt(next);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it as well.
    <dialog
      ref={dialog}
      class="palette"
      aria-label={text.palette}
      onClose={onClose}
      onPointerDown={(event) => {
        // By where the pointer went down: selecting text may end outside.
        if (event.target === dialog.current) onClose();
      }}
      onClick={() => undefined}
    >
      <div class="palette-body">
        <div class="palette-head">
          <Icon name={renaming === undefined ? 'search' : 'pencil'} />
          <Field
            id={id}
            isName={renaming !== undefined}
            chosen={options.length > 0 ? lineId(id, at) : undefined}
            words={words}
            onWords={setWords}
            onKeyDown={onKeyDown}
          />
          <button
            type="button"
            class="quiet palette-close"
            aria-label={strings.value.close}
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        </div>
        {found.error !== '' && <p role="alert">{found.error}</p>}
        {renaming === undefined ? (
          <List id={id} sections={sections} at={at} onChoose={choose} onPoint={setAt} />
        ) : (
          <p class="palette-note">{text.saveName}</p>
        )}
        {options.length === 0 && renaming === undefined && !isSearching && (
          <p class="palette-note">{text.nothing(words.trim())}</p>
        )}
        <Foot
          isSearching={isSearching}
          count={words.trim() === '' || renaming !== undefined ? undefined : options.length}
        />
      </div>
    </dialog>
  );
}

/** Which keys there are; and to screen readers how much was found. */
function Foot({ isSearching, count }: { isSearching: boolean; count: number | undefined }) {
  const text = orderText.value;
  return (
    <>
      <p class="palette-foot" aria-hidden="true">
        {isSearching ? text.searching : text.keys}
      </p>
      <div class="offscreen" role="status">
        {isSearching || count === undefined ? '' : text.results(count)}
      </div>
    </>
  );
}

/** The field for words to search for, or for the new name of a chat. */
function Field(props: {
  id: string;
  isName: boolean;
  /** The id of the option that is chosen. */
  chosen: string | undefined;
  words: string;
  onWords: (words: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}) {
  const { id, isName, chosen, words, onWords, onKeyDown } = props;
  const text = orderText.value;
  return (
    <input
      type="text"
      role="combobox"
      dir="auto"
      enterkeyhint={isName ? 'done' : 'go'}
      aria-label={isName ? text.newName : text.palette}
      placeholder={isName ? text.newName : text.placeholder}
      aria-expanded={chosen !== undefined && !isName}
      aria-controls={`${id}-list`}
      aria-autocomplete="list"
      aria-activedescendant={isName ? undefined : chosen}
      maxLength={isName ? 200 : 100}
      autocomplete="off"
      value={words}
      onInput={(event) => onWords(event.currentTarget.value)}
      onKeyDown={onKeyDown}
    />
  );
}

/** Which option a key leads to; undefined if it is not about options. */
function steppedTo(key: string, at: number, count: number): number | undefined {
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[key];
  if (step === undefined || count === 0) return undefined;
  if (Math.abs(step) > 1) return Math.min(count - 1, Math.max(0, at + step));
  return (at + step + count) % count;
}

function lineId(id: string, index: number): string {
  return `${id}-${index}`;
}

/** The options, in groups. */
function List(props: {
  id: string;
  sections: ReturnType<typeof useSections>;
  at: number;
  onChoose: (option: Option) => void;
  onPoint: (at: number) => void;
}) {
  const { id, sections, at, onChoose, onPoint } = props;
  return (
    <div id={`${id}-list`} class="palette-list" role="listbox" aria-label={orderText.value.palette}>
      {sections.map(({ title, options, first }) => (
        // biome-ignore lint/a11y/useSemanticElements: A fieldset is no part of a listbox.
        <div key={title} role="group" aria-label={title}>
          <div class="palette-heading" aria-hidden="true">
            {title}
          </div>
          {options.map((option, index) => (
            <Line
              key={option.id}
              id={lineId(id, first + index)}
              option={option}
              isChosen={first + index === at}
              onChoose={() => onChoose(option)}
              onPoint={() => onPoint(first + index)}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

function Line(props: {
  id: string;
  option: Option;
  isChosen: boolean;
  onChoose: () => void;
  onPoint: () => void;
}) {
  const { id, option, isChosen, onChoose, onPoint } = props;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isChosen) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: The keys are those of the field.
    // biome-ignore lint/a11y/useFocusableInteractive: The field has the focus, and names it.
    <div
      ref={element}
      id={id}
      role="option"
      class="palette-line"
      aria-selected={isChosen}
      onClick={onChoose}
      onPointerMove={onPoint}
    >
      <Words option={option} />
    </div>
  );
}

function Words({ option }: { option: Option }) {
  const text = orderText.value;
  if (option.kind === 'more') return <span class="palette-title">{text.more}</span>;
  if (option.kind === 'command') {
    const { label, icon, detail } = option.command;
    return (
      <>
        <Icon name={icon} />
        <span class="palette-title">{label}</span>
        {detail && <kbd>{detail}</kbd>}
      </>
    );
  }
  const { title, match, archived } = option.hit;
  const name = title === '' ? strings.value.untitled : title;
  return (
    <span class="palette-hit">
      {match?.where === 'title' ? (
        <Snippet class="palette-title" text={match.text} ranges={match.ranges} />
      ) : (
        <span class="palette-title" dir="auto">
          {name}
        </span>
      )}
      {archived && <span class="palette-mark">{text.archived}</span>}
      {match && match.where !== 'title' && <Snippet text={match.text} ranges={match.ranges} />}
    </span>
  );
}

/** What is offered: without words commands and recent chats; else what was found, and commands. */
function useSections(words: string, found: Found, commands: readonly Command[]) {
  const text = orderText.value;
  const typed = words.trim().toLowerCase();
  const matching = commands.filter(({ label }) =>
    typed.split(/\s+/u).every((it) => label.toLowerCase().includes(it)),
  );
  const recent = [...(pinned.value ?? []), ...(conversations.value ?? [])].slice(0, RECENT);
  const hits = typed === '' ? recent : found.hits;
  const chats = hits.map((hit): Option => ({ kind: 'chat', id: hit.id, hit }));
  if (typed !== '' && found.cursor !== null) chats.push({ kind: 'more', id: 'more' });
  const lines = matching.map((it): Option => ({ kind: 'command', id: it.id, command: it }));
  const all = [
    { title: typed === '' ? text.recent : text.found, options: chats },
    { title: text.commands, options: lines },
  ].filter(({ options }) => options.length > 0);
  let first = 0;
  return all.map((section) => {
    const placed = { title: section.title, options: section.options, first };
    first += section.options.length;
    return placed;
  });
}

/** Which option is chosen: the first one again with other words. */
function useChosen(words: string, count: number): [number, (at: number) => void] {
  const [chosen, setChosen] = useState({ words, at: 0 });
  const at = chosen.words === words ? Math.min(chosen.at, Math.max(0, count - 1)) : 0;
  return [at, (to) => setChosen({ words, at: to })];
}

/** Searches after a pause; only the answer to the last words counts. */
function useHits(words: string) {
  const typed = words.trim();
  const [found, setFound] = useState<Found>(NOTHING);
  const current = useRef(typed);
  current.current = typed;
  const read = async (cursor: string | null) => {
    const query = new URLSearchParams({ q: typed, limit: `${PAGE}` });
    if (cursor !== null) query.set('cursor', cursor);
    try {
      const page = await call<{ conversations: Hit[]; next_cursor: string | null }>(
        'GET',
        `/api/conversations/?${query}`,
      );
      if (current.current !== typed) return;
      const before = cursor === null ? [] : found.hits;
      const hits = [...before, ...page.conversations];
      setFound({ words: typed, hits, cursor: page.next_cursor, error: '' });
    } catch (error) {
      if (current.current !== typed) return;
      setFound({ words: typed, hits: [], cursor: null, error: errorText(error) });
    }
  };
  useEffect(() => {
    if (typed === '') {
      setFound(NOTHING);
      return undefined;
    }
    const timer = setTimeout(() => void read(null), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const isSearching = typed !== '' && found.words !== typed;
  const loadMore = () => read(found.cursor);
  return useMemo(() => ({ found, isSearching, loadMore }), [found, isSearching]);
}

/** Opens the dialog, and gives the focus back unless something was chosen. */
function useModal(
  dialog: { readonly current: HTMLDialogElement | null },
  isRunning: { readonly current: boolean },
): void {
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    dialog.current?.querySelector('input')?.focus();
    return () => {
      dialog.current?.close();
      if (!isRunning.current) requestAnimationFrame(() => returnFocus(opener));
    };
  }, []);
}
