import { useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import { me } from '../state/account.ts';
import { LinkShown } from './link-shown.tsx';
import { attempt } from './list.tsx';
import type { MadeUser } from './types.ts';
import { words } from './words.ts';

/** Makes an account for somebody. */
export function NewUserPage() {
  const [made, setMade] = useState<MadeUser>();
  const [isStaff, setStaff] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const [username, password, tokens] = ['username', 'password', 'tokens'].map((it) =>
      String(fields.get(it)),
    ) as [string, string, string];
    const body = {
      ...{ username, is_staff: isStaff },
      ...(password === '' ? {} : { password }),
      ...(tokens === '' ? {} : { tokens: Number(tokens) }),
    };
    await attempt(async () => setMade(await call<MadeUser>('POST', '/api/admin/users/', body)));
  };
  return (
    <>
      <header class="place-head">
        <h1>{words.newUser}</h1>
      </header>
      {made ? (
        <section class="place-section">
          <p>
            <a href={`/admin/users/${made.user.id}`}>{made.user.username}</a>
          </p>
          {made.link && <LinkShown link={made.link} />}
        </section>
      ) : (
        <form class="stack" onSubmit={(event) => void submit(event)}>
          <label>
            {words.name}
            <input name="username" required maxLength={50} autoComplete="off" />
          </label>
          <label>
            {words.passwordOptional}
            <input name="password" type="password" maxLength={128} autoComplete="new-password" />
          </label>
          <label>
            {words.openingTokens}
            <input name="tokens" inputMode="numeric" pattern="\d*" />
          </label>
          {me.value?.is_superuser && (
            <label class="check-label">
              <input
                type="checkbox"
                checked={isStaff}
                onChange={(event) => setStaff(event.currentTarget.checked)}
              />
              {words.staff}
            </label>
          )}
          <button type="submit" class="primary">
            {words.create}
          </button>
        </form>
      )}
    </>
  );
}
