import { useState } from 'preact/hooks';
import { number } from '../../strings/strings.ts';
import type { UserUsage } from '../types.ts';
import { useResource } from '../ui/resource.tsx';
import { Headings, TableFrame } from '../ui/tables.tsx';
import { words } from '../words/words.ts';
import { ChargedChart } from './charged-chart.tsx';

type Point = UserUsage['points'][number];

/** A user's usage by day: a chart, and the same in numbers. */
export function UserUsageSection({ address }: { address: string }) {
  const { data } = useResource<UserUsage>(`${address}usage/`);
  const [isOpen, setOpen] = useState(false);
  if (!data) return null;
  const used = data.points.filter(({ messages, failed }) => messages + failed > 0);
  if (used.length === 0) return null;
  return (
    <section class="page-section">
      <h2>{words.value.usageLast30Days}</h2>
      <ChargedChart points={data.points} />
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{words.value.inNumbers}</summary>
        {isOpen && <InNumbers points={used} />}
      </details>
    </section>
  );
}

function InNumbers({ points }: { points: readonly Point[] }) {
  return (
    <TableFrame name={words.value.usageLast30Days}>
      <table class="data">
        <thead>
          <tr>
            <th>{words.value.day}</th>
            <Headings
              isNumber
              names={[words.value.charged, words.value.messages, words.value.failures]}
            />
            <th class="number spare">{words.value.input}</th>
            <th class="number spare">{words.value.output}</th>
          </tr>
        </thead>
        <tbody>
          {points.toReversed().map((it) => (
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
