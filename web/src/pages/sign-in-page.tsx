import { useState } from 'preact/hooks';
import { ApiError } from '../api/client.ts';
import { Insecure } from '../components/insecure.tsx';
import { enter, hasExpired, register } from '../state/account.ts';
import { strings } from '../strings/strings.ts';

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
        <p>{hasExpired.value ? text.sessionExpired : text.welcome}</p>
        <label>
          {text.username}
          <input
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            maxLength={50}
            required
            value={username}
            onInput={(event) => setUsername(event.currentTarget.value)}
          />
        </label>
        <label>
          {text.password}
          <input
            name="password"
            type="password"
            autoComplete={isNew ? 'new-password' : 'current-password'}
            maxLength={128}
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        {fault !== '' && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" class="primary" disabled={isWaiting}>
          {isNew ? text.signUp : text.signIn}
        </button>
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
  return error.message || text.somethingWrong;
}
