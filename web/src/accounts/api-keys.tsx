import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { ApiKey, MadeKey } from '../api/types.ts';
import { dismissOwn } from '../state/account-notices.ts';
import { limits } from '../state/limits.ts';
import { number, strings, time } from '../strings/strings.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';

/** API keys: created with a budget, shown once, revoked. */
export function ApiKeys() {
  const text = strings.value;
  const [keys, setKeys] = useState<readonly ApiKey[]>();
  const [made, setMade] = useState<MadeKey>();
  const [asked, setAsked] = useState<string>();
  const load = async () => setKeys((await call<{ keys: ApiKey[] }>('GET', '/api/keys/')).keys);
  const { fault, attempt } = useAttempt();
  useEffect(() => void attempt(load), []);
  const end = async (id: string) => {
    await call('DELETE', `/api/keys/${id}/`);
    // What it says could be copied still, and would not work.
    if (made?.id === id) setMade(undefined);
    setAsked(undefined);
    await load();
  };
  return (
    <section>
      <h2>{text.apiKeys}</h2>
      <p>{text.apiKeysText}</p>
      <NewKey
        onMade={(key) => {
          setMade(key);
          void dismissOwn('key.new');
          void attempt(load);
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
              {key.group && `, ${text.limits.paidBy(key.group.name)}`}
              {', '}
              {key.last_used_at === null ? text.neverUsed : text.lastUsed(time(key.last_used_at))}
            </span>
            {asked === key.id ? (
              <Question
                words={text.endKeyQuestion(key.name)}
                onYes={() => void attempt(() => end(key.id))}
                onNo={() => setAsked(undefined)}
              />
            ) : (
              <button type="button" onClick={() => setAsked(key.id)}>
                {text.endKey}
              </button>
            )}
          </li>
        ))}
      </ul>
      <Fault words={fault} />
    </section>
  );
}

/** Gives a button the focus when it appears. */
function focusOn(button: HTMLButtonElement | null): void {
  button?.focus();
}

/** Asks once more, in the place of the button, before a key is revoked. */
function Question(props: { words: string; onYes: () => void; onNo: () => void }) {
  const text = strings.value;
  return (
    <fieldset class="asked" aria-label={props.words}>
      <p>{props.words}</p>
      <button type="button" class="bad" ref={focusOn} onClick={props.onYes}>
        {text.endKey}
      </button>
      <button type="button" onClick={props.onNo}>
        {text.cancel}
      </button>
    </fieldset>
  );
}

function NewKey({ onMade }: { onMade: (made: MadeKey) => void }) {
  const text = strings.value;
  const [name, setName] = useState('');
  const [budget, setBudget] = useState('');
  const [group, setGroup] = useState('');
  const groups = limits.value?.accounts.filter((it) => it.name !== null) ?? [];
  const { fault, attempt } = useAttempt();
  const make = async () => {
    const limit = budget === '' ? {} : { budget: Number(budget) };
    const payer = group === '' ? {} : { group };
    onMade(await call<MadeKey>('POST', '/api/keys/', { name, ...limit, ...payer }));
    setName('');
    setBudget('');
  };
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        void attempt(make);
      }}
    >
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
      {groups.length > 0 && (
        <select
          aria-label={text.limits.whoPays}
          value={group}
          onChange={(event) => setGroup(event.currentTarget.value)}
        >
          <option value="">{text.limits.anyAccount}</option>
          {groups.map((it) => (
            <option key={it.id} value={it.id}>
              {it.name}
            </option>
          ))}
        </select>
      )}
      <button type="submit">{text.makeKey}</button>
      <Fault words={fault} />
    </form>
  );
}

function FreshKey({ made }: { made: MadeKey }) {
  const text = strings.value;
  return (
    <div class="fresh-key" role="status">
      <p>{text.keyShownOnce}</p>
      <code>{made.key}</code>
      <CopyButton text={made.key} />
    </div>
  );
}
