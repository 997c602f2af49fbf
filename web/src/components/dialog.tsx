import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { strings } from '../strings/strings.ts';

/** A dialog over the page; Escape and a click beside it close it. */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const { title, onClose, children } = props;
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  const closeBeside = (event: MouseEvent) => {
    if (event.target === element.current) onClose();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it as well.
    <dialog ref={element} aria-label={title} onClose={onClose} onClick={closeBeside}>
      <div class="dialog-body">
        <h2>{title}</h2>
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
    </dialog>
  );
}
