import { useState } from 'preact/hooks';
import { call, expectSession } from '../api/client.ts';
import { signIn } from '../state/account.ts';
import { go } from '../state/router.ts';
import { site } from '../state/site.ts';
import { PREFIX } from '../state/site-address.ts';
import { errorText, strings } from '../strings/strings.ts';
import { LanguageChoice } from '../ui/language-choice.tsx';
import { Fault } from '../ui/use-attempt.tsx';
import { PasswordField, UsernameField } from './account-fields.tsx';

/** The page of a one-time link: creating the first superuser, or choosing a password. */
export function LinkPage({ purpose }: { purpose: 'setup' | 'reset' }) {
  const text = strings.value;
  const isSetup = purpose === 'setup';
  const [token] = useState(() => location.hash.slice(1));
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState('');
  const [isDone, setDone] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setFault('');
    try {
      if (isSetup) {
        await call('POST', '/api/setup/', { token, username, password });
        // Where passwords are off, the link itself has signed in.
        if (site.value?.password_login === false) expectSession();
        else await signIn(username, password);
        location.replace(`${PREFIX}/admin/`);
        return;
      }
      await call('POST', '/api/password/choose/', { token, password });
      if (site.value?.password_login === false) {
        expectSession();
        location.replace(`${PREFIX}/`);
        return;
      }
      setDone(true);
    } catch (error) {
      setFault(errorText(error));
    }
  };
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>{isSetup ? text.setUp : text.choosePassword}</h1>
        <p>{isDone ? text.passwordChosen : isSetup ? text.setUpText : text.choosePasswordText}</p>
        {isSetup && <UsernameField value={username} onInput={setUsername} />}
        {!isDone && <PasswordField isNew value={password} onInput={setPassword} />}
        <Fault words={fault} />
        {isDone ? (
          <button type="button" class="primary" onClick={() => go('/')}>
            {text.signIn}
          </button>
        ) : (
          <button type="submit" class="primary">
            {isSetup ? text.setUp : text.save}
          </button>
        )}
        {fault !== '' && !isSetup && (
          <a class="button quiet" href="/forgotten">
            {text.forgotten}
          </a>
        )}
        <LanguageChoice />
      </form>
    </main>
  );
}
