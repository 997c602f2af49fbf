import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icons.tsx';
import { isComposing } from './keyboard.ts';
import { matchTyped } from './match-typed.ts';
import { Popover, type PopoverProps } from './popover.tsx';

/** One line of a menu: a link if it has `href`, a choice if it has `isChecked`, else an action. */
export interface MenuItem {
  readonly label: string;
  readonly icon?: IconName | undefined;
  /** Quiet words below the label. */
  readonly description?: string | undefined;
  /** Quiet words at the end of the line, such as a shortcut. */
  readonly detail?: string | undefined;
  readonly href?: string | undefined;
  readonly isChecked?: boolean | undefined;
  readonly isDisabled?: boolean | undefined;
  /** Whether it destroys something. */
  readonly isBad?: boolean | undefined;
  readonly onSelect?: (() => void) | undefined;
}

/** Items that belong together; a line separates them from the next ones. */
export interface MenuGroup {
  readonly label?: string | undefined;
  readonly items: readonly MenuItem[];
}

/** How long typed letters belong together. */
const TYPING_MS = 600;

/**
 * A menu beside what it is about, by the menu pattern of WAI-ARIA: arrow keys, Home and End move
 * between the items, letters find one, Enter and Space choose, Escape and Tab close. After a choice
 * the focus is on the anchor again before the action runs, which may move it on.
 */
export function Menu(props: {
  groups: readonly MenuGroup[];
  anchor: HTMLElement;
  label: string;
  onClose: () => void;
  align?: PopoverProps['align'];
  side?: PopoverProps['side'];
  /** Which item has the focus first. */
  first?: 'first' | 'last' | undefined;
}) {
  const { groups, anchor, label, onClose, align, side, first = 'first' } = props;
  const list = useRef<HTMLDivElement>(null);
  const typed = useRef({ letters: '', atMs: 0 });
  const itemsOf = () => [
    ...(list.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? []),
  ];
  const focus = (item: HTMLElement | undefined) => item?.focus();
  // Before a key can come.
  useLayoutEffect(() => {
    const items = itemsOf();
    const checked = items.find((it) => it.ariaChecked === 'true');
    focus(checked ?? (first === 'last' ? items.at(-1) : items[0]));
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const items = itemsOf();
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to: Record<string, number> = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at <= 0 ? items.length : at) - 1,
      Home: 0,
      End: items.length - 1,
    };
    if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Tab') {
      // From the anchor the key goes on to what is before or after it.
      anchor.focus();
      onClose();
    } else if (event.key in to) {
      event.preventDefault();
      event.stopPropagation();
      focus(items[to[event.key] ?? 0]);
    } else if (event.key === ' ' && typed.current.letters === '') {
      event.preventDefault();
      items[at]?.click();
    } else if (event.key.length === 1) {
      // Letters are the menu's, and no shortcut of the page.
      event.preventDefault();
      event.stopPropagation();
      const isNew = event.timeStamp - typed.current.atMs > TYPING_MS;
      const letters = (isNew ? '' : typed.current.letters) + event.key;
      typed.current = { letters, atMs: event.timeStamp };
      setTimeout(() => {
        if (typed.current.letters === letters) typed.current = { letters: '', atMs: 0 };
      }, TYPING_MS);
      const labels = items.map((it) => it.dataset.label ?? '');
      focus(items[matchTyped(labels, letters, at)]);
    }
  };
  return (
    <Popover
      anchor={anchor}
      label={label}
      onClose={onClose}
      role="menu"
      class="menu"
      align={align}
      side={side}
      onKeyDown={onKeyDown}
    >
      <div ref={list} class="menu-list">
        {groups
          .filter(({ items }) => items.length > 0)
          .map(({ label: name, items }, index) => (
            // biome-ignore lint/a11y/useSemanticElements: A fieldset is no part of a menu.
            <div key={index} class="menu-group" role="group" aria-label={name}>
              {name !== undefined && (
                <div class="menu-heading" dir="auto" aria-hidden="true">
                  {name}
                </div>
              )}
              {items.map((item) => (
                <Item key={item.label} item={item} anchor={anchor} onClose={onClose} />
              ))}
            </div>
          ))}
      </div>
    </Popover>
  );
}

function Item(props: { item: MenuItem; anchor: HTMLElement; onClose: () => void }) {
  const { item, anchor, onClose } = props;
  const { label, icon, description, detail, href, isChecked, isDisabled = false, isBad } = item;
  const choose = (event: MouseEvent) => {
    if (isDisabled) {
      event.preventDefault();
      return;
    }
    anchor.focus();
    onClose();
    item.onSelect?.();
  };
  const shared = {
    class: isBad ? 'menu-item bad' : 'menu-item',
    tabIndex: -1,
    'data-label': label,
    'aria-disabled': isDisabled || undefined,
    onClick: choose,
    onPointerMove: ({ currentTarget }: { currentTarget: HTMLElement }) =>
      currentTarget.focus({ preventScroll: true }),
  } as const;
  const content = (
    <>
      {isChecked !== undefined && (
        <span class="menu-check">{isChecked && <Icon name="check" />}</span>
      )}
      {icon && <Icon name={icon} />}
      <span class="menu-words">
        <span dir="auto">{label}</span>
        {description !== undefined && <span class="menu-description">{description}</span>}
      </span>
      {detail !== undefined && <span class="menu-detail">{detail}</span>}
    </>
  );
  if (href !== undefined) {
    return (
      <a {...shared} role="menuitem" href={href}>
        {content}
      </a>
    );
  }
  return isChecked === undefined ? (
    <button type="button" {...shared} role="menuitem">
      {content}
    </button>
  ) : (
    <button type="button" {...shared} role="menuitemradio" aria-checked={isChecked}>
      {content}
    </button>
  );
}

/** A button that opens a menu. */
export function MenuButton(props: {
  label: string;
  /** Read when it opens. */
  groups: () => readonly MenuGroup[];
  class?: string;
  align?: PopoverProps['align'];
  side?: PopoverProps['side'];
  /** For what else stands beside the button. */
  buttonRef?: RefObject<HTMLButtonElement | null>;
  children: ComponentChildren;
}) {
  const { label, groups, align, side, children } = props;
  const own = useRef<HTMLButtonElement>(null);
  const button = props.buttonRef ?? own;
  const [opened, setOpened] = useState<'first' | 'last'>();
  return (
    <>
      <button
        ref={button}
        type="button"
        class={props.class ?? 'quiet'}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={opened !== undefined}
        onClick={() => setOpened('first')}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          setOpened(event.key === 'ArrowDown' ? 'first' : 'last');
        }}
      >
        {children}
      </button>
      {opened !== undefined && button.current && (
        <Menu
          groups={groups()}
          anchor={button.current}
          label={label}
          first={opened}
          align={align}
          side={side}
          onClose={() => setOpened(undefined)}
        />
      )}
    </>
  );
}
