import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { me } from '../../state/account.ts';
import type { MadeUser } from '../types.ts';
import { Heading } from '../ui/heading.tsx';
import { attempt } from '../ui/list.tsx';
import { words } from '../words/words.ts';
import { LinkShown } from './link-shown.tsx';

/** Makes an account for somebody. */
export function NewUserPage() {
  const [made, setMade] = useState<MadeUser>();
  return (
    <>
      <header class="place-head">
        <Heading title={words.value.newUser} />
      </header>
      {made ? (
        <Made made={made} onAnother={() => setMade(undefined)} />
      ) : (
        <NewUserForm onMade={setMade} />
      )}
    </>
  );
}

function Made({ made: { user, link }, onAnother }: { made: MadeUser; onAnother: () => void }) {
  const sentence = useRef<HTMLParagraphElement>(null);
  // The form is gone, and with it the place of the focus.
  useEffect(() => sentence.current?.focus(), []);
  return (
    <section class="place-section">
      <p ref={sentence} tabIndex={-1}>
        {words.value.accountMade(user.username)}
      </p>
      {link && <LinkShown link={link} />}
      <div class="actions">
        <a class="button" href={`/admin/users/${user.id}`}>
          {words.value.openUser(user.username)}
        </a>
        <button type="button" onClick={onAnother}>
          {words.value.makeAnother}
        </button>
      </div>
    </section>
  );
}

function NewUserForm({ onMade }: { onMade: (made: MadeUser) => void }) {
  const [isStaff, setStaff] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  const isSending = useRef(false);
  useEffect(() => first.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isSending.current) return;
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const [username, password, tokens] = ['username', 'password', 'tokens'].map((it) =>
      String(fields.get(it)),
    ) as [string, string, string];
    const body = {
      username,
      is_staff: isStaff,
      ...(password === '' ? {} : { password }),
      ...(tokens === '' ? {} : { tokens: Number(tokens) }),
    };
    isSending.current = true;
    await attempt(async () => onMade(await call<MadeUser>('POST', '/api/admin/users/', body)));
    isSending.current = false;
  };
  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <label>
        {words.value.name}
        <input ref={first} name="username" required maxLength={50} autoComplete="off" />
      </label>
      <label>
        {words.value.passwordOptional}
        <input name="password" type="password" maxLength={128} autoComplete="new-password" />
      </label>
      <label>
        {words.value.openingTokens}
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
        {words.value.create}
      </button>
    </form>
  );
}
