/** An installation without any finding, to be changed by tests. */
import { join } from 'node:path';
import type { ExaminedSettings, Subject } from '../../../../src/app/operations/doctor/subject.ts';
import type { Finding } from '../../../../src/core/doctor.ts';

const SETTINGS: ExaminedSettings = {
  host: '127.0.0.1',
  workers: 1,
  databaseUrl: 'sqlite:data/chit.db',
  queryTimeoutSeconds: 3,
  lockTimeoutSeconds: 1,
  accessTokenMinutes: 15,
  passwordMinLength: 10,
  corsOrigins: [],
  trustedProxies: ['10.0.0.2'],
  publicUrl: 'https://chat.example.org',
  signup: 'open',
  passwordLogin: true,
  signupsPerHour: 300,
  logLevel: 'info',
  demoModel: false,
  backupEveryHours: 24,
  environment: {},
};

export const SECRET = 'the secret key of an installation that is examined';

export function settingsWith(changes: Partial<ExaminedSettings>): ExaminedSettings {
  return { ...SETTINGS, ...changes };
}

/** @param folder of the installation */
export function subjectIn(folder: string, changes: Partial<Subject> = {}): Subject {
  const databaseUrl = `sqlite:${join(folder, 'data/chit.db')}`;
  return {
    settings: settingsWith({ databaseUrl }),
    settingCount: 40,
    dataFolder: join(folder, 'data'),
    backupFolder: join(folder, 'data/backups'),
    envFile: join(folder, '.env'),
    deploymentFile: undefined,
    secretFiles: [],
    secretKey: SECRET,
    deployment: undefined,
    deploymentFaults: [],
    fingerprints: { secretKey: 'this', deployment: 'this' },
    failingModels: [],
    nodeRange: '>=24.7',
    version: '0.2.0',
    ...changes,
  };
}

/** The codes of findings, in their order. */
export function codesOf(found: readonly Finding[]): string[] {
  return found.map(({ code }) => code);
}
