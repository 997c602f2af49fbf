/**
 * Reads all settings. Their types, defaults and validation are in the tables in `settings/`, and
 * `chit config` and `docs/settings.md` come from them. Nothing else reads the environment.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { closest } from 'fastest-levenshtein';
import { ACCOUNTS } from './settings/accounts.ts';
import { DATA } from './settings/data.ts';
import { textOfFile, textOfSecretFile } from './settings/files.ts';
import { MAIL } from './settings/mail.ts';
import { MODELS } from './settings/models.ts';
import { databaseUrl, withLibpqVariables } from './settings/parsers.ts';
import { SERVING } from './settings/serving.ts';
import type { Setting } from './settings/setting.ts';

export const SETTINGS = { ...SERVING, ...ACCOUNTS, ...MAIL, ...MODELS, ...DATA };

type Settings = typeof SETTINGS;
export type SettingKey = keyof Settings;
export type Config = { readonly [K in SettingKey]: ReturnType<Settings[K]['parse']> } & {
  /** The whole environment, for variables that `chit.json` names: the API keys of providers. */
  readonly environment: Environment;
  /** The same with the file `.env` as it is now. */
  readonly environmentNow: () => Environment;
  /** All settings as they may be shown, without secrets. */
  readonly shown: readonly ShownSetting[];
};

/** A setting as it may be shown, without secrets. */
export interface ShownSetting {
  readonly name: string;
  /** undefined if it is a secret. */
  readonly value: string | undefined;
  readonly source: Source;
  readonly fallback: string;
  readonly doc: string;
}

/** In the working directory. */
export const ENV_FILE = '.env';

export type Source = 'default' | '.env' | 'environment';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadedConfig {
  readonly config: Config;
  /** The text of every setting, and its source. */
  readonly origin: Readonly<Record<SettingKey, { text: string; source: Source }>>;
}

/** Settings are invalid; the message has a line for each. */
export class ConfigError extends Error {}

/**
 * Reads all settings: from the environment, else from the file `.env` in the working directory,
 * else the defaults. An empty text counts as not set.
 * @throws ConfigError naming every setting that is unknown or invalid
 */
export function loadConfig(
  environment: Environment = process.env,
  envFile = ENV_FILE,
): LoadedConfig {
  const fromFile = readEnvFile(envFile);
  const faults = [...unknownNames(environment, 'environment'), ...unknownNames(fromFile, envFile)];
  const values: Record<string, unknown> = {};
  const origin: Record<string, { text: string; source: Source }> = {};

  for (const [key, it] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const { name, fallback, parse } = it;
    const isInFile = isSetIn(fromFile, it);
    const ofFile: Source = isInFile ? '.env' : 'default';
    const source = isSetIn(environment, it) ? 'environment' : ofFile;
    try {
      const from = source === '.env' ? fromFile : environment;
      const text = source === 'default' ? fallback : textIn(from, it);
      origin[key] = { text, source };
      values[key] = parse(text);
    } catch (error) {
      faults.push(`${name} (from ${source}): ${(error as Error).message}`);
    }
  }
  if (faults.length > 0) throw new ConfigError(faults.join('\n'));
  values.databaseUrl = withLibpqVariables(String(values.databaseUrl), environment);
  const config = {
    ...values,
    environment: { ...fromFile, ...environment },
    environmentNow: () => ({ ...readEnvFile(envFile), ...environment }),
    shown: shownSettings(origin as LoadedConfig['origin']),
  } as unknown as Config;
  return { config, origin: origin as LoadedConfig['origin'] };
}

function shownSettings(origin: LoadedConfig['origin']): ShownSetting[] {
  return Object.entries<Setting<unknown>>(SETTINGS).map(([key, it]) => {
    const { text, source } = origin[key as SettingKey];
    const fallback = it.fallback || `(${it.fallbackNote})`;
    const value = it.isSecret ? undefined : (it.shown?.(text) ?? text) || fallback;
    return { name: it.name, value, source, fallback, doc: it.doc };
  });
}

/** The data folder of this installation: that of the database file, if the database is a file. */
export function dataFolderOf(config: Pick<Config, 'databaseUrl'>): string {
  if (!config.databaseUrl.startsWith('sqlite:')) return './data';
  return dirname(config.databaseUrl.replace(/^sqlite:(\/\/)?/, ''));
}

/** @throws an Error that says what a `CHIT_DATABASE_URL` should be */
export function checkDatabaseUrl(text: string): void {
  databaseUrl(text);
}

/** The folder of the backups of this installation. */
export function backupFolderOf(config: Config): string {
  return config.backupFolder || join(dataFolderOf(config), 'backups');
}

function readEnvFile(path: string): Environment {
  if (!existsSync(path)) return {};
  try {
    return parseEnv(textOfFile(path));
  } catch (error) {
    throw new ConfigError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** The name of the variable that names a file with the text of another. */
const fileNameOf = (name: string) => `${name}_FILE`;

function isSetIn(environment: Environment, { name, mayBeFile }: Setting<unknown>): boolean {
  return Boolean(environment[name] || (mayBeFile && environment[fileNameOf(name)]));
}

/** @throws Error if the file cannot be read, or if there are two texts to choose from */
function textIn(environment: Environment, { name, mayBeFile }: Setting<unknown>): string {
  const text = environment[name] ?? '';
  const path = mayBeFile ? environment[fileNameOf(name)] : undefined;
  if (!path) return text;
  if (text !== '') throw new Error(`set either this or ${fileNameOf(name)}, not both.`);
  return textOfSecretFile(fileNameOf(name), path);
}

function unknownNames(environment: Environment, where: string): string[] {
  const settings = Object.values<Setting<unknown>>(SETTINGS);
  const known: string[] = settings.map(({ name }) => name);
  const files = settings.filter((it) => it.mayBeFile).map(({ name }) => fileNameOf(name));
  return Object.keys(environment)
    .filter((name) => name.startsWith('CHIT_') && ![...known, ...files].includes(name))
    .map((name) => {
      const nearest = closest(name, known);
      return `${name} (from ${where}): there is no such setting. Did you mean ${nearest}?`;
    });
}
