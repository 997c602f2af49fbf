import { useEffect, useRef, useState } from 'preact/hooks';
import type { Model } from '../../api/types.ts';
import { models, refreshModels } from '../../state/account.ts';
import { typicalText } from '../../strings/cost-text.ts';
import { modelListText } from '../../strings/models/list.ts';
import { priceText } from '../../strings/price-text.ts';
import { shortNumber, shownLanguage, strings } from '../../strings/strings.ts';
import { Icon } from '../../ui/icons.tsx';
import { isComposing } from '../../ui/keyboard.ts';
import { stepInList } from '../../ui/list-step.ts';
import { Popover } from '../../ui/popover.tsx';
import { ModelSettings } from './model-settings.tsx';
import '../../styles/models.css';

const LIST = 'model-list';

/**
 * The choice of models, by the pattern of a combobox with a list: typing searches, arrow keys move,
 * Enter chooses. Below it is what can be set of the chosen one.
 */
export function ModelList(props: {
  anchor: HTMLElement;
  name: string;
  onChange: (name: string) => void;
  onClose: () => void;
}) {
  const { anchor, name, onChange, onClose } = props;
  const { value: text } = modelListText;
  const [search, setSearch] = useState('');
  const [active, setActive] = useState(name);
  const list = useRef<HTMLDivElement>(null);
  const found = models.value.filter((it) => matches(it, search));
  const at = Math.max(
    0,
    found.findIndex((it) => it.name === active),
  );
  const current = found[at];
  // What is usual changes with each message.
  useEffect(() => void refreshModels().catch(() => undefined), []);
  useEffect(() => {
    const option = document.getElementById(optionId(at));
    option?.scrollIntoView?.({ block: 'nearest' });
  }, [at, search]);
  const choose = (model: Model | undefined) => {
    if (!model) return;
    onChange(model.name);
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    const to = stepInList(event.key, at, found.length - 1);
    if (to !== undefined) {
      event.preventDefault();
      setActive(found[to]?.name ?? name);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(current);
    }
  };
  return (
    <Popover anchor={anchor} label={strings.value.model} onClose={onClose} class="models-popover">
      <input
        type="text"
        role="combobox"
        autofocus
        aria-expanded="true"
        aria-autocomplete="list"
        aria-controls={LIST}
        aria-activedescendant={current && optionId(at)}
        aria-label={text.searchModels}
        placeholder={text.searchModels}
        value={search}
        onInput={(event) => {
          setSearch(event.currentTarget.value);
          setActive('');
        }}
        onKeyDown={onKeyDown}
      />
      <div
        ref={list}
        id={LIST}
        class="model-options"
        role="listbox"
        aria-label={strings.value.model}
      >
        {found.map((model, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: The field has the keyboard.
          <div
            key={model.name}
            id={optionId(index)}
            role="option"
            tabIndex={-1}
            class={index === at ? 'model-option active' : 'model-option'}
            aria-selected={model.name === name}
            onClick={() => choose(model)}
            onPointerMove={() => setActive(model.name)}
          >
            <Option model={model} isChosen={model.name === name} />
          </div>
        ))}
      </div>
      {found.length === 0 && <p role="status">{text.noModels}</p>}
      <ModelSettings />
    </Popover>
  );
}

function optionId(index: number): string {
  return `${LIST}-${index}`;
}

function Option({ model, isChosen }: { model: Model; isChosen: boolean }) {
  const { value: text } = modelListText;
  const description = descriptionOf(model);
  const abilities = abilitiesOf(model);
  const { from } = model.typical_cost;
  // That it is free stands beside its name already.
  const price = isPriced(model) ? [priceText(model)] : [];
  return (
    <>
      <span class="model-option-head">
        <span class="model-name">{model.name}</span>
        {isChosen && <Icon name="check" />}
        <span class="model-price">{typicalText(model)}</span>
      </span>
      {description !== '' && <span class="model-description">{description}</span>}
      <span class="model-facts">
        {[...abilities, ...price, ...(isMetered(model) ? [text.usually[from]] : [])].join(
          '\u{a0}· ',
        )}
      </span>
    </>
  );
}

function isPriced({ price }: Model): boolean {
  return price.per_message > 0 || isMetered({ price });
}

function isMetered({ price }: Pick<Model, 'price'>): boolean {
  return price.per_million_input + price.per_million_output > 0;
}

function abilitiesOf(model: Model): string[] {
  const { value: text } = modelListText;
  const { reads, context_limit: context } = model;
  return [
    ...(model.is_failing ? [text.isFailing] : []),
    ...(context === null ? [] : [text.context(shortNumber(context))]),
    ...(reads.includes('image') ? [text.readsPictures] : []),
    ...(reads.includes('pdf') ? [text.readsPdf] : []),
    ...(model.thinks ? [text.thinks] : []),
    ...(model.tools ? [text.usesTools] : []),
  ];
}

/** In the language of the page if there is one, else in any. */
function descriptionOf({ description }: Model): string {
  if (!description) return '';
  const { value: language } = shownLanguage;
  return (
    description[language] ??
    description[''] ??
    description.en ??
    Object.values(description)[0] ??
    ''
  );
}

/** Every word has to be in the name or the description. */
function matches(model: Model, search: string): boolean {
  const text = `${model.name} ${descriptionOf(model)}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
