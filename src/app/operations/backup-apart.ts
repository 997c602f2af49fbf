import { type ChildProcess, fork } from 'node:child_process';
import {
  BackupFailure,
  type BackupOrder,
  type BackupSource,
  type MadeBackup,
} from './make-backup.ts';

const PROCESS = new URL('./backup-process.ts', import.meta.url);
const MAX_STDERR = 2_000;

/** What the process is told. */
export interface ToBackupProcess {
  readonly source: BackupSource;
  readonly order: BackupOrder;
}

/** What it answers. */
export type FromBackupProcess =
  | { readonly made: MadeBackup; readonly failure?: never }
  | { readonly failure: string; readonly made?: never };

/**
 * As `makeBackup`, in a process of its own, so that this one answers requests meanwhile.
 * @param signal ends it; what it has begun is removed by the next backup
 * @throws BackupFailure
 */
export function makeBackupApart(
  source: BackupSource,
  order: BackupOrder,
  signal: AbortSignal,
): Promise<MadeBackup> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new BackupFailure(STOPPED));
    const child: ChildProcess = fork(PROCESS, {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = `${stderr}${chunk}`.slice(-MAX_STDERR);
    });
    const kill = () => child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    const end = (outcome: () => void) => {
      signal.removeEventListener('abort', kill);
      outcome();
    };
    child.once('message', ({ made, failure }: FromBackupProcess) =>
      end(() => (made ? resolve(made) : reject(new BackupFailure(failure)))),
    );
    child.once('error', (error) => end(() => reject(new BackupFailure(error.message))));
    child.once('exit', (code, by) => {
      const why = stderr.trim() || (by ?? `code ${code}`);
      const reason = signal.aborted ? STOPPED : `Its process ended: ${why}`;
      end(() => reject(new BackupFailure(reason)));
    });
    const message: ToBackupProcess = { source, order };
    child.send(message);
  });
}

const STOPPED = 'The backup was given up, since the server is stopping.';
