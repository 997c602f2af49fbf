/** What the doctor looks at. */
import type { Deployment } from '../../../core/deployment.ts';
import type { Environment } from '../../../store/operations/postgres-tools.ts';
import type { Fingerprints } from '../servers.ts';

/** The settings that the checks ask for. */
export interface ExaminedSettings {
  readonly host: string;
  readonly workers: number;
  readonly databaseUrl: string;
  readonly queryTimeoutSeconds: number;
  readonly lockTimeoutSeconds: number;
  readonly accessTokenMinutes: number;
  readonly passwordMinLength: number;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  /** Without a slash at the end; empty if it is not set. */
  readonly publicUrl: string;
  readonly signup: 'open' | 'closed';
  readonly passwordLogin: boolean;
  readonly signupsPerHour: number;
  readonly logLevel: string;
  readonly demoModel: boolean;
  readonly backupEveryHours: number;
  readonly environment: Environment;
}

/** An installation, as a command or a server sees it. */
export interface Subject {
  readonly settings: ExaminedSettings;
  /** How many settings there are. */
  readonly settingCount: number;
  readonly dataFolder: string;
  readonly backupFolder: string;
  /** `.env`, whether or not there is one. */
  readonly envFile: string;
  /** The file with the models; undefined if there is none. */
  readonly deploymentFile: string | undefined;
  /** Files that settings and `chit.json` name in place of a secret. */
  readonly secretFiles: readonly string[];
  /** The key of a setting or of the file; undefined if there is none. */
  readonly secretKey: string | undefined;
  /** undefined if the file has faults. */
  readonly deployment: Deployment | undefined;
  /** What is wrong with that file, one sentence each. */
  readonly deploymentFaults: readonly string[];
  readonly fingerprints: Fingerprints | undefined;
  /** Names of models that fail; only a server knows. */
  readonly failingModels: readonly string[];
  /** The range of versions of Node.js that this version needs, such as `>=24.7`. */
  readonly nodeRange: string;
  readonly version: string;
}
