import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { hasCode } from '../api/client.ts';
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
import type { FirstStep } from './factors/second-step.tsx';

const SecondStep = laterPart(async () => (await import('./factors/second-step.tsx')).SecondStep);

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
  const [first, setFirst] = useState<FirstStep>();
  const takesPasskeys = !isNew && site.value?.passkeys === true && 'PublicKeyCredential' in window;
  const stopOffer = usePasskeyOffer(takesPasskeys && !isWaiting && !first, setFault);
  const submit = async (event: Event) => {
    event.preventDefault();
    setWaiting(true);
    setFault('');
    try {
      await (isNew ? register(username, password) : signIn(username, password));
    } catch (error) {
      setWaiting(false);
      if (!hasCode(error, 'second_factor_required')) return setFault(errorText(error));
      setPassword('');
      setFirst(error.params as FirstStep);
    }
  };
  const withPasskey = async () => {
    stopOffer();
    setWaiting(true);
    setFault('');
    // Without it the button can be pressed again.
    const { signInWithPasskey } = await import('./factors/passkey-sign-in.ts');
    setFault(await signInWithPasskey());
    setWaiting(false);
  };
  if (first) return <SecondStepPage first={first} onEnd={() => setFirst(undefined)} />;
  if (!isSiteAsked.value) return <main class="waiting" aria-busy />;
  const { sign_in: ways = [], password_login: isOn = true, directory_login } = site.value ?? {};
  const hasPasswords = isOn || directory_login === true;
  const welcome = <p>{ended.value ? text.ended[ended.value] : text.welcome}</p>;
  const buttons = (ways.length > 0 || signInFailure.value) && <ProviderButtons />;
  if (!hasPasswords) {
    return (
      <WithoutPasswords>
        {welcome}
        {buttons}
      </WithoutPasswords>
    );
  }
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <SiteLogo />
        <h1>{text.appName}</h1>
        {welcome}
        {buttons}
        <UsernameField
          hasFocus
          takesPasskeys={takesPasskeys}
          value={username}
          onInput={setUsername}
        />
        <PasswordField isNew={isNew} value={password} onInput={setPassword} />
        {isNew && site.value?.staff_reads_chats && <p class="notice">{text.staffReads}</p>}
        <Fault words={fault} />
        <button type="submit" class="primary" disabled={isWaiting}>
          {isNew ? text.signUp : text.signIn}
        </button>
        {takesPasskeys && (
          <button type="button" disabled={isWaiting} onClick={() => void withPasskey()}>
            {text.signInWithPasskey}
          </button>
        )}
        {!isNew && site.value && (
          <a class="button quiet forgotten" href="/forgotten">
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

/** Where people sign in by providers alone. */
function WithoutPasswords({ children }: { children: ComponentChildren }) {
  return (
    <main class="sign-in">
      <div class="ways">
        <SiteLogo />
        <h1>{strings.value.appName}</h1>
        {children}
        <Insecure />
        <LanguageChoice />
        <SiteLinks />
      </div>
    </main>
  );
}

/**
 * Offers passkeys among what the browser fills in, while it is wanted.
 * @returns stops it at once
 */
function usePasskeyOffer(isWanted: boolean, onFault: (words: string) => void): () => void {
  const stop = useRef<() => void>(() => undefined);
  useEffect(() => {
    if (!isWanted) return;
    let isOver = false;
    void import('./factors/passkey-autofill.ts').then(({ offerPasskeys }) => {
      if (!isOver) stop.current = offerPasskeys(onFault);
    });
    return () => {
      isOver = true;
      stop.current();
    };
  }, [isWanted]);
  return () => stop.current();
}

/** In the place of the form, for those who have a second factor. */
export function SecondStepPage({ first, onEnd }: { first: FirstStep; onEnd: () => void }) {
  return (
    <main class="sign-in">
      <div class="second-step">
        <h1>{strings.value.appName}</h1>
        <SecondStep first={first} onDone={onEnd} onBack={onEnd} />
      </div>
    </main>
  );
}
