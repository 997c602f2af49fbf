import { useState } from 'preact/hooks';
import { ApiError } from '../api/client.ts';
import { PasswordField, UsernameField } from '../components/account-fields.tsx';
import { Insecure } from '../components/insecure.tsx';
import { ended, enter, register } from '../state/account.ts';
import { site, whom } from '../state/site.ts';
import { said, strings } from '../strings/strings.ts';

/** Signing in, or making an account. */
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
      await (isNew ? register(username, password) : enter(username, password));
    } catch (error) {
      setFault(faultOf(error));
      setWaiting(false);
    }
  };
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>{text.appName}</h1>
        <p>{ended.value ? text.ended[ended.value] : text.welcome}</p>
        <UsernameField value={username} onInput={setUsername} />
        <PasswordField isNew={isNew} value={password} onInput={setPassword} />
        {fault !== '' && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" class="primary" disabled={isWaiting}>
          {isNew ? text.signUp : text.signIn}
        </button>
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
            {isNew ? text.haveAccount : text.needAccount}
          </button>
        )}
        <Insecure />
      </form>
    </main>
  );
}

/** What to say to who could not be let in. */
export function faultOf(error: unknown): string {
  const text = strings.value;
  if (!(error instanceof ApiError)) return text.offline;
  if (error.message === 'Invalid credentials') return text.wrongCredentials;
  if (error.message === 'Username already exists') return text.nameTaken;
  if (error.status === 429) return text.tooFast(error.retryAfterSeconds ?? 1);
  return said(error.message) || text.somethingWrong;
}
