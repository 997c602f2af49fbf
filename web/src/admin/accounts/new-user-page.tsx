import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { me } from '../../state/account.ts';
import { strings } from '../../strings/strings.ts';
import type { MadeUser } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { OneTimeLink } from './one-time-link.tsx';

/** Creates an account for someone. */
export function NewUserPage() {
  const [created, setCreated] = useState<MadeUser>();
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.newUser} />
      </header>
      {created ? (
        <Created created={created} onAnother={() => setCreated(undefined)} />
      ) : (
        <NewUserForm onCreated={setCreated} />
      )}
    </>
  );
}

function Created(props: { created: MadeUser; onAnother: () => void }) {
  const { created, onAnother } = props;
  const { user, link } = created;
  const message = useRef<HTMLParagraphElement>(null);
  // The form had the focus and is gone.
  useEffect(() => message.current?.focus(), []);
  return (
    <section class="page-section">
      <p ref={message} tabIndex={-1}>
        {words.value.accountCreated(user.username)}
      </p>
      {link && <OneTimeLink link={link} />}
      <div class="actions">
        <a class="button" href={`/admin/users/${user.id}`}>
          {words.value.openUser(user.username)}
        </a>
        <button type="button" onClick={onAnother}>
          {words.value.createAnother}
        </button>
      </div>
    </section>
  );
}

function NewUserForm({ onCreated }: { onCreated: (created: MadeUser) => void }) {
  const [isStaff, setStaff] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  const isSending = useRef(false);
  useEffect(() => first.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isSending.current) return;
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const password = String(fields.get('password'));
    const tokens = String(fields.get('tokens'));
    const body = {
      username: String(fields.get('username')),
      is_staff: isStaff,
      ...(password === '' ? {} : { password }),
      ...(tokens === '' ? {} : { tokens: Number(tokens) }),
    };
    isSending.current = true;
    await runAction(async () => {
      onCreated(await call<MadeUser>('POST', '/api/admin/users/', body));
    });
    isSending.current = false;
  };
  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <label>
        {strings.value.username}
        <input ref={first} name="username" required maxLength={50} autoComplete="off" />
      </label>
      <label>
        {words.value.passwordOptional}
        <input name="password" type="password" autoComplete="new-password" />
      </label>
      <label>
        {words.value.openingBalance}
        <input
          name="tokens"
          inputMode="numeric"
          pattern="\d{0,15}"
          title={words.value.wholeNumber}
        />
      </label>
      {me.value?.is_superuser && (
        <label class="check-label">
          <input
            type="checkbox"
            checked={isStaff}
            onChange={(event) => setStaff(event.currentTarget.checked)}
          />
          {words.value.staff}
        </label>
      )}
      <button type="submit" class="primary">
        {words.value.createAccount}
      </button>
    </form>
  );
}
