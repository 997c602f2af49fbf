import { useMemo, useState } from 'preact/hooks';
import { number } from '../../strings/strings.ts';
import type { UserUsage } from '../types.ts';
import { Chart } from '../ui/chart.tsx';
import { useOne } from '../ui/list.tsx';
import { Heads, TableFrame } from '../ui/tables.tsx';
import { words } from '../words/words.ts';

type Point = UserUsage['points'][number];

/** What a user used day by day: a picture, and the same in numbers. */
export function UserUse({ where }: { where: string }) {
  const { it } = useOne<UserUsage>(`${where}usage/`);
  const points = it?.points;
  // The same arrays as long as the numbers are the same, or the chart would be drawn anew.
  const { charged: label } = words.value;
  const chart = useMemo(
    () => ({
      times: (points ?? []).map(({ period }) => Date.parse(period) / 1000),
      series: [{ label, values: (points ?? []).map(({ charged }) => charged) }],
    }),
    [points, label],
  );
  const [isOpen, setOpen] = useState(false);
  const used = (points ?? []).filter(({ messages, failed }) => messages + failed > 0);
  if (used.length === 0) return null;
  const total = used.reduce((sum, { charged }) => sum + charged, 0);
  return (
    <section class="place-section">
      <h2>{words.value.use}</h2>
      <Chart title={words.value.charged} total={total} {...chart} />
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{words.value.inNumbers}</summary>
        {isOpen && <InNumbers points={used} />}
      </details>
    </section>
  );
}

function InNumbers({ points }: { points: readonly Point[] }) {
  return (
    <TableFrame name={words.value.use}>
      <table class="data">
        <thead>
          <tr>
            <th>{words.value.day}</th>
            <Heads
              isNumber
              names={[words.value.charged, words.value.messages, words.value.failures]}
            />
            <th class="number spare">{words.value.read}</th>
            <th class="number spare">{words.value.written}</th>
          </tr>
        </thead>
        <tbody>
          {[...points].reverse().map((it) => (
            <tr key={it.period}>
              <td>{it.period}</td>
              <td class="number">{number(it.charged)}</td>
              <td class="number">{number(it.messages)}</td>
              <td class="number">{number(it.failed)}</td>
              <td class="number spare">{number(it.input)}</td>
              <td class="number spare">{number(it.output)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
