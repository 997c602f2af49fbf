import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { AccountMail } from '../../api/types.ts';
import { dismissOwn } from '../../state/account-notices.ts';
import { type Language, language } from '../../state/preferences.ts';
import { mailError, mailText } from '../../strings/mail/mail.ts';
import { strings, time } from '../../strings/strings.ts';
import { Fault, useAttempt } from '../../ui/use-attempt.tsx';

const ADDRESS = '/api/account/email/';

/** The address for mail of the user, and what is mailed to it; nothing if the site has no mail. */
export function OwnMail() {
  const [state, setState] = useState<AccountMail | undefined>(undefined);
  const load = async () => setState(await call<AccountMail>('GET', ADDRESS));
  useEffect(() => void load().catch(() => undefined), []);
  if (!state?.sends_mail) return null;
  return (
    <section id="email">
      <h2>{mailText.value.title}</h2>
      <Address state={state} onChange={load} />
      {state.email !== null && <Choices state={state} onChange={load} />}
    </section>
  );
}

interface Props {
  readonly state: AccountMail;
  readonly onChange: () => Promise<void>;
}

function Address({ state: { email, opens_account: opens, pending }, onChange }: Props) {
  const text = mailText.value;
  const [typed, setTyped] = useState(opens ? '' : (email ?? ''));
  const [done, setDone] = useState('');
  const { fault, attempt } = useAttempt(mailError);
  const give = async (event: Event) => {
    event.preventDefault();
    setDone('');
    await attempt(async () => {
      await call('POST', ADDRESS, { email: typed, language: language.value });
      setTyped('');
      await onChange();
    });
  };
  const remove = () =>
    attempt(async () => {
      await call<void>('DELETE', ADDRESS);
      void dismissOwn('email.changed');
      setDone(text.removed);
      await onChange();
    });
  return (
    <>
      {email === null ? !pending && <p>{text.none}</p> : <p>{text.goesTo(email)}</p>}
      {email !== null && !opens && <p>{text.unconfirmed}</p>}
      {pending && <p role="status">{text.pending(pending.email, time(pending.expires_at))}</p>}
      <form class="row" onSubmit={(event) => void give(event)}>
        <label>
          {text.address}
          <input
            type="email"
            autoComplete="email"
            maxLength={254}
            required
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <button type="submit">{email === null || typed === email ? text.add : text.change}</button>
        {(email !== null || pending) && (
          <button type="button" onClick={() => void remove()}>
            {text.remove}
          </button>
        )}
      </form>
      {done !== '' && <p role="status">{done}</p>}
      <Fault words={fault} />
    </>
  );
}

function Choices({ state, onChange }: Props) {
  const text = mailText.value;
  const [below, setBelow] = useState(String(state.low_below));
  const [isSaved, setSaved] = useState(false);
  const { fault, attempt } = useAttempt(mailError);
  const change = (choice: object) => {
    setSaved(false);
    return attempt(async () => {
      await call<void>('PATCH', '/api/account/mail/', choice);
      await onChange();
      setSaved(true);
    });
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void change({ low_below: Number(below) });
      }}
    >
      <h3>{text.about}</h3>
      <p>{text.always}</p>
      <Switch
        label={text.low}
        isOn={state.tells_low_balance}
        onChange={(isOn) => void change({ tells_low_balance: isOn })}
      />
      <Switch
        label={text.renewal}
        isOn={state.tells_renewal}
        onChange={(isOn) => void change({ tells_renewal: isOn })}
      />
      <div class="row">
        <label>
          {text.lowBelow}
          <input
            type="number"
            min={0}
            max={1_000_000_000_000}
            required
            value={below}
            onInput={(event) => setBelow(event.currentTarget.value)}
          />
        </label>
        <button type="submit">{strings.value.save}</button>
      </div>
      <label>
        {text.language}
        <select
          value={state.language ?? 'en'}
          onChange={(event) => void change({ language: event.currentTarget.value as Language })}
        >
          <option value="en">English</option>
          <option value="de">Deutsch</option>
        </select>
      </label>
      {isSaved && <p role="status">{text.saved}</p>}
      <Fault words={fault} />
    </form>
  );
}

function Switch(props: {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}) {
  const { label, isOn, onChange } = props;
  return (
    <label class="check-label">
      <input
        type="checkbox"
        checked={isOn}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {label}
    </label>
  );
}
