import type { Site } from '../api/types.ts';
import { reportText } from '../state/error-notice.ts';
import { leaveForProvider, signInFailure } from '../state/provider-sign-in.ts';
import { site, whom } from '../state/site.ts';
import { signInText } from '../strings/sign-in/texts.ts';
import { shownLanguage, textOf } from '../strings/strings.ts';
import { Fault } from '../ui/use-attempt.tsx';

/** Whoever runs the site decides about accounts. */
const ASK = [
  'sign_in_no_account',
  'sign_in_disabled',
  'sign_in_refused',
  'sign_in_stale',
  'sign_in_unprovable',
];

/** A button for each provider to sign in by, and why the last attempt failed. */
export function ProviderButtons() {
  const { sign_in: ways = [], password_login: isOn = true, directory_login } = site.value ?? {};
  const hasPasswords = isOn || directory_login === true;
  return (
    <>
      <Fault words={failureText(signInFailure.value)} />
      {ways.map(({ name, button }) => (
        <button
          key={name}
          type="button"
          class={hasPasswords ? 'provider' : 'provider primary'}
          onClick={() => leaveForProvider(name)}
        >
          {buttonText({ name, button })}
        </button>
      ))}
      {hasPasswords && ways.length > 0 && <p class="between">{signInText.value.or}</p>}
    </>
  );
}

/** What the button of a provider says. */
export function buttonText({ name, button }: Site['sign_in'][number]): string {
  return button[shownLanguage.value] ?? button[''] ?? button.en ?? signInText.value.signInBy(name);
}

/** Says why a provider did not sign in again who is signed in already. */
export function tellFailure(): void {
  reportText(failureText(signInFailure.value));
  signInFailure.value = undefined;
}

function failureText(code: string | undefined): string {
  if (code === undefined) return '';
  const { failures, failed, ask } = signInText.value;
  const sentence = textOf(failures, code, undefined) ?? failed;
  return ASK.includes(code) ? `${sentence} ${ask(whom.value)}` : sentence;
}
