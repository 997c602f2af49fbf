import { useRef, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { me } from '../../state/account.ts';
import { time } from '../../strings/strings.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import type { AdminKey, AdminScope, MadeAdminKey } from '../types.ts';
import { confirmAction } from '../ui/confirm.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, useResource } from '../ui/resource.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';

const ADDRESS = '/api/admin/keys/';
const DAYS = [7, 30, 90, 180, 365] as const;
const USUAL_DAYS = 90;

async function read(address: string): Promise<readonly AdminKey[]> {
  return (await call<{ keys: readonly AdminKey[] }>('GET', address)).keys;
}

/** Keys with which programs of staff reach the admin API. */
export function KeysPage() {
  const keys = useResource<readonly AdminKey[]>(ADDRESS, read);
  const [made, setMade] = useState<MadeAdminKey>();
  const text = words.value;
  const end = async (key: AdminKey) => {
    const answer = await confirmAction({
      title: text.endAdminKeyTitle(key.name),
      sentences: [text.endAdminKeyText],
      label: text.endAdminKey,
      isDangerous: true,
    });
    if (!answer) return;
    const isEnded = await runAction(
      () => call('DELETE', `${ADDRESS}${key.id}/`),
      text.adminKeyEnded,
    );
    // What it says could be copied still, and would not work.
    if (isEnded && made?.id === key.id) setMade(undefined);
    keys.reload();
  };
  return (
    <>
      <header class="page-head">
        <PageHeading title={text.adminkeys} />
      </header>
      <p class="hint">
        {text.adminKeysText} {me.value?.is_superuser && text.adminKeysOfAll}
      </p>
      <section class="page-section">
        <Loaded resource={keys} empty={text.noAdminKeys}>
          {(all) => (
            <ul class="rows">
              {all.map((it) => (
                <KeyRow key={it.id} shown={it} onEnd={() => void end(it)} />
              ))}
            </ul>
          )}
        </Loaded>
      </section>
      <section class="page-section">
        <h2>{text.newAdminKey}</h2>
        {made && <FreshKey made={made} />}
        <NewKeyForm
          onMade={(it) => {
            setMade(it);
            keys.reload();
          }}
        />
      </section>
    </>
  );
}

function KeyRow({ shown: it, onEnd }: { shown: AdminKey; onEnd: () => void }) {
  const text = words.value;
  const expires = it.is_expired ? text.adminKeyExpired : text.adminKeyUntil;
  const facts = [
    text.adminKeyBy(it.made_by.username ?? text.deletedUser),
    expires(time(it.expires_at)),
    ...(it.is_unproven ? [text.adminKeyUnproven] : []),
    it.last_used_at === null ? text.adminKeyNeverUsed : text.lastUsed(time(it.last_used_at)),
  ];
  return (
    <li>
      <span class="row-main">
        {it.name} <code>{it.prefix}…</code>
      </span>
      <span class="row-more">
        {facts.join(' · ')}
        <br />
        {it.scopes.map((scope) => (
          <span key={scope}>
            <code title={text.scopes[scope]}>{scope}</code>{' '}
          </span>
        ))}
      </span>
      <button type="button" aria-label={text.endAdminKeyTitle(it.name)} onClick={onEnd}>
        {text.endAdminKey}
      </button>
    </li>
  );
}

/** The key itself, which the server does not tell again. */
function FreshKey({ made }: { made: MadeAdminKey }) {
  return (
    <div class="fresh-key" role="status">
      <p>{words.value.adminKeyOnce}</p>
      <code>{made.key}</code>
      <CopyButton text={made.key} />
      <p class="hint">
        {words.value.adminKeyUse} <code>Authorization: Bearer …</code>
      </p>
    </div>
  );
}

function NewKeyForm({ onMade }: { onMade: (made: MadeAdminKey) => void }) {
  const text = words.value;
  const [name, setName] = useState('');
  const [days, setDays] = useState(USUAL_DAYS);
  const [scopes, setScopes] = useState<readonly AdminScope[]>([]);
  const [isIncomplete, setIncomplete] = useState(false);
  const isSending = useRef(false);
  const first = useRef<HTMLInputElement>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setIncomplete(scopes.length === 0);
    if (scopes.length === 0) first.current?.focus();
    if (isSending.current || scopes.length === 0) return;
    isSending.current = true;
    const body = { name, scopes, expires_in_days: days };
    const isMade = await runAction(async () => onMade(await call('POST', ADDRESS, body)));
    isSending.current = false;
    if (!isMade) return;
    setName('');
    setScopes([]);
  };
  const toggle = (scope: AdminScope, isOn: boolean) => {
    setIncomplete(false);
    setScopes(isOn ? [...scopes, scope] : scopes.filter((it) => it !== scope));
  };
  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <label>
        {text.adminKeyName}
        <input
          required
          maxLength={100}
          autoComplete="off"
          placeholder={text.adminKeyNameExample}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label>
        {text.adminKeyDays}
        <select value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
          {DAYS.map((it) => (
            <option key={it} value={it}>
              {text.dayCount(it)}
            </option>
          ))}
        </select>
      </label>
      <fieldset class="scopes" aria-describedby={isIncomplete ? 'no-scope' : undefined}>
        <legend>{text.adminKeyScopes}</legend>
        {(Object.keys(text.scopes) as AdminScope[]).map((it, index) => (
          <label key={it} class="check-label">
            <input
              ref={index === 0 ? first : null}
              type="checkbox"
              checked={scopes.includes(it)}
              onChange={(event) => toggle(it, event.currentTarget.checked)}
            />
            <span>
              <code>{it}</code> {text.scopes[it]}
            </span>
          </label>
        ))}
        {isIncomplete && (
          <p id="no-scope" class="fault" role="alert">
            {text.adminKeyNoScope}
          </p>
        )}
      </fieldset>
      <button type="submit" class="primary">
        {text.makeAdminKey}
      </button>
    </form>
  );
}
