/** Who else can read the files with secrets, and whether the secret key is there. */
import { existsSync, statSync } from 'node:fs';
import { secretKeyPath } from '../../../auth/secret-key.ts';
import { type Finding, finding } from '../../../core/doctor.ts';
import { isPostgres, sqlitePath } from '../../../store/database/dialect.ts';
import type { Subject } from './subject.ts';

/** Bits by which everybody on the machine may read or write a file. */
const EVERYBODY = 0o006;

/** Files with secrets that others can read, and a secret key that is missing. */
export function checkFiles(subject: Subject): Finding[] {
  const files = filesWithSecrets(subject).filter((file) => existsSync(file));
  const found = [...exposed(files), ...missingKey(subject)];
  return found.length > 0 ? found : [finding('files_ok', { count: files.length })];
}

function filesWithSecrets(subject: Subject): string[] {
  const { settings, dataFolder, envFile, secretFiles } = subject;
  const isFile = !isPostgres(settings.databaseUrl);
  const database = sqlitePath(settings.databaseUrl);
  return [
    secretKeyPath(dataFolder),
    envFile,
    ...secretFiles,
    ...(isFile ? [database, `${database}-wal`] : []),
  ];
}

function exposed(files: readonly string[]): Finding[] {
  // Windows has other rights than these.
  if (process.platform === 'win32') return [];
  return files.flatMap((file) => {
    const { mode } = statSync(file);
    if ((mode & EVERYBODY) === 0) return [];
    return [finding('file_exposed', { file, mode: (mode & 0o777).toString(8).padStart(4, '0') })];
  });
}

/** A new key would end all sessions, and codes of vouchers that were printed would be unknown. */
function missingKey({ settings, dataFolder, secretKey }: Subject): Finding[] {
  if (secretKey !== undefined) return [];
  const { databaseUrl } = settings;
  const wasUsed = isPostgres(databaseUrl) || existsSync(sqlitePath(databaseUrl));
  return wasUsed ? [finding('secret_key_missing', { file: secretKeyPath(dataFolder) })] : [];
}
