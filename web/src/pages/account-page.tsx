import { useState } from 'preact/hooks';
import { ApiError, call, signOut } from '../api/client.ts';
import { PasswordField } from '../components/account-fields.tsx';
import { ApiKeys } from '../components/api-keys.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { Sessions } from '../components/sessions.tsx';
import { me } from '../state/account.ts';
import { type Language, language, type Theme, theme } from '../state/preferences.ts';
import { go } from '../state/router.ts';
import { said, strings } from '../strings/strings.ts';

/** Password, keys, sessions, and how the page looks. */
export function AccountPage() {
  const text = strings.value;
  const leave = () => {
    go('/', { replaces: true });
    void signOut();
  };
  return (
    <PageFrame title={me.value?.username ?? ''}>
      <section>
        <h2>{text.appearance}</h2>
        <div class="row">
          <select
            aria-label={text.appearance}
            value={theme.value}
            onChange={(event) => {
              theme.value = event.currentTarget.value as Theme;
            }}
          >
            <option value="system">{text.system}</option>
            <option value="light">{text.light}</option>
            <option value="dark">{text.dark}</option>
          </select>
          <select
            aria-label={text.language}
            value={language.value}
            onChange={(event) => {
              language.value = event.currentTarget.value as Language;
            }}
          >
            <option value="en">English</option>
            <option value="de">Deutsch</option>
          </select>
        </div>
      </section>
      {me.value?.staff_reads_chats && <p class="notice">{text.staffReads}</p>}
      <ApiKeys />
      <Sessions />
      <Password />
      <section>
        <button type="button" onClick={leave}>
          {text.signOut}
        </button>
      </section>
    </PageFrame>
  );
}

function Password() {
  const text = strings.value;
  const [old, setOld] = useState('');
  const [next, setNext] = useState('');
  const [fault, setFault] = useState('');
  const [isDone, setDone] = useState(false);
  const change = async (event: Event) => {
    event.preventDefault();
    setFault('');
    setDone(false);
    try {
      await call('POST', '/api/password/', { old_password: old, new_password: next });
      setDone(true);
      setOld('');
      setNext('');
    } catch (error) {
      setFault(error instanceof ApiError ? said(error.message) : text.offline);
    }
  };
  return (
    <section>
      <h2>{text.changePassword}</h2>
      <form class="stack" onSubmit={(event) => void change(event)}>
        <PasswordField isNew={false} label={text.oldPassword} value={old} onInput={setOld} />
        <PasswordField isNew label={text.newPassword} value={next} onInput={setNext} />
        {isDone && <p role="status">{text.passwordChanged}</p>}
        {fault !== '' && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit">{text.changePassword}</button>
      </form>
    </section>
  );
}
