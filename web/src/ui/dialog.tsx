import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { isTouchScreen } from '../chat/focus.ts';
import { strings } from '../strings/strings.ts';
import { Announcer } from './announcer.tsx';
import { returnFocus } from './return-focus.ts';

/**
 * A modal dialog. Escape and a click outside close it, and the focus returns to its opener. A press
 * that began inside never closes it, such as one that selects text; nor does one outside while a
 * text in it was changed.
 */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const { title, onClose, children } = props;
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const { current: dialog } = element;
    const opener = document.activeElement;
    dialog?.showModal();
    // Focus in its first field would open the keyboard over the dialog.
    if (isTouchScreen()) dialog?.querySelector<HTMLElement>('.dialog-close')?.focus();
    return () => {
      // Nothing outside an open dialog can have the focus.
      dialog?.close();
      requestAnimationFrame(() => returnFocus(opener));
    };
  }, []);
  const pressed = useRef<EventTarget | null>(null);
  const texts = useRef('');
  useEffect(() => {
    texts.current = textsIn(element.current);
  }, []);
  const closeBeside = (event: MouseEvent) => {
    const isOutside = event.target === element.current && pressed.current === element.current;
    if (isOutside && textsIn(element.current) === texts.current) onClose();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it as well.
    <dialog
      ref={element}
      aria-label={title}
      onClose={onClose}
      onPointerDown={(event) => {
        pressed.current = event.target;
      }}
      onClick={closeBeside}
    >
      <div class="dialog-body">
        <h2 title={title}>{title}</h2>
        {children}
        <button
          type="button"
          class="dialog-close"
          aria-label={strings.value.close}
          onClick={onClose}
        >
          ×
        </button>
      </div>
      <Announcer />
    </dialog>
  );
}

/** What is written in a dialog. */
function textsIn(dialog: HTMLElement | null): string {
  const fields = dialog?.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(
    'textarea, input:not([type="checkbox"], [type="radio"])',
  );
  return JSON.stringify(Array.from(fields ?? [], ({ value }) => value));
}
