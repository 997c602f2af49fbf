/**
 * All settings, in one table: their types, defaults and validation, the output of `chit config` and
 * the table in the README come from it. Nothing else reads the environment.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { closest } from 'fastest-levenshtein';
import { MAX_CREDITS } from './core/credits.ts';
import { withoutPassword } from './core/hidden-password.ts';
import { type Setting, setting } from './setting.ts';
import { textOfFile, textOfSecretFile } from './setting-files.ts';
import {
  databaseUrl,
  listenHost,
  listOf,
  oneOf,
  optional,
  origin,
  proxyAddress,
  publicUrl,
  secretKey,
  shortText,
  token,
  wholeNumber,
  withLibpqVariables,
  zeroOr,
} from './setting-parsers.ts';

export const SETTINGS = {
  host: setting({
    name: 'CHIT_HOST',
    fallback: '127.0.0.1',
    doc: 'Address to listen on. `0.0.0.0` for every network; `unix:PATH` for a Unix socket.',
    parse: listenHost,
  }),
  port: setting({
    name: 'CHIT_PORT',
    fallback: '8000',
    doc: 'Port to listen on. 0 takes any free one.',
    parse: wholeNumber({ from: 0, to: 65_535 }),
  }),
  workers: setting({
    name: 'CHIT_WORKERS',
    fallback: '1',
    doc: 'Processes that share the port. More than 1 needs PostgreSQL.',
    parse: wholeNumber({ from: 1, to: 256 }),
  }),
  handover: setting({
    name: 'CHIT_HANDOVER',
    fallback: '0',
    doc: 'With 1, a server can start beside one that runs, on its port, and take over from it.',
    parse: (text) => oneOf('0', '1')(text) === '1',
  }),
  stopDelaySeconds: setting({
    name: 'CHIT_STOP_DELAY_SECONDS',
    fallback: '0',
    doc: 'How long a server that is told to stop takes requests still, with `/readyz` at 503.',
    parse: wholeNumber({ from: 0, to: 3_600 }),
  }),
  stopSeconds: setting({
    name: 'CHIT_STOP_SECONDS',
    fallback: '25',
    doc: 'How long replies may go on after that. Then they end with what was delivered.',
    parse: wholeNumber({ from: 0, to: 86_400 }),
  }),
  databaseUrl: setting({
    name: 'CHIT_DATABASE_URL',
    fallback: 'sqlite:./data/chit.db',
    doc: 'Where data is stored: `sqlite:PATH`, or `postgres://…` for several servers.',
    parse: databaseUrl,
    mayBeFile: true,
    shown: withoutPassword,
  }),
  queryTimeoutSeconds: setting({
    name: 'CHIT_QUERY_TIMEOUT_SECONDS',
    fallback: '3',
    doc: 'How long PostgreSQL may take for one query of a request.',
    parse: wholeNumber({ from: 1, to: 3_600 }),
  }),
  lockTimeoutSeconds: setting({
    name: 'CHIT_LOCK_TIMEOUT_SECONDS',
    fallback: '1',
    doc: 'How long it may wait for a locked row: at most half of that time.',
    parse: wholeNumber({ from: 1, to: 3_600 }),
  }),
  secretKey: setting({
    name: 'CHIT_SECRET_KEY',
    fallback: '',
    fallbackNote: 'created at first start, in the data folder',
    isSecret: true,
    doc: 'Signs tokens. With the `SECRET_KEY` of a Django site, its tokens are valid here.',
    parse: secretKey,
    mayBeFile: true,
  }),
  signupTokens: setting({
    name: 'CHIT_SIGNUP_TOKENS',
    fallback: '4000',
    doc: 'Balance of a new account.',
    parse: wholeNumber({ from: 0, to: MAX_CREDITS }),
  }),
  messagePrice: setting({
    name: 'CHIT_MESSAGE_PRICE',
    fallback: '100',
    doc: 'Price of a message to the built-in model.',
    parse: wholeNumber({ from: 0, to: MAX_CREDITS }),
  }),
  accessTokenMinutes: setting({
    name: 'CHIT_ACCESS_TOKEN_MINUTES',
    fallback: '15',
    doc: 'Lifetime of an access token.',
    parse: wholeNumber({ from: 1, to: 1_440 }),
  }),
  refreshTokenDays: setting({
    name: 'CHIT_REFRESH_TOKEN_DAYS',
    fallback: '1',
    doc: 'Lifetime of a refresh token that a program gets.',
    parse: wholeNumber({ from: 1, to: 365 }),
  }),
  sessionDays: setting({
    name: 'CHIT_SESSION_DAYS',
    fallback: '30',
    doc: 'How long a browser stays signed in after it was last used.',
    parse: wholeNumber({ from: 1, to: 400 }),
  }),
  corsOrigins: setting({
    name: 'CHIT_CORS_ORIGINS',
    fallback: '',
    fallbackNote: 'none',
    doc: 'Origins of other sites whose pages may call `/api/`, separated by commas.',
    parse: listOf(origin),
  }),
  trustedProxies: setting({
    name: 'CHIT_TRUSTED_PROXIES',
    fallback: '',
    fallbackNote: 'none',
    doc: 'Addresses of reverse proxies whose `X-Forwarded-For` is trusted.',
    parse: listOf(proxyAddress),
  }),
  publicUrl: setting({
    name: 'CHIT_PUBLIC_URL',
    fallback: '',
    fallbackNote: 'none',
    doc: 'Address of the site, such as `https://example.org/chat/`: for links and cookies.',
    parse: publicUrl,
  }),
  signup: setting({
    name: 'CHIT_SIGNUP',
    fallback: 'open',
    doc: 'Whether people can sign up by themselves: `open` or `closed`.',
    parse: oneOf('open', 'closed'),
  }),
  signupsPerHour: setting({
    name: 'CHIT_SIGNUPS_PER_HOUR',
    fallback: '300',
    doc: 'Sign-ups allowed per address and hour. 0 for no limit.',
    parse: wholeNumber({ from: 0, to: 1_000_000_000 }),
  }),
  passwordMinLength: setting({
    name: 'CHIT_PASSWORD_MIN_LENGTH',
    fallback: '1',
    doc: 'Minimum length of new passwords, in characters.',
    parse: wholeNumber({ from: 1, to: 128 }),
  }),
  minOutputTokens: setting({
    name: 'CHIT_MIN_OUTPUT_TOKENS',
    fallback: '16',
    doc: 'A balance must pay for at least this much output, in model tokens.',
    parse: wholeNumber({ from: 1, to: 1_000_000 }),
  }),
  leaseSeconds: setting({
    name: 'CHIT_LEASE_SECONDS',
    fallback: '10',
    doc: 'How long after a crash of a server other servers settle or release its holds.',
    parse: wholeNumber({ from: 1, to: 3_600 }),
  }),
  turnWaitSeconds: setting({
    name: 'CHIT_TURN_WAIT_SECONDS',
    fallback: '30',
    doc: 'How long a request waits for tokens that running requests of the same account hold.',
    parse: wholeNumber({ from: 0, to: 600 }),
  }),
  readerTimeoutSeconds: setting({
    name: 'CHIT_READER_TIMEOUT_SECONDS',
    fallback: '60',
    doc: 'How long a client may read nothing of its stream under `/v1/` before it is cut off.',
    parse: wholeNumber({ from: 1, to: 3_600 }),
  }),
  readOnSeconds: setting({
    name: 'CHIT_READ_ON_SECONDS',
    fallback: '10',
    doc: 'How long a model is still read, for its usage, after its client under `/v1/` has left.',
    parse: wholeNumber({ from: 0, to: 600 }),
  }),
  requestsPerMinute: setting({
    name: 'CHIT_REQUESTS_PER_MINUTE',
    fallback: '0',
    doc: 'Requests to models per account and minute. 0 for no limit.',
    parse: wholeNumber({ from: 0, to: 1_000_000_000 }),
  }),
  concurrentGenerations: setting({
    name: 'CHIT_CONCURRENT_GENERATIONS',
    fallback: '0',
    doc: 'Concurrent replies per account. 0 for no limit.',
    parse: wholeNumber({ from: 0, to: 1_000_000_000 }),
  }),
  usageTokensPerMinute: setting({
    name: 'CHIT_USAGE_TOKENS_PER_MINUTE',
    fallback: '0',
    doc: 'Model tokens, input and output, per account and minute. 0 for no limit.',
    parse: wholeNumber({ from: 0, to: 1_000_000_000 }),
  }),
  bodyLimitBytes: setting({
    name: 'CHIT_BODY_LIMIT_BYTES',
    fallback: '1048576',
    doc: 'Largest request body.',
    parse: wholeNumber({ from: 1_024, to: 1_073_741_824 }),
  }),
  gatewayBodyLimitBytes: setting({
    name: 'CHIT_GATEWAY_BODY_LIMIT_BYTES',
    fallback: '33554432',
    doc: 'Largest request body under `/v1/`, where bodies contain images and documents.',
    parse: wholeNumber({ from: 1_024, to: 1_073_741_824 }),
  }),
  messageLimitCharacters: setting({
    name: 'CHIT_MESSAGE_LIMIT_CHARACTERS',
    fallback: '100000',
    doc: 'Longest message of a chat, in characters. Not for `/v1/`.',
    parse: wholeNumber({ from: 1_000, to: 10_000_000 }),
  }),
  filesQuotaMegabytes: setting({
    name: 'CHIT_FILES_QUOTA_MB',
    fallback: '100',
    doc: 'What the files of one user in chats may have together, in megabytes. 0 for no files.',
    parse: wholeNumber({ from: 0, to: 1_000_000 }),
  }),
  titleModel: setting({
    name: 'CHIT_TITLE_MODEL',
    fallback: '',
    fallbackNote: 'none: titles are first lines',
    doc: 'Model that titles a chat after its first reply, charged like a message to it.',
    parse: (text) => text,
  }),
  requestTimeoutSeconds: setting({
    name: 'CHIT_REQUEST_TIMEOUT_SECONDS',
    fallback: '30',
    doc:
      'How long a client may take to send a request; files and bodies under `/v1/` take longer ' +
      'while 16 KB a second keep coming.',
    parse: wholeNumber({ from: 1, to: 3_600 }),
  }),
  configFile: setting({
    name: 'CHIT_CONFIG',
    fallback: '',
    fallbackNote: '`chit.json`, if it exists',
    doc: 'File with the providers and models, and their prices.',
    parse: (text) => text,
  }),
  demoModel: setting({
    name: 'CHIT_DEMO_MODEL',
    fallback: '0',
    doc: 'With 1 and without that file, there is a model `demo`, which streams a page of Markdown.',
    parse: (text) => oneOf('0', '1')(text) === '1',
  }),
  staffReadsChats: setting({
    name: 'CHIT_STAFF_READS_CHATS',
    fallback: '0',
    doc: 'With 1, staff can read chats, giving a reason that is logged; users are told so.',
    parse: (text) => oneOf('0', '1')(text) === '1',
  }),
  contact: setting({
    name: 'CHIT_CONTACT',
    fallback: '',
    fallbackNote: 'none',
    doc: 'Whom users can contact for an account or tokens: a name or an address.',
    parse: shortText({ most: 200 }),
  }),
  metricsPort: setting({
    name: 'CHIT_METRICS_PORT',
    fallback: '',
    fallbackNote: 'none',
    doc: 'Port for `/metrics`, for Prometheus. 0 takes any free one.',
    parse: optional(wholeNumber({ from: 0, to: 65_535 })),
  }),
  metricsHost: setting({
    name: 'CHIT_METRICS_HOST',
    fallback: '127.0.0.1',
    doc: 'Address to listen on with that port.',
    parse: (text) => text,
  }),
  metricsToken: setting({
    name: 'CHIT_METRICS_TOKEN',
    fallback: '',
    fallbackNote: 'none',
    isSecret: true,
    doc: 'Bearer token for `/metrics`. Without a port of its own, it is on the port of the server.',
    parse: token,
  }),
  backupFolder: setting({
    name: 'CHIT_BACKUP_FOLDER',
    fallback: '',
    fallbackNote: '`backups` in the data folder',
    doc: 'Where backups are made. Another disk is better.',
    parse: (text) => text,
  }),
  backupEveryHours: setting({
    name: 'CHIT_BACKUP_EVERY_HOURS',
    fallback: '24',
    doc: 'How often a backup is made. 0 for never.',
    parse: wholeNumber({ from: 0, to: 8_760 }),
  }),
  backupBeforeUpgrade: setting({
    name: 'CHIT_BACKUP_BEFORE_UPGRADE',
    fallback: '1',
    doc: 'With 0, a SQLite database is upgraded without a backup first.',
    parse: (text) => oneOf('0', '1')(text) === '1',
  }),
  keepChatsDays: setting({
    name: 'CHIT_KEEP_CHATS_DAYS',
    fallback: '0',
    doc: 'Chats are deleted so many days after their last message. 0 for never.',
    parse: wholeNumber({ from: 0, to: 36_500 }),
  }),
  keepAuditLogDays: setting({
    name: 'CHIT_KEEP_AUDIT_LOG_DAYS',
    fallback: '0',
    doc: 'Entries of the audit log are deleted after so many days, at least 31. 0 for never.',
    parse: zeroOr(wholeNumber({ from: 31, to: 36_500 })),
  }),
  keepUsageDays: setting({
    name: 'CHIT_KEEP_USAGE_DAYS',
    fallback: '0',
    doc: 'Usage by hour and by day is deleted after so many days; by month it stays. 0 for never.',
    parse: zeroOr(wholeNumber({ from: 31, to: 36_500 })),
  }),
  logLevel: setting({
    name: 'CHIT_LOG_LEVEL',
    fallback: 'info',
    doc: 'One of `fatal`, `error`, `warn`, `info`, `debug`, `trace`, `silent`.',
    parse: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
  }),
};

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
