/** What the doctor looks at, from the settings of this installation. */
import { existsSync, readFileSync } from 'node:fs';
import packageJson from '../package.json' with { type: 'json' };
import type { Subject } from './app/operations/doctor/subject.ts';
import type { Fingerprints } from './app/operations/servers.ts';
import { secretKeyPath } from './auth/secret-key.ts';
import { backupFolderOf, type Config, dataFolderOf, ENV_FILE } from './config.ts';
import type { Deployment } from './core/deployment.ts';

/** What of an installation the settings do not say. */
export interface Served {
  readonly deploymentFile: string | undefined;
  readonly deployment: Deployment | undefined;
  readonly deploymentFaults: readonly string[];
  readonly fingerprints: Fingerprints | undefined;
  readonly failingModels: readonly string[];
}

/** Changes nothing: a secret key that is missing stays so. */
export function doctorSubjectOf(config: Config, served: Served): Subject {
  const { environment } = config;
  const secretFiles = Object.entries(environment).flatMap(([name, path]) =>
    path && /^(CHIT_SECRET_KEY|CHIT_DATABASE_URL|\w+_API_KEY)_FILE$/.test(name) ? [path] : [],
  );
  return {
    settings: config,
    settingCount: config.shown.length,
    dataFolder: dataFolderOf(config),
    backupFolder: backupFolderOf(config),
    envFile: ENV_FILE,
    secretFiles,
    secretKey: secretKeyOf(config),
    nodeRange: packageJson.engines.node,
    version: packageJson.version,
    ...served,
  };
}

/** The secret key of a setting, or of the file if there is one. */
export function secretKeyOf(config: Config): string | undefined {
  const file = secretKeyPath(dataFolderOf(config));
  if (config.secretKey !== '') return config.secretKey;
  if (!existsSync(file)) return undefined;
  return readFileSync(file, 'utf8').trim() || undefined;
}
