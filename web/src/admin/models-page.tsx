import { useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import { number, secondsText } from '../strings/strings.ts';
import { attempt, ListState, useOne } from './list.tsx';
import { Heads, TableFrame } from './tables.tsx';
import type { Models } from './types.ts';
import { words } from './words.ts';

type Health = Models['models'][number]['health'];
type Price = Models['models'][number]['price'];

/** Models and providers: how they are set up, and whether they answer. */
export function ModelsPage() {
  const { it, fault } = useOne<Models>('/api/admin/models/');
  return (
    <>
      <header class="place-head">
        <h1>{words.models}</h1>
      </header>
      <ListState list={{ items: it?.models, fault }} empty={words.noUse}>
        <ModelTable models={it?.models ?? []} />
        <Providers providers={it?.providers ?? []} />
        <TryIt names={it?.models.map(({ name }) => name) ?? []} />
      </ListState>
    </>
  );
}

function ModelTable({ models }: { models: Models['models'] }) {
  return (
    <TableFrame name={words.models}>
      <table class="data">
        <thead>
          <tr>
            <Heads
              names={[
                ...[words.model, words.provider, words.price, words.providerPrice],
                ...[words.allowed, words.fallbacks, words.health],
              ]}
            />
          </tr>
        </thead>
        <tbody>
          {models.map((it) => (
            <tr key={it.name}>
              <td class="wide">{it.name}</td>
              <td>{it.provider ? `${it.provider}: ${it.upstream}` : words.builtIn}</td>
              <td>{priceText(it.price)}</td>
              <td>{it.provider_price ? priceText(it.provider_price) : words.notGiven}</td>
              <td>{typeof it.allow === 'string' ? it.allow : it.allow.join(', ')}</td>
              <td>{it.fallbacks.join(', ')}</td>
              <td>
                <HealthChip health={it.health} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Providers({ providers }: { providers: Models['providers'] }) {
  return (
    <section class="place-section">
      <h2>{words.providers}</h2>
      {providers.length === 0 && <p class="empty">{words.noProviders}</p>}
      <ul class="rows">
        {providers.map((it) => (
          <li key={it.name}>
            <span class="row-main">
              {it.name} <code>{it.base_url}</code>
            </span>
            <span class="row-more">{it.wire}</span>
            <HealthChip health={it.health} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function HealthChip({ health }: { health: Health }) {
  const { state, messages, failed, median_ms: medianMs } = health;
  const rest = [
    ...(messages + failed > 0 ? [words.failedOf(number(failed), number(messages + failed))] : []),
    ...(medianMs === null ? [] : [`${secondsText(medianMs)} s`]),
  ];
  return (
    <span class="health">
      <span class={`chip ${state}`}>{words[state]}</span> {rest.join(' · ')}
    </span>
  );
}

function priceText(price: Price): string {
  const parts = [
    [price.per_message, 'a message'],
    [price.per_million_input, 'M read'],
    [price.per_million_output, 'M written'],
  ] as const;
  const said = parts
    .filter(([tokens]) => tokens > 0)
    .map(([tokens, per]) => `${number(tokens)} / ${per}`);
  return said.join(', ') || '0';
}

interface Tried {
  readonly response: string;
  readonly ms: number;
}

function TryIt({ names }: { names: readonly string[] }) {
  const [model, setModel] = useState(names[0] ?? '');
  const [message, setMessage] = useState('');
  const [tried, setTried] = useState<Tried>();
  const [isWaiting, setWaiting] = useState(false);
  const ask = async (event: Event) => {
    event.preventDefault();
    setWaiting(true);
    setTried(undefined);
    const begun = performance.now();
    await attempt(async () => {
      const { response } = await call<Tried>('POST', '/api/chat/', { message, model });
      setTried({ response, ms: performance.now() - begun });
    });
    setWaiting(false);
  };
  return (
    <section class="place-section">
      <h2>{words.tryIt}</h2>
      <p class="hint">{words.tryText}</p>
      <form class="row" onSubmit={(event) => void ask(event)}>
        <select
          aria-label={words.model}
          value={model}
          onChange={(event) => setModel(event.currentTarget.value)}
        >
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <input
          required
          aria-label={words.message}
          placeholder={words.message}
          value={message}
          onInput={(event) => setMessage(event.currentTarget.value)}
        />
        <button type="submit" class="primary" disabled={isWaiting}>
          {words.send}
        </button>
      </form>
      {tried && (
        <div class="tried" role="status">
          <p>{tried.response}</p>
          <p class="hint">{`${secondsText(tried.ms)} s`}</p>
        </div>
      )}
    </section>
  );
}
