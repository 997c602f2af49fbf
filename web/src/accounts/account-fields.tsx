import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { isTouchScreen } from '../chat/focus.ts';
import { site } from '../state/site.ts';
import { strings } from '../strings/strings.ts';
import { takeFocus } from '../ui/keyboard.ts';

interface Field {
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** The username field of the sign-in and sign-up forms. */
export function UsernameField(
  props: Field & {
    readonly hasFocus?: boolean;
    /** Whether the browser may offer passkeys in it. */
    readonly takesPasskeys?: boolean;
  },
) {
  const { value, onInput, hasFocus = false, takesPasskeys = false } = props;
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
        // The types of Preact do not know the token of WebAuthn.
        autoComplete={(takesPasskeys ? 'username webauthn' : 'username') as 'username'}
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

/** A field for the current or a new password, which can be shown as it is typed. */
export function PasswordField(
  props: Field & {
    readonly isNew: boolean;
    /** The label, where a form has more than one. */
    readonly label?: string;
  },
) {
  const { value, onInput, isNew, label = strings.value.password } = props;
  const text = strings.value;
  const [isShown, setShown] = useState(false);
  const hint = useId();
  const least = isNew ? site.value?.password_min_length : undefined;
  return (
    <div class="password-field">
      <label>
        {label}
        <input
          // The types of Preact do not know that a field can become another one.
          type={(isShown ? 'text' : 'password') as 'password'}
          autoComplete={isNew ? 'new-password' : 'current-password'}
          autoCapitalize="none"
          spellcheck={false}
          minLength={least}
          aria-describedby={least ? hint : undefined}
          required
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      </label>
      <button type="button" class="quiet" onClick={() => setShown(!isShown)}>
        {isShown ? text.hidePassword : text.showPassword}
      </button>
      {least && <small id={hint}>{text.passwordHint(least)}</small>}
    </div>
  );
}
