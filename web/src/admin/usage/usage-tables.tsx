import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { download } from '../../api/download.ts';
import { query, setQuery } from '../../state/router.ts';
import { number } from '../../strings/strings.ts';
import type { TopUsers, Usage } from '../types.ts';
import { attempt } from '../ui/list.tsx';
import { Answered, useAnswer } from '../ui/resource.tsx';
import { Heads, TableFrame } from '../ui/tables.tsx';
import { words } from '../words/words.ts';
import { beginOf, periodText, stepOf } from './granularity.ts';
import { ModelCharts, roundSeconds } from './usage-charts.tsx';

/** So many rows are shown before somebody asks for the rest. */
const FEW = 31;
const FEW_USERS = 20;

/** With fewer days a whole month would be more than was asked for. */
const A_MONTH = 28;

/** Where the numbers come from, and which of them are asked for. */
interface Part {
  readonly usage: Usage;
  readonly address: string;
  /** The one that is asked for; empty for all. */
  readonly model: string;
}

/** The heads of what every table of use begins with: what came of messages, and what they cost. */
function outcomeHeads(): readonly string[] {
  const { messages, failures, charged, refundedTokens } = words.value;
  return [messages, failures, charged, refundedTokens];
}

/** The numbers of the charts, newest first; the file has the same rows. */
export function Points({ usage: { points, step }, address, model }: Part) {
  const [isAll, setAll] = useState(false);
  const rows = points.toReversed();
  const hasUsers = model === '';
  return (
    <section class="place-section">
      <SectionHead title={words.value.inNumbers}>
        <Csv address={`${address}&format=csv`} name={fileName('usage', points)} />
      </SectionHead>
      <TableFrame name={words.value.inNumbers}>
        <table class="data numbers">
          <thead>
            <tr>
              <th>{words.value.period}</th>
              <Heads
                isNumber
                names={[
                  ...outcomeHeads(),
                  ...[
                    words.value.read,
                    words.value.written,
                    ...(hasUsers ? [words.value.activeUsers] : []),
                  ],
                  ...[words.value.medianAbout, words.value.p95About],
                ]}
              />
            </tr>
          </thead>
          <tbody>
            {(isAll ? rows : rows.slice(0, FEW)).map((it) => (
              <tr key={it.period}>
                <td>{periodText(beginOf(it.period), step)}</td>
                <Numbers of={[it.messages, it.failed, it.charged, it.refunded, it.input]} />
                <Numbers of={[it.output, ...(hasUsers ? [it.users] : [])]} />
                <Seconds of={[it.median_ms, it.p95_ms]} />
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {!isAll && rows.length > FEW && (
        <button type="button" onClick={() => setAll(true)}>
          {words.value.showRows(rows.length)}
        </button>
      )}
    </section>
  );
}

/** All models of the span, also if one of them is asked for: it is seen among the others. */
export function ByModel({ usage, address, model }: Part) {
  const { models, points } = usage;
  return (
    <section class="place-section">
      <SectionHead title={words.value.byModel}>
        <Csv address={`${address}&table=models&format=csv`} name={fileName('models', points)} />
      </SectionHead>
      {models.length > 1 && <ModelCharts usage={usage} model={model} />}
      <TableFrame name={words.value.byModel}>
        <table class="data numbers">
          <thead>
            <tr>
              <th>{words.value.model}</th>
              <Heads
                isNumber
                names={[
                  ...outcomeHeads(),
                  ...[
                    words.value.cost,
                    words.value.margin,
                    words.value.shortfall,
                    words.value.medianAbout,
                    words.value.p95About,
                  ],
                ]}
              />
            </tr>
          </thead>
          <tbody>
            {models.map((it) => (
              <tr key={it.model} aria-current={it.model === model ? 'true' : undefined}>
                <td class="wide">{it.model}</td>
                <Numbers of={[it.messages, it.failed, it.charged, it.refunded]} />
                <td class="number">{it.cost === null ? words.value.notGiven : number(it.cost)}</td>
                <Numbers of={[it.earned, it.shortfall]} />
                <Seconds of={[it.median_ms, it.p95_ms]} />
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <p class="hint">{words.value.earnedText}</p>
    </section>
  );
}

/** Who was charged most in a day or a month of the span. */
export function ByUser({ usage, model }: Part) {
  const periods = periodsIn(usage);
  const wanted = query.value.get('period') ?? '';
  const period = periods.includes(wanted) ? wanted : (periods[0] ?? '');
  if (model !== '') {
    return (
      <section class="place-section">
        <SectionHead title={words.value.byUser} />
        <p class="hint">{words.value.usersOfAll}</p>
        <button type="button" onClick={() => setQuery({ model: '' })}>
          {words.value.allModels}
        </button>
      </section>
    );
  }
  return (
    <section class="place-section">
      <SectionHead title={words.value.whoUsedMost}>
        <select
          aria-label={words.value.period}
          value={period}
          onChange={(event) => setQuery({ period: event.currentTarget.value })}
        >
          {periods.map((it) => (
            <option key={it} value={it}>
              {periodText(beginOf(it), stepOf(it))}
            </option>
          ))}
        </select>
        <Csv address={`${usersOf(period)}&format=csv`} name={`users-${period}.csv`} />
      </SectionHead>
      <UserTable period={period} />
    </section>
  );
}

function UserTable({ period }: { period: string }) {
  const [isAll, setAll] = useState(false);
  const answer = useAnswer<TopUsers>(usersOf(period));
  return (
    <Answered answer={answer}>
      {({ users }) => {
        const most = Math.max(1, ...users.map(({ charged }) => charged));
        if (users.length === 0) return <p class="empty">{words.value.usersEmpty}</p>;
        const shown = isAll ? users : users.slice(0, FEW_USERS);
        return (
          <>
            <TableFrame name={words.value.whoUsedMost}>
              <table class="data numbers">
                <thead>
                  <tr>
                    <th>{words.value.user}</th>
                    <th class="bar-cell">{words.value.charged}</th>
                    <Heads
                      isNumber
                      names={[
                        words.value.messages,
                        words.value.failures,
                        words.value.read,
                        words.value.written,
                      ]}
                    />
                  </tr>
                </thead>
                <tbody>
                  {shown.map((user) => (
                    <tr key={user.id}>
                      <td class="wide">
                        <a href={`/admin/users/${user.id}`}>
                          {user.username ?? words.value.deleted}
                        </a>
                      </td>
                      <td class="bar-cell">
                        <span class="bar" style={{ '--share': String(user.charged / most) }}>
                          {number(user.charged)}
                        </span>
                      </td>
                      <Numbers of={[user.messages, user.failed, user.input, user.output]} />
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableFrame>
            {shown.length < users.length && (
              <button type="button" class="more" onClick={() => setAll(true)}>
                {words.value.showRows(users.length)}
              </button>
            )}
          </>
        );
      }}
    </Answered>
  );
}

function usersOf(period: string): string {
  return `/api/admin/usage/users/?${new URLSearchParams({ period })}`;
}

/** The months and days of a span, newest first, since users are summed up by these. */
function periodsIn({ points, step }: Usage): string[] {
  const newest = points.map(({ period }) => period).toReversed();
  const some = (length: number) => [...new Set(newest.map((it) => it.slice(0, length)))];
  if (step === 'hour') return some('2026-11-23'.length);
  const months = some('2026-11'.length);
  if (step === 'month') return months;
  return newest.length < A_MONTH ? [...newest, ...months] : [...months, ...newest];
}

/** A file says of when it is. */
function fileName(what: string, points: Usage['points']): string {
  const ends = [points[0], points.at(-1)].map((it) => it?.period ?? '');
  return `${what}-${[...new Set(ends)].join('-to-')}.csv`;
}

function SectionHead(props: { title: string; children?: ComponentChildren }) {
  return (
    <div class="section-head">
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}

function Csv({ address, name }: { address: string; name: string }) {
  return (
    <button type="button" class="quiet" onClick={() => void attempt(() => download(address, name))}>
      {words.value.csv}
    </button>
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
      {ms === null ? '' : roundSeconds(ms / 1000)}
    </td>
  ));
}
