import { useState } from 'preact/hooks';
import { call, endSession } from '../api/client.ts';
import { balance, me } from '../state/account.ts';
import { go } from '../state/router.ts';
import { overText } from '../strings/over/over.ts';
import { number, strings } from '../strings/strings.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';
import { PasswordField } from './account-fields.tsx';
import '../styles/own-account.css';

/** Deleting one's own account: what goes and what stays is said before it is asked for. */
export function DeleteAccount() {
  const text = overText.value.deletion;
  const [isOpen, setOpen] = useState(false);
  return (
    <section>
      <h2>{text.title}</h2>
      <p>{text.intro}</p>
      <div class="row">
        <button type="button" class="bad" onClick={() => setOpen(true)}>
          {text.open}
        </button>
      </div>
      {isOpen && <DeletionDialog onClose={() => setOpen(false)} />}
    </section>
  );
}

function DeletionDialog({ onClose }: { onClose: () => void }) {
  const text = overText.value.deletion;
  const name = me.value?.username ?? '';
  const [typed, setTyped] = useState('');
  const [password, setPassword] = useState('');
  const { fault, attempt } = useAttempt();
  const hasPassword = me.value?.has_password !== false;
  const isMeant = typed.trim() === name && (!hasPassword || password !== '');
  const remove = async (event: Event) => {
    event.preventDefault();
    if (!isMeant) return;
    const isGone = await attempt(() =>
      call<void>('POST', '/api/account/delete/', {
        username: typed,
        ...(hasPassword ? { password } : {}),
      }),
    );
    if (!isGone) return;
    go('/', { replaces: true });
    endSession('left');
  };
  return (
    <Dialog title={text.title} onClose={onClose}>
      <form class="stack deletion" onSubmit={(event) => void remove(event)}>
        <h3>{text.goes}</h3>
        <ul class="plain-list">
          {text.whatGoes(number(balance.value)).map((it) => (
            <li key={it}>{it}</li>
          ))}
        </ul>
        <h3>{text.stays}</h3>
        <p>{text.whatStays}</p>
        {hasPassword && <PasswordField isNew={false} value={password} onInput={setPassword} />}
        <label>
          {text.confirm(name)}
          <input
            autoComplete="off"
            autoCapitalize="none"
            spellcheck={false}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <Fault words={fault} />
        <div class="row dialog-actions">
          <button type="button" onClick={onClose}>
            {strings.value.cancel}
          </button>
          <button type="submit" class="bad" disabled={!isMeant}>
            {text.remove}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
