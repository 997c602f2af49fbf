import { useEffect } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { number, time } from '../../strings/strings.ts';
import type { Backups } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, useResource } from '../ui/resource.tsx';
import { Headings, TableFrame } from '../ui/tables.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';

const BACKUPS = '/api/admin/backups/';
/** How often it is asked whether the backup that is being made is done. */
const ASK_EVERY_MS = 1_000;

/** The backups of the server, what is wrong with them, and a button that makes one. */
export function BackupsPage() {
  const resource = useResource<Backups>(BACKUPS);
  const { data, isLoading, reload } = resource;
  const isRunning = data?.running != null;
  useEffect(() => {
    if (!isRunning || isLoading) return;
    // Also after a request that failed.
    const timer = setTimeout(reload, ASK_EVERY_MS);
    return () => clearTimeout(timer);
  }, [isRunning, isLoading]);
  const make = async () => {
    await runAction(() => call('POST', BACKUPS), words.value.backupBegun);
    reload();
  };
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.backups} />
        <button
          type="button"
          class="primary"
          disabled={data === undefined || isRunning || data.impossible !== null}
          onClick={() => void make()}
        >
          {words.value.backupNow}
        </button>
      </header>
      <Loaded resource={resource}>
        {(state) => (
          <>
            <Warnings state={state} />
            <Newest state={state} />
            <BackupTable backups={state.backups} />
            <Unreadable files={state.unreadable} />
            <About state={state} />
          </>
        )}
      </Loaded>
    </>
  );
}

/** What the operator has to do something about. The reasons are those of the log, in English. */
function Warnings({ state }: { state: Backups }) {
  const { impossible, failed, is_overdue: isOverdue, last_good_at: lastGoodAt } = state;
  const { backupImpossible, backupFailed, backupOverdue, backupNoneOverdue } = words.value;
  return (
    <>
      {impossible !== null && <Reason text={backupImpossible} reason={impossible} />}
      {failed && <Reason text={backupFailed(time(failed.at))} reason={failed.reason} />}
      {isOverdue && (
        <p class="fault" role="alert">
          {lastGoodAt === null ? backupNoneOverdue : backupOverdue}
        </p>
      )}
    </>
  );
}

function Reason({ text, reason }: { text: string; reason: string }) {
  return (
    <p class="fault" role="alert">
      {text} <span lang="en">{reason}</span>
    </p>
  );
}

function Newest({ state: { running, last_good_at: lastGoodAt } }: { state: Backups }) {
  return (
    <>
      {lastGoodAt !== null && <p>{words.value.backupLastGood(time(lastGoodAt))}</p>}
      {running && <p role="status">{words.value.backupRunning(time(running.since))}</p>}
    </>
  );
}

/** When backups are made, where they are and how one is restored. */
function About({ state: { folder, every_hours: hours } }: { state: Backups }) {
  const { backupSchedule, backupScheduleOff, backupKept, backupRestore } = words.value;
  const schedule = hours === 0 ? backupScheduleOff : backupSchedule(hours);
  return (
    <section class="page-section">
      <p class="hint">
        {schedule} {backupKept}
      </p>
      <p class="hint">
        {words.value.backupsText(folder)} {backupRestore}
      </p>
    </section>
  );
}

type Backup = Backups['backups'][number];

function BackupTable({ backups }: { backups: readonly Backup[] }) {
  if (backups.length === 0) return <p class="empty">{words.value.backupNone}</p>;
  const { backupMade, backupBy, backupSize, backupTransfers, backupLast } = words.value;
  const { backupCheck, backupFile } = words.value;
  return (
    <TableFrame name={words.value.backups}>
      <table class="data stacks">
        <thead>
          <tr>
            <Headings names={[backupMade, backupBy]} />
            <Headings names={[backupSize, backupTransfers]} isNumber />
            <Headings names={[backupLast, backupCheck, backupFile]} />
          </tr>
        </thead>
        <tbody>
          {backups.map((it) => (
            <Row key={it.name} backup={it} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Row({ backup }: { backup: Backup }) {
  const { last_transfer: last, check } = backup;
  const { faults, of } = check;
  return (
    <tr>
      <td class="wide">{time(backup.made_at)}</td>
      <td data-name={words.value.backupBy}>{words.value.backupMakers[backup.made_by]}</td>
      <td class="number" data-name={words.value.backupSize}>
        {sizeText(backup.bytes)}
      </td>
      <td class="number" data-name={words.value.backupTransfers}>
        {number(backup.transfers)}
      </td>
      <td data-name={words.value.backupLast}>{last && time(last.at)}</td>
      <td data-name={words.value.backupCheck}>
        {faults.length === 0 ? (
          words.value.backupChecks[of]
        ) : (
          <span class="fault" title={faults.join('\n')}>
            {words.value.backupFaults(faults.length)}
          </span>
        )}
      </td>
      <td class="long-text" data-name={words.value.backupFile}>
        <code>{backup.name}</code>
      </td>
    </tr>
  );
}

/** In units of a thousand, rounded up. */
function sizeText(bytes: number): string {
  const isSmall = bytes < 1_000_000;
  return isSmall ? `${number(Math.ceil(bytes / 1e3))} kB` : `${number(Math.ceil(bytes / 1e6))} MB`;
}

function Unreadable({ files }: { files: Backups['unreadable'] }) {
  if (files.length === 0) return null;
  return (
    <section class="page-section">
      <p>{words.value.backupUnreadable}</p>
      <ul>
        {files.map(({ name, reason }) => (
          <li key={name}>
            <code>{name}</code>: <span lang="en">{reason}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
