import { number, strings } from '../../strings/strings.ts';
import { unitName } from '../../strings/usage-text.ts';
import type { Models } from '../types.ts';
import { approximateDuration } from '../ui/duration-text.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, useResource } from '../ui/resource.tsx';
import { Headings, TableFrame } from '../ui/tables.tsx';
import type { Words } from '../words/en.ts';
import { words } from '../words/words.ts';
import { ConfigurationFile } from './configuration-file.tsx';
import { TryIt } from './try-it.tsx';

type Health = Models['models'][number]['health'];
type Price = Models['models'][number]['price'];

/** Models and providers: their configuration and their health. */
export function ModelsPage() {
  const resource = useResource<Models>('/api/admin/models/');
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.models} />
      </header>
      <Loaded resource={resource}>
        {({ models, providers }) => (
          <>
            <ModelTable models={models} />
            <Providers providers={providers} />
            <ConfigurationFile onApplied={resource.reload} />
            <TryIt names={models.map(({ name }) => name)} />
          </>
        )}
      </Loaded>
    </>
  );
}

function ModelTable({ models }: { models: Models['models'] }) {
  return (
    <TableFrame name={words.value.models}>
      <table class="data stacks">
        <thead>
          <tr>
            <Headings
              names={[
                strings.value.model,
                words.value.provider,
                words.value.price,
                words.value.providerPrice,
                words.value.availableTo,
                words.value.fallbacks,
                words.value.health,
              ]}
            />
          </tr>
        </thead>
        <tbody>
          {models.map((it) => (
            <tr key={it.name}>
              <td class="wide">{it.name}</td>
              <td data-name={words.value.provider}>
                {it.provider ? `${it.provider}: ${it.upstream}` : words.value.builtIn}
              </td>
              <td data-name={words.value.price}>
                <div>
                  <PriceLines price={it.price} />
                  <Unpriced units={it.unpriced} />
                </div>
              </td>
              <td data-name={words.value.providerPrice}>
                {it.provider_price ? (
                  <PriceLines price={it.provider_price} />
                ) : (
                  words.value.notSpecified
                )}
              </td>
              <td data-name={words.value.availableTo}>{audienceText(it.allow)}</td>
              <td data-name={words.value.fallbacks}>{it.fallbacks.join(', ')}</td>
              <td data-name={words.value.health}>
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
    <section class="page-section">
      <h2>{words.value.providers}</h2>
      {providers.length === 0 && <p class="empty">{words.value.noProviders}</p>}
      <ul class="rows">
        {providers.map((it) => (
          <li key={it.name}>
            <span class="row-main">
              {it.name} <code>{it.base_url}</code>
            </span>
            <span class="row-more">
              {it.kind === 'other' || it.kind === it.wire ? it.wire : `${it.wire}, ${it.kind}`}
            </span>
            <HealthChip health={it.health} />
            <Rests endpoints={it.endpoints} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The endpoints that are not asked at the moment, and why. */
function Rests({ endpoints }: { endpoints: Models['providers'][number]['endpoints'] }) {
  const resting = endpoints.flatMap(({ rest }, index) => (rest ? [{ rest, index }] : []));
  return resting.map(({ rest, index }) => {
    const { reason, status, model, seconds } = rest;
    const about = [
      ...(endpoints.length > 1 ? [words.value.endpoint(number(index + 1))] : []),
      words.value.restReasons[reason],
      ...(status === null ? [] : [String(status)]),
      ...(model === null ? [] : [model]),
      words.value.restsFor(approximateDuration(seconds)),
    ];
    return (
      <p key={index} class={`rest ${reason}`}>
        {about.join(' · ')}
      </p>
    );
  });
}

function HealthChip({ health }: { health: Health }) {
  const { state, messages, failed, median_ms: medianMs } = health;
  const { by_fallback: byFallback, by_dearer_fallback: byDearer } = health;
  const details = [
    ...(messages + failed > 0
      ? [words.value.failedOf(number(failed), number(messages + failed))]
      : []),
    ...(byFallback > 0 ? [words.value.byFallback(number(byFallback))] : []),
    ...(byDearer > 0 ? [words.value.byDearerFallback(number(byDearer))] : []),
    ...(medianMs === null ? [] : [approximateDuration(medianMs / 1000)]),
  ];
  return (
    <span class="health">
      <span class={`chip ${state}`}>{words.value.healthStates[state]}</span> {details.join(' · ')}
    </span>
  );
}

function audienceText(allow: Models['models'][number]['allow']): string {
  if (typeof allow !== 'string') return allow.join(', ');
  return words.value.audiences[allow as keyof Words['audiences']] ?? allow;
}

/** One rate on each line; those of a larger input below their heading. */
function PriceLines({ price: { rates, tiers } }: { price: Price }) {
  const { rateEach, ratePerMillion, ratesAbove, tierFactor, perMessage } = words.value;
  const rateText = ({ unit, per, tokens }: Price['rates'][number]) => {
    if (unit === 'message') return perMessage(number(tokens));
    return (per === 1 ? rateEach : ratePerMillion)(unitName(unit), number(tokens));
  };
  const byInput = Map.groupBy(rates, (it) => it.above_input);
  const lines = [
    ...[...byInput].flatMap(([above, all]) => [
      ...(above === null ? [] : [ratesAbove(number(above))]),
      ...all.map(rateText),
    ]),
    ...Object.entries(tiers).map(([tier, factor]) => tierFactor(tier, number(factor))),
  ];
  return <Lines texts={lines.length === 0 ? ['0'] : lines} />;
}

function Lines({ texts }: { texts: readonly string[] }) {
  return (
    <ul class="lines">
      {texts.map((it, index) => (
        <li key={index}>{it}</li>
      ))}
    </ul>
  );
}

/** What was used lately and had no price, so that the operator pays for it. */
function Unpriced({ units }: { units: Models['models'][number]['unpriced'] }) {
  if (units.length === 0) return null;
  const texts = units.map(({ unit, count, charges }) =>
    words.value.unpricedUnit(unitName(unit), number(count), charges),
  );
  return (
    <div class="warning" role="alert">
      {words.value.unpriced}
      <Lines texts={texts} />
    </div>
  );
}
