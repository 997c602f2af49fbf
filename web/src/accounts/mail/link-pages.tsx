/** The pages that links in mail lead to, and the one that asks for such a link. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { go, path } from '../../state/router.ts';
import { site, whom } from '../../state/site.ts';
import { mailError, mailText } from '../../strings/mail/mail.ts';
import { LanguageChoice } from '../../ui/language-choice.tsx';
import { Fault, useAttempt } from '../../ui/use-attempt.tsx';
import { useTitle } from '../../ui/use-title.ts';

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

/** Confirms an address. With a button, since programs fetch the links of mail. */
function ConfirmPage() {
  const text = mailText.value.confirm;
  const [token] = useState(() => location.hash.slice(1));
  const [email, setEmail] = useState('');
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
