/** The pages that links in mail lead to, and the one that asks for such a link. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { Waiting } from '../../chat/waiting.tsx';
import { me } from '../../state/account.ts';
import { go, path } from '../../state/router.ts';
import { site, whom } from '../../state/site.ts';
import { mailError, mailText } from '../../strings/mail/mail.ts';
import { LanguageChoice } from '../../ui/language-choice.tsx';
import { Fault, useAttempt } from '../../ui/use-attempt.tsx';
import { useTitle } from '../../ui/use-title.ts';
import { SignInPage } from '../sign-in-page.tsx';

/** Which of them the path names. */
export function MailLinkPage() {
  if (path.value.startsWith('/confirm')) return <ConfirmPage />;
  return path.value.startsWith('/unsubscribe') ? <UnsubscribePage /> : <ForgottenPage />;
}

function Frame(props: {
  readonly title: string;
  readonly text: string;
  readonly onSubmit?: () => Promise<void>;
  readonly children?: ComponentChildren;
}) {
  const { title, text, onSubmit, children } = props;
  const { fault, attempt } = useAttempt(mailError);
  useTitle(title);
  const submit = (event: Event) => {
    event.preventDefault();
    if (onSubmit) void attempt(onSubmit);
  };
  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <h1>{title}</h1>
        <p role="status">{text}</p>
        <Fault words={fault} />
        {children}
        <LanguageChoice />
      </form>
    </main>
  );
}

/** Asks for a link to choose a new password. */
function ForgottenPage() {
  const text = mailText.value.forgotten;
  const [name, setName] = useState('');
  const [isSent, setSent] = useState(false);
  const back = (
    <button type="button" class="quiet" onClick={() => go('/')}>
      {text.back}
    </button>
  );
  if (site.value?.sends_mail === false) {
    return (
      <Frame title={text.title} text={text.ask(whom.value)}>
        {back}
      </Frame>
    );
  }
  const send = async () => {
    await call('POST', '/api/password/forgotten/', { name });
    setSent(true);
  };
  return (
    <Frame title={text.title} text={isSent ? text.sent : text.text} onSubmit={send}>
      {!isSent && (
        <>
          <label>
            {text.name}
            <input
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              spellcheck={false}
              maxLength={254}
              required
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="primary">
            {text.send}
          </button>
        </>
      )}
      <p>{text.orAsk(whom.value)}</p>
      {back}
    </Frame>
  );
}

/** Keeps the token of a link while its user signs in, perhaps at a provider. */
const CONFIRMS = 'confirms';
const TOKEN = /^[\w-]{43}$/;

function confirmToken(): string {
  const given = location.hash.slice(1);
  try {
    if (TOKEN.test(given)) sessionStorage.setItem(CONFIRMS, given);
    return sessionStorage.getItem(CONFIRMS) ?? given;
  } catch {
    // Storage can be turned off; then the link is opened again.
    return given;
  }
}

/**
 * Confirms an address of who is signed in. With a button, since programs open the links of mail.
 */
function ConfirmPage() {
  const text = mailText.value.confirm;
  const [token] = useState(confirmToken);
  const [email, setEmail] = useState('');
  const [signsIn, setSignsIn] = useState(false);
  if (me.value === undefined) return <Waiting />;
  if (me.value === null && signsIn) return <SignInPage />;
  if (me.value === null) {
    return (
      <Frame title={text.title} text={text.signInFirst} onSubmit={async () => setSignsIn(true)}>
        <button type="submit" class="primary">
          {text.signIn}
        </button>
      </Frame>
    );
  }
  const confirm = async () => {
    const confirmed = await call<{ email: string }>('POST', '/api/email/confirm/', { token });
    setEmail(confirmed.email);
  };
  const isDone = email !== '';
  return (
    <Frame title={text.title} text={isDone ? text.done(email) : text.text} onSubmit={confirm}>
      {!isDone && (
        <button type="submit" class="primary">
          {text.button}
        </button>
      )}
      <button type="button" class={isDone ? 'primary' : 'quiet'} onClick={() => go('/')}>
        {text.go}
      </button>
    </Frame>
  );
}

function UnsubscribePage() {
  const text = mailText.value.unsubscribe;
  const [token] = useState(() => location.hash.slice(1));
  const [isDone, setDone] = useState(false);
  const stop = async () => {
    await call('POST', `/api/mail/unsubscribe/?token=${encodeURIComponent(token)}`);
    setDone(true);
  };
  return (
    <Frame title={text.title} text={isDone ? text.done : text.text} onSubmit={stop}>
      {!isDone && (
        <button type="submit" class="primary">
          {text.button}
        </button>
      )}
    </Frame>
  );
}
