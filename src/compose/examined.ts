/** What the doctor looks at, from the settings of this installation. */
import { existsSync, readFileSync } from 'node:fs';
import packageJson from '../../package.json' with { type: 'json' };
import type { Subject } from '../app/operations/doctor/subject.ts';
import { type DeploymentFileRead, ServedDeployment } from '../app/operations/served-deployment.ts';
import { type Fingerprints, keyFingerprint } from '../app/operations/servers.ts';
import { secretKeyPath } from '../auth/secret-key.ts';
import { backupFolderOf, type Config, dataFolderOf, ENV_FILE } from '../config.ts';
import type { Deployment } from '../core/deployment.ts';
import type { Catalogue } from '../models/catalogue.ts';
import { DeploymentError } from '../models/deployment-file/deployment-error.ts';
import type { ModelHealth } from '../models/model-health.ts';
import { DEFAULT_FILE, readDeploymentFile } from './deployment-of.ts';

/** What of an installation the settings do not say. */
interface Served {
  readonly deploymentFile: string | undefined;
  readonly deployment: Deployment | undefined;
  readonly deploymentFaults: readonly string[];
  readonly fingerprints: Fingerprints | undefined;
  readonly failingModels: readonly string[];
}

/** Changes nothing: a secret key that is missing stays so. */
function subjectOf(config: Config, served: Served): Subject {
  const { environment } = config;
  const secretFiles = Object.entries(environment).flatMap(([name, path]) =>
    path && /^(CHIT_SECRET_KEY|CHIT_DATABASE_URL|\w+_API_KEY|\w+_SECRET)_FILE$/.test(name)
      ? [path]
      : [],
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

/** What the health check of a running server examines. */
export function subjectOfServer(
  config: Config,
  server: {
    readonly deployment: ServedDeployment;
    readonly catalogue: Pick<Catalogue, 'all'>;
    readonly modelHealth: ModelHealth;
    readonly secretKey: string;
  },
): Subject {
  const { deployment, catalogue, modelHealth, secretKey } = server;
  const names = catalogue.all.map(({ name }) => name);
  return subjectOf(config, {
    deploymentFile: deployment.current.file,
    deployment: deployment.current.deployment,
    deploymentFaults: deployment.refusal?.faults ?? [],
    fingerprints: {
      secretKey: keyFingerprint(secretKey),
      deployment: deployment.fingerprint,
    },
    failingModels: names.filter((name) => modelHealth.of(name).isFailing),
  });
}

/** What `chit doctor` examines. Nothing is opened or created. */
export async function examinedBy(config: Config): Promise<Subject> {
  const { configFile } = config;
  let read: DeploymentFileRead | undefined;
  let deploymentFaults: readonly string[] = [];
  try {
    read = await readDeploymentFile(config);
  } catch (error) {
    if (!(error instanceof DeploymentError)) throw error;
    deploymentFaults = error.faults;
  }
  const secretKey = secretKeyOf(config);
  const options = { read: () => readDeploymentFile(config), settings: config, now: Date.now };
  const { fingerprint: deployment } = new ServedDeployment(read, options);
  return subjectOf(config, {
    deploymentFile: read ? read.file : configFile || DEFAULT_FILE,
    deployment: read?.deployment,
    deploymentFaults,
    fingerprints:
      secretKey && read ? { secretKey: keyFingerprint(secretKey), deployment } : undefined,
    failingModels: [],
  });
}
