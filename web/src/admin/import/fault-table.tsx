import { number } from '../../strings/strings.ts';
import { TableFrame } from '../ui/tables.tsx';
import { words } from '../words/words.ts';

/** A fault in a file, in words. */
export interface ShownFault {
  readonly row: number;
  readonly column: string | null;
  /** What stands there. */
  readonly value: string | null;
  readonly text: string;
}

/** What is wrong with a file of people, row by row; `all` counts also what is not listed. */
export function FaultTable({ faults, all }: { faults: readonly ShownFault[]; all: number }) {
  return (
    <>
      <TableFrame name={words.value.importFaults}>
        <table class="data">
          <thead>
            <tr>
              <th class="number">{words.value.importRow}</th>
              <th>{words.value.importColumn}</th>
              <th>{words.value.importFault}</th>
            </tr>
          </thead>
          <tbody>
            {faults.map((it) => (
              <tr key={`${it.row} ${it.column} ${it.text} ${it.value}`}>
                <td class="number">{number(it.row)}</td>
                <td>{it.column}</td>
                <td class="wide">
                  {it.text}
                  {it.value !== null && it.value !== '' && <code> {it.value}</code>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {all > faults.length && <p class="hint">{words.value.moreFaults(all - faults.length)}</p>}
    </>
  );
}
