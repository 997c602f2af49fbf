/** What an import would do, and what it did. */
import { useEffect, useRef } from 'preact/hooks';
import { siteUrl } from '../../state/site-address.ts';
import { number, strings } from '../../strings/strings.ts';
import type { ImportedUser, ImportProblem, UserImport } from '../types.ts';
import { TableFrame, useFirstRows } from '../ui/tables.tsx';
import { words } from '../words/words.ts';
import { accessCsv, saveCsv } from './access-csv.ts';
import { Counts } from './counts.tsx';
import { FaultTable, type ShownFault } from './fault-table.tsx';

/** What the file would do, or what is wrong with it. */
export function ImportPreview(props: {
  seen: UserImport;
  isBusy: boolean;
  isLost: boolean;
  onRun: () => void;
  onBack: () => void;
}) {
  const { seen, isBusy, isLost, onRun, onBack } = props;
  const { counts, faults, rows } = seen;
  const heading = useRef<HTMLParagraphElement>(null);
  // The form had the focus and is gone.
  useEffect(() => heading.current?.focus(), []);
  const isFaulty = counts.faults > 0;
  return (
    <section class="page-section plan">
      <p
        ref={heading}
        tabIndex={-1}
        class={isFaulty ? 'fault' : undefined}
        role={isFaulty ? 'alert' : undefined}
      >
        {isFaulty
          ? words.value.importFaultCount(counts.faults)
          : rows.length === 0
            ? words.value.importNothing
            : words.value.importWould}
      </p>
      {!isFaulty && (
        <Counts labels={words.value.importCounts} counts={counts} newGroups={seen.new_groups} />
      )}
      {isLost && (
        <p class="warning" role="alert">
          {words.value.importLost}
        </p>
      )}
      <div class="actions">
        {!isFaulty && rows.length > 0 && (
          <button type="button" class="primary" disabled={isBusy} onClick={onRun}>
            {isBusy ? words.value.importRunning : words.value.importRun}
          </button>
        )}
        <button type="button" disabled={isBusy} onClick={onBack}>
          {words.value.importBack}
        </button>
      </div>
      {isFaulty ? (
        <FaultTable faults={faults.map(shownFault)} all={counts.faults} />
      ) : (
        <Rows rows={rows} />
      )}
    </section>
  );
}

/** What was done, with the links and passwords, which are told only now. */
export function ImportDone({ done, onAgain }: { done: UserImport; onAgain: () => void }) {
  const { rows, stopped, counts } = done;
  const hasAccess = rows.some(({ link, password }) => link !== null || password !== null);
  const message = useRef<HTMLParagraphElement>(null);
  useEffect(() => message.current?.focus(), []);
  return (
    <section class="page-section plan">
      <p ref={message} tabIndex={-1} class={stopped ? 'fault' : undefined} role="status">
        {stopped
          ? words.value.importStopped(stopped.row, rows.length, stopped.message)
          : words.value.importDone(rows.length)}
      </p>
      {!stopped && (
        <Counts labels={words.value.importCounts} counts={counts} newGroups={done.new_groups} />
      )}
      {hasAccess && <p class="notice">{words.value.importOnce}</p>}
      <div class="actions">
        {hasAccess && (
          <button type="button" class="primary" onClick={() => save(rows)}>
            {words.value.importDownload}
          </button>
        )}
        <button type="button" onClick={onAgain}>
          {words.value.importAnother}
        </button>
        <a class="button quiet" href="/admin/">
          {words.value.allUsers}
        </a>
      </div>
      <Rows rows={rows} />
    </section>
  );
}

function save(rows: readonly ImportedUser[]): void {
  saveCsv('access.csv', accessCsv(rows, siteUrl('')));
}

function Rows({ rows }: { rows: readonly ImportedUser[] }) {
  const { first, showAll } = useFirstRows(rows);
  if (rows.length === 0) return null;
  return (
    <>
      <TableFrame name={words.value.importUsers}>
        <table class="data">
          <thead>
            <tr>
              <th>{strings.value.username}</th>
              <th>{words.value.importGroups}</th>
              <th>{words.value.voucherPlan}</th>
              <th class="number">{words.value.importTokens}</th>
              <th class="spare">{words.value.importAccess}</th>
            </tr>
          </thead>
          <tbody>
            {first.map((it) => (
              <tr key={it.row}>
                <td class="wide">
                  {it.id === null ? (
                    it.username
                  ) : (
                    <a href={`/admin/users/${it.id}`}>{it.username}</a>
                  )}
                  {!it.is_new && <span class="beneath-each">{words.value.importExists}</span>}
                </td>
                <td>{it.joins.join(', ')}</td>
                <td>{it.plan}</td>
                <td class="number">{it.is_new ? number(it.tokens) : ''}</td>
                <td class="spare">
                  {it.password ? <code>{it.password}</code> : words.value.importAccessOf[it.access]}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {showAll}
    </>
  );
}

function shownFault(it: ImportProblem): ShownFault {
  return { ...it, text: words.value.importFaultTexts[it.code] ?? it.message };
}
