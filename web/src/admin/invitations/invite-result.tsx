/** What inviting people would do, and what it did. */

import { useEffect, useRef } from 'preact/hooks';
import { siteUrl } from '../../state/site-address.ts';
import { number, strings } from '../../strings/strings.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { csvText, saveCsv } from '../import/access-csv.ts';
import { Counts } from '../import/counts.tsx';
import { FaultTable, type ShownFault } from '../import/fault-table.tsx';
import type { InvitationProblem, InvitationSlip, Invited } from '../types.ts';
import { TableFrame, useFirstRows } from '../ui/tables.tsx';
import { words } from '../words/words.ts';

/** What the list would do, or what is wrong with it. */
export function InvitationPreview(props: {
  seen: Invited;
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
  const isFaulty = (counts?.faults ?? 0) > 0;
  const invited = counts?.invitations ?? 0;
  return (
    <section class="page-section plan">
      <p
        ref={heading}
        tabIndex={-1}
        class={isFaulty ? 'fault' : undefined}
        role={isFaulty ? 'alert' : undefined}
      >
        {isFaulty
          ? words.value.invitationFaultCount(counts?.faults ?? 0)
          : invited === 0
            ? words.value.invitationNothing
            : words.value.invitationWould}
      </p>
      {!isFaulty && counts && (
        <Counts labels={words.value.invitationCounts} counts={counts} newGroups={seen.new_groups} />
      )}
      {isLost && (
        <p class="warning" role="alert">
          {words.value.invitationLost}
        </p>
      )}
      <div class="actions">
        {!isFaulty && invited > 0 && (
          <button type="button" class="primary" disabled={isBusy} onClick={onRun}>
            {isBusy ? words.value.invitationRunning : words.value.invitationRun(invited)}
          </button>
        )}
        <button type="button" disabled={isBusy} onClick={onBack}>
          {words.value.invitationBack}
        </button>
      </div>
      {isFaulty ? (
        <FaultTable faults={faults.map(shownFault)} all={counts?.faults ?? 0} />
      ) : (
        <Rows rows={rows} />
      )}
    </section>
  );
}

/** Who was invited, and how to hand the invitations out. */
export function InvitationsDone({ done, onAgain }: { done: Invited; onAgain: () => void }) {
  const { invitations, batch } = done;
  const [only] = invitations;
  const message = useRef<HTMLParagraphElement>(null);
  useEffect(() => message.current?.focus(), []);
  return (
    <section class="page-section plan">
      <p ref={message} tabIndex={-1} role="status">
        {words.value.invitationDone(invitations.length)}
      </p>
      {invitations.length === 1 && only && <OneInvitation invitation={only} />}
      <div class="actions">
        {invitations.length > 0 && (
          <>
            <a class="button primary" href={`/admin/invitations/slips?batch=${batch}`}>
              {words.value.invitationPrintBatch}
            </a>
            <button type="button" onClick={() => save(invitations)}>
              {words.value.invitationDownload}
            </button>
          </>
        )}
        <button type="button" class="quiet" onClick={onAgain}>
          {words.value.invitationAnother}
        </button>
        <a class="button quiet" href="/admin/invitations">
          {words.value.invitationAll}
        </a>
      </div>
    </section>
  );
}

function OneInvitation({ invitation }: { invitation: InvitationSlip }) {
  const url = siteUrl(invitation.path);
  return (
    <div class="fresh-key">
      <p>{words.value.invitationLinkText}</p>
      <p class="voucher-code">{invitation.code}</p>
      <code>{url}</code>
      <CopyButton text={url} />
    </div>
  );
}

function save(invitations: readonly InvitationSlip[]): void {
  const head = ['name', 'username', 'email', 'groups', 'code', 'link', 'expires_at'];
  const rows = invitations.map((it) => [
    it.name,
    it.username ?? '',
    it.email ?? '',
    it.groups.join('; '),
    it.code,
    siteUrl(it.path),
    it.expires_at,
  ]);
  saveCsv('invitations.csv', csvText([head, ...rows]));
}

function Rows({ rows }: { rows: Invited['rows'] }) {
  const { first, showAll } = useFirstRows(rows);
  if (rows.length === 0) return null;
  return (
    <>
      <TableFrame name={words.value.invitations}>
        <table class="data">
          <thead>
            <tr>
              <th>{words.value.voucherName}</th>
              <th>{strings.value.username}</th>
              <th>{words.value.importGroups}</th>
              <th>{words.value.voucherPlan}</th>
              <th class="number">{words.value.importTokens}</th>
              <th class="spare">{words.value.invitationState}</th>
            </tr>
          </thead>
          <tbody>
            {first.map((it) => (
              <tr key={it.row}>
                <td class="wide">
                  {it.name}
                  {it.email !== null && it.email !== it.name && (
                    <span class="beneath-each">{it.email}</span>
                  )}
                </td>
                <td>{it.username ?? words.value.invitationChooses}</td>
                <td>{it.joins.join(', ')}</td>
                <td>{it.plan}</td>
                <td class="number">{it.state === 'new' ? number(it.tokens) : ''}</td>
                <td class="spare">{words.value.inviteeStates[it.state]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {showAll}
    </>
  );
}

function shownFault(it: InvitationProblem): ShownFault {
  const text = words.value.invitationFaultTexts[it.code] ?? it.message;
  const { row, column, value, earlier_row: earlier } = it;
  const shown = earlier === null ? text : words.value.invitationEarlierRow(earlier, text);
  return { row, column, value, text: shown };
}
