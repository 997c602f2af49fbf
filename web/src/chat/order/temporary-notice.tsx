import { useEffect } from 'preact/hooks';
import { openTemporary, wantsTemporary } from '../../state/temporary.ts';
import { strings } from '../../strings/strings.ts';
import { Icon } from '../../ui/icons.tsx';

/** Makes the chat that is begun next a temporary one, or not. */
export function TemporaryToggle({ id }: { id: string | undefined }) {
  const text = strings.value.order;
  useEffect(() => {
    if (id !== undefined) return undefined;
    // Whoever goes elsewhere and comes back begins an ordinary chat.
    return () => {
      wantsTemporary.value = false;
    };
  }, [id]);
  if (id !== undefined) return null;
  return (
    <button
      type="button"
      class="quiet icon-button temporary-toggle"
      aria-label={text.temporary}
      title={text.temporary}
      aria-pressed={wantsTemporary.value}
      onClick={() => {
        wantsTemporary.value = !wantsTemporary.value;
      }}
    >
      <Icon name="timer" />
    </button>
  );
}

/** Says while a temporary chat is open, or is to be begun, what that means. */
export function TemporaryNotice({ id }: { id: string | undefined }) {
  const text = strings.value.order;
  const isShown = id === undefined ? wantsTemporary.value : openTemporary.value !== undefined;
  if (!isShown) return null;
  return (
    <p class="notice temporary" role="note">
      <strong>{text.temporary}.</strong> {text.temporaryText}
    </p>
  );
}
