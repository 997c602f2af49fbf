import { number } from '../strings/strings.ts';
import { Answered, useAnswer } from './answer.tsx';
import { Heads, TableFrame } from './tables.tsx';
import { TryIt } from './try-it.tsx';
import type { Models } from './types.ts';
import { aboutSeconds } from './usage-charts.tsx';
import { words } from './words.ts';

type Health = Models['models'][number]['health'];
type Price = Models['models'][number]['price'];

/** Models and providers: how they are set up, and whether they answer. */
export function ModelsPage() {
  const answer = useAnswer<Models>('/api/admin/models/');
  return (
    <>
      <header class="place-head">
        <h1>{words.models}</h1>
      </header>
      <Answered answer={answer}>
        {({ models, providers }) => (
          <>
            <ModelTable models={models} />
            <Providers providers={providers} />
            <TryIt names={models.map(({ name }) => name)} />
          </>
        )}
      </Answered>
    </>
  );
}

function ModelTable({ models }: { models: Models['models'] }) {
  return (
    <TableFrame name={words.models}>
      <table class="data stacks">
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
              <td data-name={words.provider}>
                {it.provider ? `${it.provider}: ${it.upstream}` : words.builtIn}
              </td>
              <td data-name={words.price}>{priceText(it.price)}</td>
              <td data-name={words.providerPrice}>
                {it.provider_price ? priceText(it.provider_price) : words.notGiven}
              </td>
              <td data-name={words.allowed}>
                {typeof it.allow === 'string' ? it.allow : it.allow.join(', ')}
              </td>
              <td data-name={words.fallbacks}>{it.fallbacks.join(', ')}</td>
              <td data-name={words.health}>
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
    ...(medianMs === null ? [] : [aboutSeconds(medianMs / 1000)]),
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
