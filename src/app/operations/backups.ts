import { type BackupMaker, madeAtMsOf } from '../../core/backups.ts';
import { ChitError } from '../../core/errors.ts';
import type { AuditLogStore } from '../../store/admin/audit-log.ts';
import { isPostgres, sqlitePath } from '../../store/database/dialect.ts';
import {
  type BackupList,
  type ListedBackup,
  listBackups,
} from '../../store/operations/backup-folder.ts';
import { whyNoDump } from '../../store/operations/postgres-copy.ts';
import { newId } from '../ids.ts';
import { makeBackupApart } from './backup-apart.ts';
import { type BackupSource, isGood, type MadeBackup } from './make-backup.ts';

/** A server makes none right after its start, when there is other work. */
const FIRST_AFTER_MS = 300_000;
/** One that failed is tried again after this time. */
const RETRY_AFTER_MS = 3_600_000;
/** From this age on of the last good one, the panel and `chit doctor` warn. */
export const OVERDUE_AFTER_MS = 2 * 86_400_000;
/** How much later a server makes one that has made none before, where another one may. */
const STRANGER_WAITS_MS = 2 * 3_600_000;

/** Entries of the audit log about backups that the schedule has made. */
const SCHEDULED = { action: 'backup.make', target: 'backup:schedule' } as const;

export interface BackupSettings extends BackupSource {
  readonly folder: string;
  /** How often the schedule makes one, in milliseconds; 0 for never. */
  readonly everyMs: number;
}

/** A backup that failed. */
export interface FailedBackup {
  readonly atMs: number;
  readonly madeBy: BackupMaker;
  /** A sentence for the operator. */
  readonly reason: string;
}

/** What became of a backup that this server made. */
export type BackupResult =
  | { readonly made: MadeBackup; readonly failed?: never }
  | { readonly failed: FailedBackup; readonly made?: never };

/** What staff and monitoring may know of the backups of an installation. */
export interface BackupState extends BackupList {
  readonly folder: string;
  readonly everyMs: number;
  /** The newest without faults. */
  readonly lastGood: ListedBackup | undefined;
  /** Whether the last good one is too old, or there is none though there should be. */
  readonly isOverdue: boolean;
  /** The last one of this server, if it failed. */
  readonly failed: FailedBackup | undefined;
  /** The one that this server is making. */
  readonly running: { readonly sinceMs: number; readonly madeBy: BackupMaker } | undefined;
  /** Why this server cannot make any, and what to do. */
  readonly impossible: string | undefined;
}

/**
 * The newest backup in a folder that was found to be without faults: what metrics and `chit doctor`
 * ask for. Its time is `madeAtMsOf(backup.manifest)`.
 */
export async function lastGoodBackup(folder: string): Promise<ListedBackup | undefined> {
  return (await listBackups(folder)).backups.find(isGood);
}

type RunningBackup = NonNullable<BackupState['running']> & {
  readonly begun: Promise<void>;
  readonly ended: Promise<void>;
};

/** The backups that a server makes: by its schedule, and when a superuser asks. One at a time. */
export class Backups {
  readonly settings: BackupSettings;
  /** Told of each one, for the log. */
  onResult: (result: BackupResult) => void = () => undefined;
  readonly #now: () => number;
  readonly #auditLog: AuditLogStore;
  readonly #startedMs: number;
  readonly #stopping = new AbortController();
  #running: RunningBackup | undefined;
  #failed: FailedBackup | undefined;
  #impossible: string | undefined;
  /** The one that the schedule wanted and this server cannot make. */
  #unmade: FailedBackup | undefined;

  constructor(settings: BackupSettings, on: { now: () => number; auditLog: AuditLogStore }) {
    this.settings = settings;
    this.#now = on.now;
    this.#auditLog = on.auditLog;
    this.#startedMs = on.now();
  }

  /** The last one of this server, if it failed, or if the schedule could not make it at all. */
  get lastFailure(): FailedBackup | undefined {
    return this.#failed ?? this.#unmade;
  }

  /** What there is, and what this server is doing. */
  async state(): Promise<BackupState> {
    const { folder, everyMs } = this.settings;
    let unlisted: string | undefined;
    const list = await listBackups(folder).catch((error: Error): BackupList => {
      unlisted = `${folder} cannot be read: ${error.message}`;
      return { backups: [], unreadable: [] };
    });
    const lastGood = list.backups.find(isGood);
    const sinceMs = lastGood ? madeAtMsOf(lastGood.manifest) : this.#startedMs;
    await this.#findOut();
    const { backups, unreadable } = list;
    return {
      folder,
      everyMs,
      backups,
      unreadable,
      lastGood,
      isOverdue: this.#now() - sinceMs > OVERDUE_AFTER_MS,
      failed: this.#failed,
      running: this.#running,
      impossible: unlisted ?? this.#impossible,
    };
  }

  /**
   * Begins to make a backup in the background.
   * @param beforehand is done if one can be made now, and before it is
   * @throws ChitError `backup_running`, `backup_impossible`; what `beforehand` throws
   */
  async begin(madeBy: BackupMaker, beforehand: () => Promise<void>): Promise<void> {
    await this.#findOut();
    if (this.#impossible !== undefined) {
      throw new ChitError('backup_impossible', { reason: this.#impossible });
    }
    if (this.#running) throw new ChitError('backup_running', undefined);
    await this.#start(madeBy, beforehand).begun;
  }

  /** Makes a backup if the schedule wants one now; resolves when it is made. */
  async makeIfDue(): Promise<void> {
    const nowMs = this.#now();
    if (this.settings.everyMs === 0 || nowMs - this.#startedMs < FIRST_AFTER_MS) return;
    if (this.#running || nowMs - (this.#failed?.atMs ?? 0) < RETRY_AFTER_MS) return;
    try {
      if (!(await this.#isDue(nowMs))) {
        this.#unmade = undefined;
        return;
      }
      await this.#findOut();
    } catch (error) {
      this.#fail('schedule', error);
      return;
    }
    if (this.#impossible === undefined) {
      this.#unmade = undefined;
      this.#start('schedule');
      await this.untilIdle();
    } else if (!this.#unmade) {
      this.#unmade = { atMs: nowMs, madeBy: 'schedule', reason: this.#impossible };
      this.onResult({ failed: this.#unmade });
    }
  }

  /** Resolves when none is being made. */
  async untilIdle(): Promise<void> {
    await this.#running?.ended;
  }

  /** Gives up the one that is being made; nothing of it will look like a backup. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.untilIdle();
  }

  #start(madeBy: BackupMaker, beforehand = async (): Promise<void> => undefined): RunningBackup {
    const begun = beforehand();
    const ended = begun
      .then(
        () => this.#make(madeBy),
        () => undefined,
      )
      .finally(() => {
        this.#running = undefined;
      });
    const running = { sinceMs: this.#now(), madeBy, begun, ended };
    this.#running = running;
    return running;
  }

  /** Never rejects. */
  async #make(madeBy: BackupMaker): Promise<void> {
    const { folder } = this.settings;
    const order = { folder, madeBy, mayDelete: true };
    try {
      const made = await makeBackupApart(this.settings, order, this.#stopping.signal);
      this.#failed = undefined;
      this.#unmade = undefined;
      if (this.#isShared && madeBy === 'schedule') await this.#tellOthers(made);
      this.onResult({ made });
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#fail(madeBy, error);
    }
  }

  #fail(madeBy: BackupMaker, error: unknown): void {
    this.#failed = { atMs: this.#now(), madeBy, reason: (error as Error).message };
    this.onResult({ failed: this.#failed });
  }

  /**
   * Several servers may share a PostgreSQL, each with a folder of its own. The audit log, which
   * they share too, says when the last one was made; a server with older ones comes first.
   */
  async #isDue(nowMs: number): Promise<boolean> {
    const { folder, everyMs } = this.settings;
    const { backups } = await listBackups(folder);
    const own = backups.find(isGood);
    if (own && nowMs - madeAtMsOf(own.manifest) < everyMs) return false;
    if (!this.#isShared) return true;
    const [last] = await this.#auditLog.newestOf(SCHEDULED, 1);
    return !last || nowMs - last.atMs >= everyMs + (own ? 0 : STRANGER_WAITS_MS);
  }

  get #isShared(): boolean {
    return isPostgres(this.settings.databaseUrl);
  }

  #tellOthers({ backup }: MadeBackup): Promise<void> {
    return this.#auditLog.add({
      id: newId(),
      atMs: this.#now(),
      actor: 'cli:schedule',
      address: undefined,
      action: SCHEDULED.action,
      target: SCHEDULED.target,
      reason: undefined,
      before: undefined,
      after: { file: backup.name, host: backup.manifest.host },
    });
  }

  /** Whether this server can make backups; asked again each time, since programs get installed. */
  async #findOut(): Promise<void> {
    const { databaseUrl, environment } = this.settings;
    if (this.#isShared) {
      this.#impossible = await whyNoDump(databaseUrl, environment);
    } else {
      const isInMemory = sqlitePath(databaseUrl) === ':memory:';
      this.#impossible = isInMemory ? 'A database in memory has no backups.' : undefined;
    }
  }
}
