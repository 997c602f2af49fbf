import { useEffect, useState } from 'preact/hooks';
import { ApiError, call } from '../api/client.ts';
import { signIn } from '../state/account.ts';
import { go } from '../state/router.ts';
import { site } from '../state/site.ts';
import { invitedText } from '../strings/invited/invited.ts';
import { signInText } from '../strings/sign-in/texts.ts';
import { errorText, strings } from '../strings/strings.ts';
import { LanguageChoice } from '../ui/language-choice.tsx';
import { SiteLinks, SiteLogo } from '../ui/own-look.tsx';
import { Fault } from '../ui/use-attempt.tsx';
import { useTitle } from '../ui/use-title.ts';
import { PasswordField, UsernameField } from './account-fields.tsx';
import { buttonText } from './provider-buttons.tsx';

/** An invitation, as its code finds it. */
interface Found {
  readonly code: string;
  readonly name: string;
  /** null if the person chooses one. */
  readonly username: string | null;
}

/** The page that an invitation leads to: by its link, or by a code that is typed. */
export function InvitedPage() {
  const text = invitedText.value;
  const [linked] = useState(() => decodeURIComponent(location.hash.slice(1)));
  const [found, setFound] = useState<Found>();
  const [fault, setFault] = useState('');
  const [isBusy, setBusy] = useState(false);
  useTitle(text.title);
  const run = async (action: () => Promise<void>) => {
    setBusy(true);
    setFault('');
    try {
      await action();
    } catch (error) {
      const errors = { ...signInText.value.failures, ...text.errors };
      setFault(errorText(error, { errors, fieldFaults: {} }));
    }
    setBusy(false);
  };
  const find = (code: string) =>
    run(async () => {
      const invitation = await call<Omit<Found, 'code'>>('POST', '/api/invitations/find/', {
        code,
      });
      setFound({ ...invitation, code });
    });
  useEffect(() => {
    if (linked !== '') void find(linked);
  }, []);
  const another = () => {
    setFound(undefined);
    setFault('');
  };
  return (
    <main class="sign-in" aria-busy={isBusy}>
      {found ? (
        <AccountForm found={found} isBusy={isBusy} fault={fault} run={run} onAnother={another} />
      ) : (
        <CodeForm first={linked} isBusy={isBusy} fault={fault} onCode={(it) => void find(it)} />
      )}
    </main>
  );
}

function CodeForm(props: {
  /** What the link has, which may be too long or cut off. */
  first: string;
  isBusy: boolean;
  fault: string;
  onCode: (code: string) => void;
}) {
  const text = invitedText.value;
  const [code, setCode] = useState(props.first.length > MOST_TYPED ? '' : props.first);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        props.onCode(code);
      }}
    >
      <SiteLogo />
      <h1>{text.title}</h1>
      <p>{text.enterCode}</p>
      <label>
        {text.code}
        <input
          class="invitation-code"
          name="code"
          required
          maxLength={MOST_TYPED}
          autoComplete="off"
          autoCapitalize="characters"
          spellcheck={false}
          aria-describedby="code-hint"
          value={code}
          onInput={(event) => setCode(event.currentTarget.value)}
        />
        <span id="code-hint" class="hint">
          {text.codeHint}
        </span>
      </label>
      <Fault words={props.fault} />
      <button type="submit" class="primary" disabled={props.isBusy}>
        {text.next}
      </button>
      <a class="button quiet" href="/">
        {text.toSignIn}
      </a>
      <LanguageChoice />
      <SiteLinks />
    </form>
  );
}

const MOST_TYPED = 40;

function AccountForm(props: {
  found: Found;
  isBusy: boolean;
  fault: string;
  run: (action: () => Promise<void>) => Promise<void>;
  onAnother: () => void;
}) {
  const text = invitedText.value;
  const { found, isBusy, fault, run, onAnother } = props;
  const [username, setUsername] = useState(found.username ?? '');
  const [password, setPassword] = useState('');
  const isGiven = found.username !== null;
  const { sign_in: ways = [], password_login: hasPasswords = true } = site.value ?? {};
  const leaveFor = (provider: string) =>
    run(async () => {
      const body = { code: found.code, provider };
      const { url } = await call<{ url: string }>('POST', '/api/invitations/continue/', body);
      location.assign(url);
    });
  const submit = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      const body = { code: found.code, password, ...(isGiven ? {} : { username }) };
      try {
        await call('POST', '/api/invitations/accept/', body);
      } catch (error) {
        // The answer to an earlier attempt may have been lost: then the account is theirs.
        if (!(error instanceof ApiError && error.code === 'invitation_used')) throw error;
        await signIn(username, password).catch(() => {
          throw error;
        });
        go('/', { replaces: true });
        return;
      }
      await signIn(username, password);
      go('/', { replaces: true });
    });
  };
  return (
    <form onSubmit={submit}>
      <SiteLogo />
      <h1>{text.hello(found.name)}</h1>
      {ways.length > 0 && <p>{text.continueBy}</p>}
      {ways.map((way) => (
        <button
          key={way.name}
          type="button"
          class={hasPasswords ? 'provider' : 'provider primary'}
          disabled={isBusy}
          onClick={() => void leaveFor(way.name)}
        >
          {buttonText(way)}
        </button>
      ))}
      {ways.length > 0 && hasPasswords && <p class="between">{signInText.value.or}</p>}
      {hasPasswords && (
        <>
          <p>{isGiven ? text.choosePassword : text.chooseBoth}</p>
          {isGiven ? (
            <label>
              {strings.value.username}
              <input name="username" autoComplete="username" readOnly value={username} />
            </label>
          ) : (
            <UsernameField hasFocus={ways.length === 0} value={username} onInput={setUsername} />
          )}
          <PasswordField isNew value={password} onInput={setPassword} />
        </>
      )}
      {!hasPasswords && ways.length === 0 && <OtherWay />}
      {site.value?.staff_reads_chats && <p class="notice">{strings.value.staffReads}</p>}
      <Fault words={fault} />
      {hasPasswords && (
        <button type="submit" class="primary" disabled={isBusy}>
          {text.create}
        </button>
      )}
      <p class="hint">{text.notYou}</p>
      <button type="button" class="quiet" onClick={onAnother}>
        {text.otherCode}
      </button>
      <LanguageChoice />
      <SiteLinks />
    </form>
  );
}

/** Where neither a password of this site nor a provider signs in. */
function OtherWay() {
  const text = invitedText.value;
  if (!site.value?.directory_login) return <p>{text.noWay}</p>;
  return (
    <>
      <p>{text.directory}</p>
      <a class="button primary" href="/">
        {text.toDirectory}
      </a>
    </>
  );
}
