import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { download } from '../../api/download.ts';
import { query, setQuery } from '../../state/router.ts';
import { number, strings } from '../../strings/strings.ts';
import type { TopUsers, Usage } from '../types.ts';
import { durationText } from '../ui/duration-text.ts';
import { Loaded, useResource } from '../ui/resource.tsx';
import { Headings, TableFrame } from '../ui/tables.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { granularityOf, periodText, startOfPeriod } from './granularity.ts';
import { ModelCharts } from './usage-charts.tsx';

/** The rows that are shown at first. */
const FIRST_ROWS = 31;
const FIRST_USERS = 20;

/** With fewer days, whole months would be more than was asked for. */
const DAYS_OF_MONTH = 28;

interface TableProps {
  readonly usage: Usage;
  readonly address: string;
  /** The model of the filter; empty for all. */
  readonly model: string;
}

/** The first number columns of every usage table. */
function outcomeHeadings(): readonly string[] {
  const { messages, failures, charged, refundedTokens } = words.value;
  return [messages, failures, charged, refundedTokens];
}

/** The numbers of the charts, newest first; the CSV file has the same rows. */
export function Periods({ usage: { points, step }, address, model }: TableProps) {
  const [isAll, setAll] = useState(false);
  const rows = points.toReversed();
  const hasUsers = model === '';
  return (
    <section class="page-section">
      <SectionHeading title={words.value.inNumbers}>
        <CsvButton address={`${address}&format=csv`} name={fileName('usage', points)} />
      </SectionHeading>
      <TableFrame name={words.value.inNumbers}>
        <table class="data numbers">
          <thead>
            <tr>
              <th>{words.value.period}</th>
              <Headings
                isNumber
                names={[
                  ...outcomeHeadings(),
                  words.value.input,
                  words.value.output,
                  ...(hasUsers ? [words.value.activeUsers] : []),
                  words.value.medianApproximate,
                  words.value.p95Approximate,
                ]}
              />
            </tr>
          </thead>
          <tbody>
            {(isAll ? rows : rows.slice(0, FIRST_ROWS)).map((it) => (
              <tr key={it.period}>
                <td>{periodText(startOfPeriod(it.period), step)}</td>
                <Numbers values={[it.messages, it.failed, it.charged, it.refunded, it.input]} />
                <Numbers values={[it.output, ...(hasUsers ? [it.users] : [])]} />
                <Durations values={[it.median_ms, it.p95_ms]} />
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {!isAll && rows.length > FIRST_ROWS && (
        <button type="button" onClick={() => setAll(true)}>
          {words.value.showAll(number(rows.length))}
        </button>
      )}
    </section>
  );
}

/** All models of the time span; the one of the filter is marked among the others. */
export function ByModel({ usage, address, model }: TableProps) {
  const { models, points } = usage;
  return (
    <section class="page-section">
      <SectionHeading title={words.value.byModel}>
        <CsvButton
          address={`${address}&table=models&format=csv`}
          name={fileName('models', points)}
        />
      </SectionHeading>
      {models.length > 1 && <ModelCharts usage={usage} model={model} />}
      <TableFrame name={words.value.byModel}>
        <table class="data numbers">
          <thead>
            <tr>
              <th>{strings.value.model}</th>
              <Headings
                isNumber
                names={[
                  ...outcomeHeadings(),
                  words.value.providerCost,
                  words.value.earned,
                  words.value.shortfall,
                  words.value.medianApproximate,
                  words.value.p95Approximate,
                ]}
              />
            </tr>
          </thead>
          <tbody>
            {models.map((it) => (
              <tr key={it.model} aria-current={it.model === model ? 'true' : undefined}>
                <td class="wide">{it.model}</td>
                <Numbers values={[it.messages, it.failed, it.charged, it.refunded]} />
                <td class="number">
                  {it.cost === null ? words.value.notSpecified : number(it.cost)}
                </td>
                <Numbers values={[it.earned, it.shortfall]} />
                <Durations values={[it.median_ms, it.p95_ms]} />
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <p class="hint">{words.value.earnedText}</p>
    </section>
  );
}

/** The users with the highest charges in a day or a month of the time span. */
export function ByUser({ usage, model }: TableProps) {
  const periods = periodsIn(usage);
  const chosen = query.value.get('period') ?? '';
  const period = periods.includes(chosen) ? chosen : (periods[0] ?? '');
  if (model !== '') {
    return (
      <section class="page-section">
        <SectionHeading title={words.value.byUser} />
        <p class="hint">{words.value.usersOfAllModels}</p>
        <button type="button" onClick={() => setQuery({ model: '' })}>
          {words.value.allModels}
        </button>
      </section>
    );
  }
  return (
    <section class="page-section">
      <SectionHeading title={words.value.topUsers}>
        <select
          aria-label={words.value.period}
          value={period}
          onChange={(event) => setQuery({ period: event.currentTarget.value })}
        >
          {periods.map((it) => (
            <option key={it} value={it}>
              {periodText(startOfPeriod(it), granularityOf(it))}
            </option>
          ))}
        </select>
        <CsvButton address={`${topUsersAddress(period)}&format=csv`} name={`users-${period}.csv`} />
      </SectionHeading>
      <UserTable period={period} />
    </section>
  );
}

function UserTable({ period }: { period: string }) {
  const [isAll, setAll] = useState(false);
  const resource = useResource<TopUsers>(topUsersAddress(period));
  return (
    <Loaded resource={resource}>
      {({ users }) => {
        const highest = Math.max(1, ...users.map(({ charged }) => charged));
        if (users.length === 0) return <p class="empty">{words.value.noUsageByUser}</p>;
        const shown = isAll ? users : users.slice(0, FIRST_USERS);
        return (
          <>
            <TableFrame name={words.value.topUsers}>
              <table class="data numbers">
                <thead>
                  <tr>
                    <th>{words.value.user}</th>
                    <th class="bar-cell">{words.value.charged}</th>
                    <Headings
                      isNumber
                      names={[
                        words.value.messages,
                        words.value.failures,
                        words.value.input,
                        words.value.output,
                      ]}
                    />
                  </tr>
                </thead>
                <tbody>
                  {shown.map((user) => (
                    <tr key={user.id}>
                      <td class="wide">
                        <a href={`/admin/users/${user.id}`}>
                          {user.username ?? words.value.deletedUser}
                        </a>
                      </td>
                      <td class="bar-cell">
                        <span class="bar" style={{ '--share': String(user.charged / highest) }}>
                          {number(user.charged)}
                        </span>
                      </td>
                      <Numbers values={[user.messages, user.failed, user.input, user.output]} />
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableFrame>
            {shown.length < users.length && (
              <button type="button" class="more" onClick={() => setAll(true)}>
                {words.value.showAll(number(users.length))}
              </button>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function topUsersAddress(period: string): string {
  return `/api/admin/usage/users/?${new URLSearchParams({ period })}`;
}

/** The months and days of the time span, newest first: usage by user is summed by these. */
function periodsIn({ points, step }: Usage): string[] {
  const newest = points.map(({ period }) => period).toReversed();
  const shortened = (length: number) => [...new Set(newest.map((it) => it.slice(0, length)))];
  if (step === 'hour') return shortened('2026-11-23'.length);
  const months = shortened('2026-11'.length);
  if (step === 'month') return months;
  return newest.length < DAYS_OF_MONTH ? [...newest, ...months] : [...months, ...newest];
}

/** The file name tells the time span. */
function fileName(what: string, points: Usage['points']): string {
  const ends = [points[0], points.at(-1)].map((it) => it?.period ?? '');
  return `${what}-${[...new Set(ends)].join('-to-')}.csv`;
}

function SectionHeading(props: { title: string; children?: ComponentChildren }) {
  return (
    <div class="section-head">
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}

function CsvButton({ address, name }: { address: string; name: string }) {
  return (
    <button
      type="button"
      class="quiet"
      onClick={() => void runAction(() => download(address, name))}
    >
      {words.value.downloadCsv}
    </button>
  );
}

function Numbers({ values }: { values: readonly (number | null)[] }) {
  return values.map((value, index) => (
    <td key={index} class="number">
      {value === null ? '' : number(value)}
    </td>
  ));
}

function Durations({ values }: { values: readonly (number | null)[] }) {
  return values.map((ms, index) => (
    <td key={index} class="number">
      {ms === null ? '' : durationText(ms / 1000)}
    </td>
  ));
}
