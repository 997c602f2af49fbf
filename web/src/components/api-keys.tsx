import { useEffect, useState } from 'preact/hooks';
import { ApiError, call } from '../api/client.ts';
import type { ApiKey, MadeKey } from '../api/types.ts';
import { number, said, strings, time } from '../strings/strings.ts';
import { copyText } from './copy.ts';

/** Keys for programs: made with a budget, shown once, ended. */
export function ApiKeys() {
  const text = strings.value;
  const [keys, setKeys] = useState<readonly ApiKey[]>();
  const [made, setMade] = useState<MadeKey>();
  const load = async () => setKeys((await call<{ keys: ApiKey[] }>('GET', '/api/keys/')).keys);
  useEffect(() => void load().catch(() => undefined), []);
  const end = async (id: string) => {
    await call('DELETE', `/api/keys/${id}/`);
    await load();
  };
  return (
    <section>
      <h2>{text.apiKeys}</h2>
      <p>{text.apiKeysText}</p>
      <NewKey
        onMade={(key) => {
          setMade(key);
          void load();
        }}
      />
      {made && <FreshKey made={made} />}
      {keys?.length === 0 && <p class="empty">{text.noKeys}</p>}
      <ul class="rows">
        {keys?.map((key) => (
          <li key={key.id}>
            <span class="row-main">
              <strong>{key.name}</strong> <code>{key.prefix}…</code>
            </span>
            <span class="row-more">
              {key.budget === null
                ? text.keySpentFree(number(key.spent))
                : text.keySpent(number(key.spent), number(key.budget))}
              {', '}
              {key.last_used_at === null ? text.neverUsed : text.lastUsed(time(key.last_used_at))}
            </span>
            <button type="button" onClick={() => void end(key.id)}>
              {text.endKey}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function NewKey({ onMade }: { onMade: (made: MadeKey) => void }) {
  const text = strings.value;
  const [name, setName] = useState('');
  const [budget, setBudget] = useState('');
  const [fault, setFault] = useState('');
  const make = async (event: Event) => {
    event.preventDefault();
    setFault('');
    try {
      const limit = budget === '' ? {} : { budget: Number(budget) };
      onMade(await call<MadeKey>('POST', '/api/keys/', { name, ...limit }));
      setName('');
      setBudget('');
    } catch (error) {
      setFault(error instanceof ApiError ? said(error.message) : text.offline);
    }
  };
  return (
    <form class="row" onSubmit={(event) => void make(event)}>
      <input
        placeholder={text.keyName}
        aria-label={text.keyName}
        required
        maxLength={100}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <input
        placeholder={text.keyBudget}
        aria-label={text.keyBudget}
        inputMode="numeric"
        pattern="\d*"
        value={budget}
        onInput={(event) => setBudget(event.currentTarget.value)}
      />
      <button type="submit">{text.makeKey}</button>
      {fault !== '' && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}

function FreshKey({ made }: { made: MadeKey }) {
  const text = strings.value;
  const [isCopied, setCopied] = useState(false);
  return (
    <div class="fresh-key" role="status">
      <p>{text.keyShownOnce}</p>
      <code>{made.key}</code>
      <button type="button" onClick={() => void copyText(made.key).then(setCopied)}>
        {isCopied ? text.copied : text.copy}
      </button>
    </div>
  );
}
