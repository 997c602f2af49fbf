/** What was used from a pool: by day, and by member. */
import { download } from '../../api/download.ts';
import { number, strings } from '../../strings/strings.ts';
import type { GroupUsageReport } from '../types.ts';
import { useResource } from '../ui/resource.tsx';
import { Headings, TableFrame } from '../ui/tables.tsx';
import { runAction } from '../ui/toast.tsx';
import { ChargedChart } from '../usage/charged-chart.tsx';
import { words } from '../words/words.ts';

/** The last thirty days; both tables can be downloaded. */
export function GroupUsage({ address, name }: { address: string; name: string }) {
  const { data } = useResource<GroupUsageReport>(`${address}usage/`);
  if (!data) return null;
  const { members, points } = data;
  const csv = () => download(`${address}usage/?format=csv`, `${name}.csv`);
  return (
    <section class="page-section">
      <h2>{words.value.groupUsage}</h2>
      {members.length === 0 ? (
        <p class="hint">{words.value.groupNobodyUsed}</p>
      ) : (
        <>
          <ChargedChart points={points} />
          <UsedBy members={members} />
          <button type="button" class="quiet" onClick={() => void runAction(csv)}>
            {words.value.downloadCsv}
          </button>
        </>
      )}
    </section>
  );
}

function UsedBy({ members }: { members: GroupUsageReport['members'] }) {
  return (
    <TableFrame name={words.value.groupUsage}>
      <table class="data">
        <thead>
          <tr>
            <th class="wide">{strings.value.username}</th>
            <Headings
              isNumber
              names={[words.value.charged, words.value.groupUsageRefunded, words.value.messages]}
            />
            <th class="number spare">{words.value.input}</th>
            <th class="number spare">{words.value.output}</th>
          </tr>
        </thead>
        <tbody>
          {members.map((it) => (
            <tr key={it.id}>
              <td class="wide">{it.username ?? words.value.deletedUser}</td>
              <td class="number">{number(it.charged)}</td>
              <td class="number">{number(it.refunded)}</td>
              <td class="number">{number(it.messages)}</td>
              <td class="number spare">{number(it.input)}</td>
              <td class="number spare">{number(it.output)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
