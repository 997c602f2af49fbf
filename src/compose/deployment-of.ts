/** Reads `chit.json`, with what the settings and the environment say of it. */
import { isUtf8 } from 'node:buffer';
import { existsSync, readFileSync } from 'node:fs';
import type { DeploymentFileRead } from '../app/operations/served-deployment.ts';
import { type Config, ConfigError, type Environment } from '../config.ts';
import type { Deployment } from '../core/deployment.ts';
import { defaultDeployment } from '../models/create-models.ts';
import { DeploymentError } from '../models/deployment-file/deployment-error.ts';
import type { PriceCatalogue } from '../models/prices/read-price.ts';
import { withNamedFiles } from '../settings/files.ts';

/** Where the file is unless `CHIT_CONFIG` says otherwise. */
export const DEFAULT_FILE = 'chit.json';

/**
 * The deployment in the configured file, or the default one.
 * @throws ConfigError if the file is missing or invalid
 */
export async function deploymentOf(config: Config): Promise<Deployment> {
  return (await readDeploymentFile(config).catch(toConfigError)).deployment;
}

/** Faults of the file are faults of the settings for who starts the program. */
export function toConfigError(error: unknown): never {
  if (error instanceof DeploymentError) throw new ConfigError(error.message);
  throw error;
}

/**
 * Reads the configured file, with the environment of now for the keys that it names.
 * @throws DeploymentError if the file is missing or invalid
 */
export async function readDeploymentFile(config: Config): Promise<DeploymentFileRead> {
  const { configFile, messagePrice, demoModel } = config;
  const file = configFile || DEFAULT_FILE;
  if (configFile === '' && !existsSync(file)) {
    const deployment = defaultDeployment(messagePrice, demoModel);
    const models = deployment.models.map(({ name, provider }) => ({ name, provider }));
    return { file: undefined, text: '', entries: { models }, deployment };
  }
  const { entriesOf, readDeployment } = await import(
    '../models/deployment-file/read-deployment.ts'
  );
  const text = textOf(file);
  const environment = environmentNow(config, text);
  const catalogue = await catalogueFor(text);
  const deployment = readDeployment(text, { file, environment, catalogue });
  return { file, text, entries: entriesOf(text), deployment };
}

/** The file `.env`, or a file with a key, may be unreadable by now. */
function environmentNow(config: Config, text: string): Environment {
  try {
    return withNamedFiles(config.environmentNow(), text);
  } catch (error) {
    throw new DeploymentError([(error as Error).message]);
  }
}

function textOf(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { message } = error as Error;
    throw new DeploymentError([`${file} (CHIT_CONFIG) cannot be read: ${message}`]);
  }
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new DeploymentError([`${file}:1:1: the file is not UTF-8 text. Save it as UTF-8.`]);
}

/** The prices of known models; they take 22 MB, which a file without dollars does not need. */
async function catalogueFor(text: string): Promise<PriceCatalogue | undefined> {
  if (!/"(catalogue|tokenIsWorth)"/.test(text)) return undefined;
  const { findInCatalogue, nearestInCatalogue } = await import(
    '../models/prices/price-catalogue.ts'
  );
  return { find: findInCatalogue, nearest: nearestInCatalogue };
}
