/** What `chit doctor` finds: codes with parameters, so that each language has words of its own. */

/** `fault`: something does not work or is lost; `warning`: it may be; `note`: good to know. */
export type Severity = 'ok' | 'note' | 'warning' | 'fault';

/** What is looked at, in this order. */
export const CHECKS = [
  'settings',
  'files',
  'disk',
  'database',
  'holds',
  'ledger',
  'clock',
  'backups',
  'servers',
  'providers',
  'sign_in',
  'prices',
  'public_url',
  'versions',
] as const;
export type Check = (typeof CHECKS)[number];

/**
 * Every finding, with its parameters. Sizes are in bytes, times in ISO 8601. `reason` is a sentence
 * of a program or of the system, in English.
 */
export interface FindingDetails {
  check_failed: { readonly what: Check; readonly reason: string };

  settings_ok: { readonly count: number };
  setting_invalid: { readonly reason: string };
  deployment_invalid: { readonly reason: string };
  password_short: { readonly min: number };
  access_token_long: { readonly minutes: number };
  cors_without_tls: { readonly origin: string };
  runs_as_root: Nothing;
  log_level_debug: { readonly level: string };
  log_level_silent: { readonly level: string };
  signups_unlimited: Nothing;
  listens_on_network: { readonly host: string };
  public_url_without_tls: { readonly url: string };
  /** The public address is https, which Chit does not speak, and no proxy is named. */
  proxy_unnamed: Nothing;
  trusts_many_proxies: { readonly range: string };
  workers_need_postgres: { readonly workers: number };
  lock_timeout_capped: { readonly lockSeconds: number; readonly querySeconds: number };
  demo_ignored: { readonly file: string };

  files_ok: { readonly count: number };
  file_exposed: { readonly file: string; readonly mode: string };
  secret_key_missing: { readonly file: string };

  disk_ok: { readonly folder: string; readonly freeBytes: number };
  disk_low: { readonly folder: string; readonly freeBytes: number; readonly wantedBytes: number };
  disk_full: { readonly folder: string; readonly freeBytes: number };
  folder_unwritable: { readonly folder: string; readonly reason: string };

  database_ok: { readonly kind: string; readonly migration: string; readonly bytes: number };
  database_failed: { readonly reason: string };
  database_empty: Nothing;
  database_older: { readonly migration: string; readonly newest: string };
  database_newer: { readonly migration: string; readonly newest: string };
  database_read_only: Nothing;
  database_lost_log: Nothing;
  /** When the first message was sent that is not in the index of searches. */
  search_index_filling: { readonly since: string };

  holds_ok: { readonly open: number };
  /** Open holds of servers whose lease has ended, and how long the oldest has been open. */
  holds_abandoned: { readonly count: number; readonly minutes: number };

  ledger_verified: { readonly at: string; readonly transfers: number };
  ledger_unverified: Nothing;

  clock_ok: { readonly seconds: number };
  /** Positive if the clock of this machine is ahead. */
  clock_off_database: { readonly seconds: number };
  clock_off_provider: { readonly host: string; readonly seconds: number };

  backup_ok: { readonly name: string; readonly at: string };
  backup_none: Nothing;
  backup_overdue: { readonly name: string; readonly at: string };
  backup_faulty: { readonly name: string; readonly faults: number };
  backup_unreadable: { readonly name: string; readonly reason: string };
  backups_unlisted: { readonly folder: string; readonly reason: string };
  backups_off: Nothing;
  backups_on_same_disk: { readonly folder: string };
  backup_impossible: { readonly reason: string };

  servers_ok: { readonly count: number };
  server_key_differs: { readonly host: string };
  server_deployment_differs: { readonly host: string };
  server_version_differs: { readonly host: string; readonly version: string };
  server_clock_off: { readonly host: string; readonly seconds: number };

  providers_none: Nothing;
  /** `endpoint` is its position in `chit.json`, from 1; `models` is how many it lists. */
  provider_ok: OfEndpoint & { readonly models: number; readonly ms: number };
  /** It answers, and has no list of models by which the key could be checked. */
  provider_unlisted: OfEndpoint & { readonly status: number };
  provider_unreachable: OfEndpoint & { readonly url: string; readonly reason: string };
  provider_key_refused: OfEndpoint & { readonly status: number; readonly reason: string };
  provider_refused: OfEndpoint & { readonly status: number; readonly reason: string };
  /** None of its endpoints can be used. */
  provider_down: { readonly provider: string };
  model_unlisted: {
    readonly model: string;
    readonly provider: string;
    readonly upstream: string;
  };
  model_failing: { readonly model: string };

  sign_in_ok: { readonly provider: string; readonly issuer: string };
  sign_in_provider_down: {
    readonly provider: string;
    readonly issuer: string;
    readonly reason: string;
  };
  sign_in_without_address: Nothing;
  ldap_ok: { readonly url: string };
  ldap_server_down: { readonly url: string; readonly reason: string };
  /** None of its servers can be used. */
  ldap_down: Nothing;
  /** Passwords are off, and there is no provider. */
  sign_in_nobody: Nothing;

  prices_ok: { readonly models: number };
  price_below_cost: OfUnit & { readonly charged: number; readonly cost: number };
  /** Dollars in `chit.json` that are not those of the catalogue. */
  price_outdated: OfUnit & { readonly dollars: number; readonly catalogue: number };
  price_will_not_cover: OfUnit & { readonly at: string; readonly dollars: number };
  cost_unknown: { readonly model: string };

  public_url_unset: Nothing;
  public_url_ok: { readonly url: string; readonly address: string; readonly ms: number };
  public_url_failed: { readonly url: string; readonly reason: string };
  /** Something else answers there, or a server with another secret key. */
  public_url_foreign: { readonly url: string; readonly status: number };
  arrives_from_stranger: { readonly address: string };
  arrives_without_address: { readonly address: string };
  arrives_without_https: Nothing;
  arrives_at_other_host: { readonly host: string; readonly expected: string };
  cookies_not_secure: Nothing;
  stream_buffered: { readonly url: string };

  versions_ok: { readonly chit: string; readonly node: string };
  node_old: { readonly node: string; readonly wanted: string };
}

type Nothing = Readonly<Record<never, never>>;

interface OfEndpoint {
  readonly provider: string;
  readonly endpoint: number;
}

interface OfUnit {
  readonly model: string;
  readonly unit: string;
}

export type FindingCode = keyof FindingDetails;

/** Something that was found. */
export interface Finding<C extends FindingCode = FindingCode> {
  readonly check: Check;
  readonly severity: Severity;
  readonly code: C;
  readonly params: FindingDetails[C];
}

/** Of every code, what it is about and how much it matters. */
export const FINDINGS: { readonly [C in FindingCode]: readonly [Check, Severity] } = {
  check_failed: ['settings', 'warning'],
  settings_ok: ['settings', 'ok'],
  setting_invalid: ['settings', 'fault'],
  deployment_invalid: ['settings', 'fault'],
  password_short: ['settings', 'warning'],
  access_token_long: ['settings', 'warning'],
  cors_without_tls: ['settings', 'warning'],
  runs_as_root: ['settings', 'warning'],
  log_level_debug: ['settings', 'note'],
  log_level_silent: ['settings', 'warning'],
  signups_unlimited: ['settings', 'warning'],
  listens_on_network: ['settings', 'warning'],
  public_url_without_tls: ['settings', 'warning'],
  proxy_unnamed: ['settings', 'warning'],
  trusts_many_proxies: ['settings', 'warning'],
  workers_need_postgres: ['settings', 'fault'],
  lock_timeout_capped: ['settings', 'note'],
  demo_ignored: ['settings', 'note'],
  files_ok: ['files', 'ok'],
  file_exposed: ['files', 'warning'],
  secret_key_missing: ['files', 'fault'],
  disk_ok: ['disk', 'ok'],
  disk_low: ['disk', 'warning'],
  disk_full: ['disk', 'fault'],
  folder_unwritable: ['disk', 'fault'],
  database_ok: ['database', 'ok'],
  database_failed: ['database', 'fault'],
  database_empty: ['database', 'note'],
  database_older: ['database', 'note'],
  database_newer: ['database', 'fault'],
  database_read_only: ['database', 'fault'],
  database_lost_log: ['database', 'warning'],
  search_index_filling: ['database', 'note'],
  holds_ok: ['holds', 'ok'],
  holds_abandoned: ['holds', 'warning'],
  ledger_verified: ['ledger', 'ok'],
  ledger_unverified: ['ledger', 'note'],
  clock_ok: ['clock', 'ok'],
  clock_off_database: ['clock', 'warning'],
  clock_off_provider: ['clock', 'warning'],
  backup_ok: ['backups', 'ok'],
  backup_none: ['backups', 'warning'],
  backup_overdue: ['backups', 'warning'],
  backup_faulty: ['backups', 'fault'],
  backup_unreadable: ['backups', 'warning'],
  backups_unlisted: ['backups', 'fault'],
  backups_off: ['backups', 'warning'],
  backups_on_same_disk: ['backups', 'note'],
  backup_impossible: ['backups', 'warning'],
  servers_ok: ['servers', 'ok'],
  server_key_differs: ['servers', 'fault'],
  server_deployment_differs: ['servers', 'warning'],
  server_version_differs: ['servers', 'note'],
  server_clock_off: ['servers', 'warning'],
  providers_none: ['providers', 'ok'],
  provider_ok: ['providers', 'ok'],
  provider_unlisted: ['providers', 'note'],
  provider_unreachable: ['providers', 'warning'],
  provider_key_refused: ['providers', 'warning'],
  provider_refused: ['providers', 'warning'],
  provider_down: ['providers', 'fault'],
  model_unlisted: ['providers', 'warning'],
  model_failing: ['providers', 'warning'],
  sign_in_ok: ['sign_in', 'ok'],
  sign_in_provider_down: ['sign_in', 'fault'],
  sign_in_without_address: ['sign_in', 'warning'],
  ldap_ok: ['sign_in', 'ok'],
  ldap_server_down: ['sign_in', 'warning'],
  ldap_down: ['sign_in', 'fault'],
  sign_in_nobody: ['sign_in', 'fault'],
  prices_ok: ['prices', 'ok'],
  price_below_cost: ['prices', 'warning'],
  price_outdated: ['prices', 'note'],
  price_will_not_cover: ['prices', 'warning'],
  cost_unknown: ['prices', 'note'],
  public_url_unset: ['public_url', 'note'],
  public_url_ok: ['public_url', 'ok'],
  public_url_failed: ['public_url', 'fault'],
  public_url_foreign: ['public_url', 'fault'],
  arrives_from_stranger: ['public_url', 'warning'],
  arrives_without_address: ['public_url', 'warning'],
  arrives_without_https: ['public_url', 'note'],
  arrives_at_other_host: ['public_url', 'warning'],
  cookies_not_secure: ['public_url', 'fault'],
  stream_buffered: ['public_url', 'warning'],
  versions_ok: ['versions', 'ok'],
  node_old: ['versions', 'fault'],
};

/** A finding, with the check and the severity of its code. */
export function finding<C extends FindingCode>(code: C, params: FindingDetails[C]): Finding {
  const [check, severity] = FINDINGS[code];
  return { check, severity, code, params };
}

/** Whether anything found is to be mended before anything else. */
export function hasFault(findings: readonly Pick<Finding, 'severity'>[]): boolean {
  return findings.some(({ severity }) => severity === 'fault');
}

/** A text without any of these secrets, however short. */
export function withoutSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  return secrets
    .filter((it) => it !== undefined && it !== '')
    .toSorted((one, other) => (other as string).length - (one as string).length)
    .reduce<string>((shown, it) => shown.replaceAll(it as string, '(hidden)'), text);
}
