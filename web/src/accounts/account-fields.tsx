import { useEffect, useRef } from 'preact/hooks';
import { isTouchScreen } from '../chat/focus.ts';
import { strings } from '../strings/strings.ts';
import { takeFocus } from '../ui/keyboard.ts';

interface Field {
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** The username field of the sign-in and sign-up forms. */
export function UsernameField(props: Field & { readonly hasFocus?: boolean }) {
  const { value, onInput, hasFocus = false } = props;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (hasFocus && !isTouchScreen()) takeFocus(field.current);
  }, [hasFocus]);
  return (
    <label>
      {strings.value.username}
      <input
        ref={field}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellcheck={false}
        maxLength={50}
        required
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}

/** A field for the current or a new password. */
export function PasswordField(
  props: Field & {
    readonly isNew: boolean;
    /** The label, where a form has more than one. */
    readonly label?: string;
  },
) {
  const { value, onInput, isNew, label = strings.value.password } = props;
  return (
    <label>
      {label}
      <input
        type="password"
        autoComplete={isNew ? 'new-password' : 'current-password'}
        maxLength={128}
        required
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}
