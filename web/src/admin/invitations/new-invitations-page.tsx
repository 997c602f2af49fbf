import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { query, setQuery } from '../../state/router.ts';
import { site } from '../../state/site.ts';
import { shownLanguage } from '../../strings/strings.ts';
import { isDefinite } from '../credits/send-once.ts';
import { CsvFields } from '../import/csv-fields.tsx';
import type { AllowancePlan, Invited } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { useResource } from '../ui/resource.tsx';
import { hideToast, showError } from '../ui/toast.tsx';
import { errorMessage } from '../words/errors.ts';
import { words } from '../words/words.ts';
import { InvitationPreview, InvitationsDone } from './invite-result.tsx';
import { type Lasting, LastingFields, lastingIn } from './lasting.tsx';

const ADDRESS = '/api/admin/invitations/';

/** What is sent, apart from whether it is a dry run. */
type InvitationForm =
  | (Lasting & Mailed & { readonly csv: string; readonly pools: boolean })
  | (Lasting & Mailed & { readonly people: readonly object[] });

interface Mailed {
  /** The language of the mail; undefined for none. */
  readonly mail: 'en' | 'de' | undefined;
}

/** Invites one person, or everybody in a file: first what it would do, then exactly that. */
export function NewInvitationsPage() {
  const [seen, setSeen] = useState<{ readonly form: InvitationForm; readonly reply: Invited }>();
  const [done, setDone] = useState<Invited>();
  const [isLost, setLost] = useState(false);
  const [isBusy, setBusy] = useState(false);
  // A ref, since a second click may come before the first is rendered.
  const sending = useRef(false);
  const attempt = async (action: () => Promise<void>, isRun: boolean) => {
    if (sending.current) return;
    sending.current = true;
    setBusy(true);
    setLost(false);
    try {
      await action();
      hideToast();
    } catch (error) {
      setLost(isRun && !isDefinite(error));
      showError(errorMessage(error));
    } finally {
      sending.current = false;
      setBusy(false);
    }
  };
  const send = (form: InvitationForm, more: object) =>
    call<Invited>('POST', ADDRESS, { ...form, ...more });
  const check = (form: InvitationForm) =>
    attempt(async () => setSeen({ form, reply: await send(form, { dry_run: true }) }), false);
  const run = () =>
    attempt(async () => {
      if (seen) setDone(await send(seen.form, { expected: seen.reply.expected }));
    }, true);
  const again = () => {
    setSeen(undefined);
    setDone(undefined);
  };
  const isFile = query.value.get('from') === 'file';
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.invitationNew} />
      </header>
      {done ? (
        <InvitationsDone done={done} onAgain={again} />
      ) : seen ? (
        <InvitationPreview
          seen={seen.reply}
          isBusy={isBusy}
          isLost={isLost}
          onRun={() => void run()}
          onBack={() => setSeen(undefined)}
        />
      ) : (
        <>
          <div class="actions way-choice">
            <button type="button" aria-pressed={!isFile} onClick={() => setQuery({ from: '' })}>
              {words.value.invitationOne}
            </button>
            <button type="button" aria-pressed={isFile} onClick={() => setQuery({ from: 'file' })}>
              {words.value.invitationMany}
            </button>
          </div>
          {isFile ? (
            <FileForm isBusy={isBusy} onCheck={(it) => void check(it)} />
          ) : (
            <PersonForm isBusy={isBusy} onCheck={(it) => void check(it)} />
          )}
        </>
      )}
    </>
  );
}

function FileForm(props: { isBusy: boolean; onCheck: (form: InvitationForm) => void }) {
  const [csv, setCsv] = useState('');
  const [hasPools, setPools] = useState(true);
  return (
    <form
      class="stack wide-stack"
      onSubmit={(event) => {
        event.preventDefault();
        const fields = new FormData(event.currentTarget);
        props.onCheck({ csv, pools: hasPools, ...lastingIn(fields), ...mailedIn(fields) });
      }}
    >
      <p class="hint">{words.value.invitationFileText}</p>
      <CsvFields csv={csv} example={words.value.invitationExample} onChange={setCsv} />
      <LastingFields />
      <MailChoice />
      <label class="check-label">
        <input
          type="checkbox"
          checked={hasPools}
          onChange={(event) => setPools(event.currentTarget.checked)}
        />
        {words.value.importPools}
      </label>
      <button type="submit" class="primary" disabled={props.isBusy}>
        {words.value.importCheck}
      </button>
    </form>
  );
}

function PersonForm(props: { isBusy: boolean; onCheck: (form: InvitationForm) => void }) {
  const plans = useResource<{ plans: AllowancePlan[] }>('/api/admin/plans/?limit=200');
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        props.onCheck(personIn(new FormData(event.currentTarget)));
      }}
    >
      <p class="hint">{words.value.invitationsText}</p>
      <label>
        {words.value.invitationForName}
        <input ref={first} name="name" required maxLength={100} autoComplete="off" />
      </label>
      <label>
        {words.value.invitationUsername}
        <input name="username" maxLength={50} autoComplete="off" />
        <span class="hint">{words.value.invitationUsernameHint}</span>
      </label>
      <label>
        {words.value.invitationEmailOptional}
        <input name="email" type="email" maxLength={254} autoComplete="off" />
      </label>
      <label>
        {words.value.invitationGroupsOptional}
        <input name="groups" maxLength={500} autoComplete="off" />
      </label>
      <label>
        {words.value.invitationPlanOptional}
        <select name="plan">
          <option value="">{words.value.invitationNoPlan}</option>
          {plans.data?.plans.map(({ id, name }) => (
            <option key={id} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {words.value.invitationTokens}
        <input
          name="tokens"
          inputMode="numeric"
          pattern="\d{0,15}"
          title={words.value.wholeNumber}
          autoComplete="off"
        />
      </label>
      <LastingFields />
      <MailChoice />
      <button type="submit" class="primary" disabled={props.isBusy}>
        {words.value.invitationCheck}
      </button>
    </form>
  );
}

/** Whether those who have an address are mailed, where the site sends mail. */
function MailChoice() {
  if (!site.value?.sends_mail) return null;
  return (
    <label class="check-label">
      <input type="checkbox" name="mail" defaultChecked />
      {words.value.invitationMail}
    </label>
  );
}

function mailedIn(fields: FormData): Mailed {
  return { mail: fields.get('mail') === null ? undefined : shownLanguage.value };
}

function personIn(fields: FormData): InvitationForm {
  const text = (name: string) => String(fields.get(name) ?? '').trim();
  const given = (name: string) => (text(name) === '' ? {} : { [name]: text(name) });
  const groups = text('groups')
    .split(/[;|]/)
    .map((it) => it.trim());
  const person = {
    ...given('name'),
    ...given('username'),
    ...given('email'),
    ...given('plan'),
    ...(text('tokens') === '' ? {} : { tokens: Number(text('tokens')) }),
    groups: groups.filter((it) => it !== ''),
  };
  return { people: [person], ...lastingIn(fields), ...mailedIn(fields) };
}
