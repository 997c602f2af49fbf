import { useState } from 'preact/hooks';
import { ended, register, signIn } from '../state/account.ts';
import { signInFailure } from '../state/provider-sign-in.ts';
import { isSiteAsked, site, whom } from '../state/site.ts';
import { errorText, strings } from '../strings/strings.ts';
import { Insecure } from '../ui/insecure.tsx';
import { LanguageChoice } from '../ui/language-choice.tsx';
import { laterPart } from '../ui/later-part.tsx';
import { SiteLinks, SiteLogo } from '../ui/own-look.tsx';
import { Fault } from '../ui/use-attempt.tsx';
import { PasswordField, UsernameField } from './account-fields.tsx';

const ProviderButtons = laterPart(
  async () => (await import('./provider-buttons.tsx')).ProviderButtons,
);

/** Signs in or creates an account. */
export function SignInPage() {
  const text = strings.value;
  const [isNew, setNew] = useState(false);
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState('');
  const [isWaiting, setWaiting] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setWaiting(true);
    setFault('');
    try {
      await (isNew ? register(username, password) : signIn(username, password));
    } catch (error) {
      setFault(errorText(error));
      setWaiting(false);
    }
  };
  if (!isSiteAsked.value) return <main class="waiting" aria-busy />;
  const { sign_in: ways = [], password_login: isOn = true, directory_login } = site.value ?? {};
  const hasPasswords = isOn || directory_login === true;
  const welcome = <p>{ended.value ? text.ended[ended.value] : text.welcome}</p>;
  const buttons = (ways.length > 0 || signInFailure.value) && <ProviderButtons />;
  if (!hasPasswords) {
    return (
      <main class="sign-in">
        <div class="ways">
          <h1>{text.appName}</h1>
          {welcome}
          {buttons}
          <LanguageChoice />
        </div>
      </main>
    );
  }
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <SiteLogo />
        <h1>{text.appName}</h1>
        {welcome}
        {buttons}
        <UsernameField hasFocus value={username} onInput={setUsername} />
        <PasswordField isNew={isNew} value={password} onInput={setPassword} />
        {isNew && site.value?.staff_reads_chats && <p class="notice">{text.staffReads}</p>}
        <Fault words={fault} />
        <button type="submit" class="primary" disabled={isWaiting}>
          {isNew ? text.signUp : text.signIn}
        </button>
        {!isNew && site.value && (
          <a class="forgotten" href="/forgotten">
            {text.forgotten}
          </a>
        )}
        {site.value?.signup === 'closed' ? (
          <p>{text.signUpClosed(whom.value)}</p>
        ) : (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              setNew(!isNew);
              setFault('');
            }}
          >
            {isNew ? text.haveAccount : text.signUp}
          </button>
        )}
        <a class="button quiet" href="/invited">
          {text.haveInvitation}
        </a>
        <Insecure />
        <LanguageChoice />
        <SiteLinks />
      </form>
    </main>
  );
}
