import { useMemo } from 'preact/hooks';
import { query, setQuery } from '../state/router.ts';
import { number, secondsText, time } from '../strings/strings.ts';
import { Chart } from './chart.tsx';
import { attempt, download, useOne } from './list.tsx';
import { Heads, TableFrame } from './tables.tsx';
import type { TopUsers, Usage } from './types.ts';
import { words } from './words.ts';

const SPANS = [
  ['hour', words.lastDay],
  ['day', words.last30],
  ['month', words.lastYear],
] as const;

/** Sums that lag further behind say so. */
const BEHIND_MS = 120_000;

/** What was used: charts, and the same numbers as tables. */
export function UsagePage() {
  const step = query.value.get('step') ?? 'day';
  const model = query.value.get('model') ?? '';
  const wanted = new URLSearchParams({ step, ...(model === '' ? {} : { model }) });
  const address = `/api/admin/usage/?${wanted}`;
  const { it, fault } = useOne<Usage>(address);
  return (
    <>
      <header class="place-head">
        <h1>{words.usage}</h1>
      </header>
      <div class="filters">
        <select
          aria-label={words.span}
          value={step}
          onChange={(event) => setQuery({ step: event.currentTarget.value })}
        >
          {SPANS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <select
          aria-label={words.model}
          value={model}
          onChange={(event) => setQuery({ model: event.currentTarget.value })}
        >
          <option value="">{words.allModels}</option>
          {[
            ...new Set([...(it?.models.map((of) => of.model) ?? []), ...(model ? [model] : [])]),
          ].map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <Csv address={`${address}&format=csv`} name="usage.csv" />
      </div>
      {fault !== undefined && (
        <p class="fault" role="alert">
          {words.failed} {fault}
        </p>
      )}
      {it && Date.now() - Date.parse(it.as_of) > BEHIND_MS && (
        <p class="hint">{words.asOf(time(it.as_of))}</p>
      )}
      {it && <Charts usage={it} />}
      {it && <Points usage={it} />}
      {it && <ByModel usage={it} address={address} />}
      <ByUser />
    </>
  );
}

function Csv({ address, name }: { address: string; name: string }) {
  return (
    <button type="button" class="quiet" onClick={() => void attempt(() => download(address, name))}>
      {words.csv}
    </button>
  );
}

type Point = Usage['points'][number];

/** Which numbers a chart shows, each with its name. */
const CHARTS: readonly {
  readonly title: string;
  /** That the sum over all periods is of use. */
  readonly hasTotal?: boolean;
  readonly series: readonly (readonly [string, (of: Point) => number | null])[];
}[] = [
  { title: words.messages, hasTotal: true, series: [[words.messages, (of) => of.messages]] },
  { title: words.charged, hasTotal: true, series: [[words.charged, (of) => of.charged]] },
  { title: words.activeUsers, series: [[words.activeUsers, (of) => of.users]] },
  { title: words.failures, hasTotal: true, series: [[words.failures, (of) => of.failed]] },
  {
    title: words.modelTokens,
    series: [
      [words.written, (of) => of.output],
      [words.read, (of) => of.input],
    ],
  },
  {
    title: words.time,
    series: [
      [words.median, (of) => inSeconds(of.median_ms)],
      [words.p95, (of) => inSeconds(of.p95_ms)],
    ],
  },
];

function inSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

function Charts({ usage: { points } }: { usage: Usage }) {
  const charts = useMemo(() => {
    const times = points.map(({ period }) => timeOf(period) / 1000);
    return CHARTS.map(({ title, hasTotal, series: all }) => {
      const series = all.map(([label, read]) => ({ label, values: points.map(read) }));
      return { title, times, series, total: hasTotal ? sumOf(series[0]?.values ?? []) : undefined };
    });
  }, [points]);
  return (
    <div class="charts">
      {charts.map((chart) => (
        <Chart key={chart.title} {...chart} />
      ))}
    </div>
  );
}

function sumOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/** When a period began. */
function timeOf(period: string): number {
  return Date.parse(period.length === 13 ? `${period}:00Z` : period);
}

function Points({ usage: { points } }: { usage: Usage }) {
  const used = points.filter((it) => it.messages + it.failed + it.refunded > 0).toReversed();
  return (
    <section class="place-section">
      <h2>{words.inNumbers}</h2>
      {used.length === 0 && <p class="empty">{words.noUse}</p>}
      {used.length > 0 && (
        <TableFrame name={words.inNumbers}>
          <table class="data">
            <thead>
              <tr>
                <th>{words.period}</th>
                <Heads
                  isNumber
                  names={[
                    ...[words.messages, words.failures, words.charged, words.refundedTokens],
                    ...[words.read, words.written, words.activeUsers, words.median, words.p95],
                  ]}
                />
              </tr>
            </thead>
            <tbody>
              {used.map((it) => (
                <tr key={it.period}>
                  <td>{it.period.replace('T', ' ')}</td>
                  <Numbers of={[it.messages, it.failed, it.charged, it.refunded, it.input]} />
                  <Numbers of={[it.output, it.users]} />
                  <Seconds of={[it.median_ms, it.p95_ms]} />
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </section>
  );
}

function Numbers({ of }: { of: readonly (number | null)[] }) {
  return of.map((value, index) => (
    <td key={index} class="number">
      {value === null ? '' : number(value)}
    </td>
  ));
}

function Seconds({ of }: { of: readonly (number | null)[] }) {
  return of.map((ms, index) => (
    <td key={index} class="number">
      {ms === null ? '' : `${secondsText(ms)} s`}
    </td>
  ));
}

function ByModel({ usage: { models }, address }: { usage: Usage; address: string }) {
  if (models.length === 0) return null;
  return (
    <section class="place-section">
      <h2>{words.byModel}</h2>
      <TableFrame name={words.byModel}>
        <table class="data">
          <thead>
            <tr>
              <th>{words.model}</th>
              <Heads
                isNumber
                names={[
                  ...[words.messages, words.failures, words.charged, words.shortfall],
                  ...[words.cost, words.margin, words.median, words.p95],
                ]}
              />
            </tr>
          </thead>
          <tbody>
            {models.map((it) => (
              <tr key={it.model}>
                <td class="wide">{it.model}</td>
                <Numbers of={[it.messages, it.failed, it.charged, it.shortfall]} />
                <td class="number">{it.cost === null ? words.notGiven : number(it.cost)}</td>
                <td class="number">
                  {it.cost === null ? '' : number(it.charged - it.refunded - it.cost)}
                </td>
                <Seconds of={[it.median_ms, it.p95_ms]} />
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <Csv address={`${address}&table=models&format=csv`} name="models.csv" />
    </section>
  );
}

function ByUser() {
  const { it } = useOne<TopUsers>('/api/admin/usage/users/');
  if (!it || it.users.length === 0) return null;
  return (
    <section class="place-section">
      <h2>
        {words.byUser} ({it.period})
      </h2>
      <TableFrame name={words.byUser}>
        <table class="data">
          <thead>
            <tr>
              <th>{words.user}</th>
              <Heads
                isNumber
                names={[words.messages, words.failures, words.charged, words.read, words.written]}
              />
            </tr>
          </thead>
          <tbody>
            {it.users.map((user) => (
              <tr key={user.id}>
                <td class="wide">
                  <a href={`/admin/users/${user.id}`}>{user.username ?? words.deleted}</a>
                </td>
                <Numbers of={[user.messages, user.failed, user.charged, user.input, user.output]} />
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <Csv address="/api/admin/usage/users/?format=csv" name={`users-${it.period}.csv`} />
    </section>
  );
}
