import type {
  FindingCode,
  FindingDetails,
} from '../../../../../src/http/operations/doctor-schema.ts';
import { counted } from './plurals.ts';

/** How sizes and times are written. */
export interface Formats {
  bytes(count: number): string;
  /** @param iso ISO 8601 */
  time(iso: string): string;
  number(count: number): string;
}

/** What was found, and what to do about it. */
export type FindingText = readonly [what: string, todo?: string];

type FindingTexts = {
  readonly [C in FindingCode]: (params: FindingDetails[C], formats: Formats) => FindingText;
};

const FINDINGS: FindingTexts = {
  check_failed: ({ what, reason }) => [`The check "${what}" could not be made: ${reason}`],

  settings_ok: ({ count }) => [`All ${count} settings are valid, and none is weak.`],
  setting_invalid: ({ reason }) => [reason, 'Correct it; the server does not start with it.'],
  deployment_invalid: ({ reason }) => [
    reason,
    'Correct chit.json and run chit config check. The previous configuration stays in effect.',
  ],
  password_short: ({ min }) => [
    `Passwords may have ${min === 1 ? 'a single character' : `${min} characters`}.`,
    'Set CHIT_PASSWORD_MIN_LENGTH to 8 or more. Passwords that exist stay valid.',
  ],
  access_token_long: ({ minutes }) => [
    `An access token is valid for ${minutes} min, and so is one that was stolen.`,
    'Lower CHIT_ACCESS_TOKEN_MINUTES to 60 or less; pages renew it by themselves.',
  ],
  cors_without_tls: ({ origin }) => [
    `Pages of ${origin} may call the API, and anybody on the way can change them.`,
    'Name the https address in CHIT_CORS_ORIGINS.',
  ],
  runs_as_root: () => [
    'Chit runs as root: whoever takes over the process takes over the machine.',
    'Run it as a user who owns the data folder and nothing else.',
  ],
  log_level_debug: ({ level }) => [
    `The log level is ${level}, which fills disks.`,
    'Set CHIT_LOG_LEVEL=info once you have found what you are looking for.',
  ],
  log_level_silent: ({ level }) => [
    `The log level is ${level}: errors are not logged.`,
    'Set CHIT_LOG_LEVEL=info.',
  ],
  signups_unlimited: () => [
    'Everybody can sign up as often as they like, and gets tokens each time.',
    'Set CHIT_SIGNUPS_PER_HOUR, or CHIT_SIGNUP=closed.',
  ],
  listens_on_network: ({ host }) => [
    `The server listens on ${host} and is told of no public address: it speaks no https itself, ` +
      'so passwords may cross the network unencrypted.',
    'Put a proxy with https before it (docs/deployment.md) and set CHIT_PUBLIC_URL.',
  ],
  public_url_without_tls: ({ url }) => [
    `The public address ${url} is not https: passwords cross the network unencrypted.`,
    'Put a proxy with https before it: docs/deployment.md.',
  ],
  proxy_unnamed: () => [
    'The public address is https, so there is a proxy, and CHIT_TRUSTED_PROXIES names none: all ' +
      'clients count as one address, so that failed sign-ins of one lock out the others.',
    'Set CHIT_TRUSTED_PROXIES to the address from which the proxy connects.',
  ],
  trusts_many_proxies: ({ range }) => [
    `Every address in ${range} is trusted as a proxy and can claim to be any client.`,
    'Name the addresses of the proxies alone in CHIT_TRUSTED_PROXIES.',
  ],
  workers_need_postgres: ({ workers }) => [
    `CHIT_WORKERS is ${workers}, and SQLite is for one process.`,
    'Set CHIT_WORKERS=1, or move to PostgreSQL.',
  ],
  lock_timeout_capped: ({ lockSeconds, querySeconds }) => [
    `CHIT_LOCK_TIMEOUT_SECONDS is ${lockSeconds}, but at most half of the ${querySeconds} ` +
      'seconds ' +
      'of CHIT_QUERY_TIMEOUT_SECONDS applies.',
    'Raise the second or lower the first.',
  ],
  demo_ignored: ({ file }) => [
    `CHIT_DEMO_MODEL=1 has no effect, since the models are those of ${file}.`,
    'Remove the setting.',
  ],

  files_ok: ({ count }) => [`Only their owner can read the files with secrets (${count}).`],
  file_exposed: ({ file, mode }) => [
    `Every user of this machine can read or write ${file} (mode ${mode}).`,
    `Run chmod 600 ${file}`,
  ],
  secret_key_missing: ({ file }) => [
    `There is a database, but its secret key is not at ${file} and is no setting. A new one ` +
      'would ' +
      'end all sessions, and codes of vouchers would no longer be known.',
    'Restore the key from a backup, or set CHIT_SECRET_KEY. docs/operating.md says what else.',
  ],

  disk_ok: ({ folder, freeBytes }, { bytes }) => [`${folder} has ${bytes(freeBytes)} free.`],
  disk_low: ({ folder, freeBytes, wantedBytes }, { bytes }) => [
    `${folder} has only ${bytes(freeBytes)} free; ${bytes(wantedBytes)} are wanted for backups ` +
      'and upgrades.',
    'Make room before it is full, or move the backups to another disk (CHIT_BACKUP_FOLDER).',
  ],
  disk_full: ({ folder, freeBytes }, { bytes }) => [
    `${folder} has ${bytes(freeBytes)} free. Once nothing can be written, no chat is answered.`,
    'Make room now. Nothing is lost meanwhile: docs/operating.md, "A full disk".',
  ],
  folder_unwritable: ({ folder, reason }) => [
    `Nothing can be written to ${folder}: ${reason}`,
    'Give the folder to the user who runs Chit.',
  ],

  database_ok: ({ kind, migration, bytes: size }, { bytes }) => [
    `${kind} answers: ${bytes(size)}, migration ${migration}.`,
  ],
  database_failed: ({ reason }) => [
    `The database does not answer: ${reason}`,
    'Start it, or correct CHIT_DATABASE_URL.',
  ],
  database_empty: () => [
    'There is no database yet.',
    'chit serve creates one. If there should be one, run this in the folder of your installation.',
  ],
  database_older: ({ migration, newest }) => [
    `The database is of an earlier version (migration ${migration} of ${newest}).`,
    'The next start upgrades it, with a backup first on SQLite.',
  ],
  database_newer: ({ migration, newest }) => [
    `A newer version has upgraded the database to ${migration}; this one knows ${newest}.`,
    'Use that version, or a newer one.',
  ],
  database_read_only: () => [
    'The database only reads: it is a standby, or set so.',
    'Name the primary in CHIT_DATABASE_URL, or both, with target_session_attrs=read-write.',
  ],
  database_lost_log: () => [
    'The last server did not stop, and there is no log (-wal) beside the file: it may be a copy ' +
      'in which the last bookings are missing.',
    'Run chit ledger verify, which compares it with the newest backup.',
  ],
  search_index_filling: ({ since }, { time }) => [
    `Messages since ${time(since)} are not in the index of searches yet; searches are complete, ` +
      'but slower.',
    'Nothing, if a server runs: it adds some thousand a minute. If not, start one.',
  ],

  holds_ok: ({ open }, { number }) => [`Running replies: ${number(open)}. None is left over.`],
  holds_abandoned: ({ count, minutes }, { number }) => [
    `Replies of a server that is gone still hold tokens: ${number(count)}, the oldest for ` +
      `${number(minutes)} min.`,
    'Any running server ends them within seconds. Start one; if one runs, read its log.',
  ],

  ledger_verified: ({ at, transfers }, { time, number }) => [
    `The ledger agreed when it was last backed up (${time(at)}, transfers: ${number(transfers)}).`,
  ],
  ledger_unverified: () => [
    'The ledger was not verified lately; each backup does so.',
    'Run chit backup or chit ledger verify.',
  ],

  clock_ok: ({ seconds }) => [`The clock is within ${Math.abs(seconds)} s of the database’s.`],
  clock_off_database: ({ seconds }) => [
    `The clock of this machine is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} ` +
      'the database’s.',
    'Synchronise both (systemd-timesyncd, chrony). Limits and tokens depend on the time.',
  ],
  clock_off_provider: ({ host, seconds }) => [
    `The clock of this machine is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} ` +
      `that of ${host}.`,
    'Synchronise it (systemd-timesyncd, chrony). Limits and tokens depend on the time.',
  ],

  backup_ok: ({ name, at }, { time }) => [`The last good backup is of ${time(at)}: ${name}`],
  backup_none: () => ['There is no good backup.', 'Run chit backup, and copy it elsewhere.'],
  backup_overdue: ({ name, at }, { time }) => [
    `The last good backup is more than two days old: ${name} of ${time(at)}`,
    'Read the log for why none was made, and run chit backup.',
  ],
  backup_faulty: ({ name, faults }) => [
    `The newest backup, ${name}, has ${faults === 1 ? 'a fault' : `${faults} faults`}: what was ` +
      'backed up does not agree.',
    'Run chit ledger verify. Keep the last good backup.',
  ],
  backup_unreadable: ({ name, reason }) => [
    `${name} is no whole backup: ${reason}`,
    'Delete it, or copy it again.',
  ],
  backups_unlisted: ({ folder, reason }) => [
    `The folder of the backups, ${folder}, cannot be read: ${reason}`,
    'Mount it, or give it to the user who runs Chit.',
  ],
  backups_off: () => [
    'No backups are made by schedule: CHIT_BACKUP_EVERY_HOURS is 0.',
    'Set it to 24, unless something else makes them.',
  ],
  backups_on_same_disk: ({ folder }) => [
    `The backups in ${folder} are on the disk of the database and would be lost with it.`,
    'Copy them to another machine, or set CHIT_BACKUP_FOLDER to another disk.',
  ],
  backup_impossible: ({ reason }) => [
    `This machine cannot make backups: ${reason}`,
    'docs/backups.md says what is needed with PostgreSQL.',
  ],

  servers_ok: ({ count }, { number }) => [
    count === 1 ? 'One server runs.' : `${number(count)} servers run, and they agree.`,
  ],
  server_key_differs: ({ host }) => [
    `The server on ${host} has another secret key: its tokens are refused elsewhere.`,
    'Give all servers the same CHIT_SECRET_KEY.',
  ],
  server_deployment_differs: ({ host }) => [
    `The server on ${host} has other models, prices or limits than this configuration.`,
    'Give all servers the same chit.json and settings, and read it again (SIGHUP or the panel).',
  ],
  server_version_differs: ({ host, version }) => [
    `The server on ${host} runs version ${version}.`,
    'Upgrade all of them; two versions work beside each other meanwhile.',
  ],
  server_clock_off: ({ host, seconds }) => [
    `The clock of ${host} is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} the ` +
      'database’s.',
    'Synchronise it (systemd-timesyncd, chrony).',
  ],

  providers_none: () => ['There are no providers to ask: the models are built in.'],
  provider_ok: ({ provider, endpoint, models, ms }, { number }) => [
    `${provider}, endpoint ${endpoint}: the key is accepted` +
      `${models === 0 ? '' : `, ${number(models)} ${models === 1 ? 'model' : 'models'}`}, ` +
      `${number(ms)} ms.`,
  ],
  provider_unlisted: ({ provider, endpoint, status }) => [
    `${provider}, endpoint ${endpoint}: it answers, but lists no models (${status}), so the key ` +
      'could not be checked.',
  ],
  provider_unreachable: ({ provider, endpoint, url, reason }) => [
    `${provider}, endpoint ${endpoint}: ${url} cannot be reached: ${reason}`,
    'Check the address and the network. Meanwhile other endpoints and fallbacks answer.',
  ],
  provider_key_refused: ({ provider, endpoint, status, reason }) => [
    `${provider}, endpoint ${endpoint}: the key or the account is refused (${status})` +
      `${reason === '' ? '.' : `: ${reason}`}`,
    'Replace the key or pay the bill, then read chit.json again (SIGHUP or the panel).',
  ],
  provider_refused: ({ provider, endpoint, status, reason }) => [
    `${provider}, endpoint ${endpoint}: it answers ${status}${reason === '' ? '.' : `: ${reason}`}`,
    'Look at the provider’s status page, and try again.',
  ],
  provider_down: ({ provider }) => [
    `${provider} cannot be used: its models do not answer, except by their fallbacks.`,
    'docs/operating.md, "A provider is down".',
  ],
  model_unlisted: ({ model, provider, upstream }) => [
    `The model ${model}: ${provider} does not list "${upstream}".`,
    'Correct "upstream" in chit.json; it may have been renamed or withdrawn.',
  ],
  model_failing: ({ model }) => [
    `The model ${model} has failed several times in a row on this server.`,
    'The log says why. Fallbacks answer in its place if it has any.',
  ],

  sign_in_ok: ({ provider, issuer }) => [`People can sign in by "${provider}" (${issuer}).`],
  sign_in_provider_down: ({ provider, issuer, reason }) => [
    `Nobody can sign in by "${provider}": ${issuer} does not say who it is. ${reason}`,
    'Compare "issuer" in chit.json with the one in its /.well-known/openid-configuration, letter ' +
      'by letter, and see whether this machine reaches it.',
  ],
  sign_in_without_address: () => [
    'People sign in by a provider, and CHIT_PUBLIC_URL is not set: where they are sent back to ' +
      'is what their request says.',
    'Set CHIT_PUBLIC_URL, and register that address with the provider.',
  ],
  ldap_ok: ({ url }) => [`The directory at ${url} can be used.`],
  ldap_server_down: ({ url, reason }) => [
    `The directory cannot be used at ${url}. ${reason}`,
    'See whether this machine reaches it and trusts its certificate ("caFile"), and compare ' +
      '"bindDn", its password and "base" under "ldap" in chit.json.',
  ],
  ldap_down: () => [
    'None of the servers of the directory can be used: nobody can sign in with its passwords.',
    'Sessions go on meanwhile. docs/directories.md says what each member has to be.',
  ],
  sign_in_nobody: () => [
    'Passwords are off, and chit.json names no provider by which people sign in.',
    'Name one in "signIn" (docs/sign-in.md), or set CHIT_PASSWORD_LOGIN=on.',
  ],

  prices_ok: ({ models }, { number }) => [
    models === 1
      ? 'The price of the model covers what its provider takes, as far as that is known.'
      : `The prices of ${number(models)} models cover what their providers take, as far as that ` +
        'is known.',
  ],
  price_below_cost: ({ model, unit, charged, cost }, { number }) => [
    `${model}, ${unit}: ${number(charged)} is charged, and the provider takes ${number(cost)}.`,
    'Raise the price in chit.json. chit prices shows all of them.',
  ],
  price_outdated: ({ model, unit, dollars, catalogue }, { number }) => [
    `${model}, ${unit}: chit.json says that the provider takes ${number(dollars)} USD, the ` +
      `catalogue says ${number(catalogue)}.`,
    'Compare with the provider’s price list, and correct "providerPrice".',
  ],
  price_will_not_cover: ({ model, unit, at, dollars }, { time, number }) => [
    `${model}, ${unit}: from ${time(at)} the provider takes ${number(dollars)} USD, which the ` +
      'price does not cover.',
    'Raise the price in chit.json before then.',
  ],
  cost_unknown: ({ model }) => [
    `${model}: nobody says what its provider takes.`,
    'Set "providerPrice" in chit.json to see whether its price covers it.',
  ],

  public_url_unset: () => [
    'CHIT_PUBLIC_URL is not set: what a proxy does to requests was not checked, and links have ' +
      'the address at which whoever made them reached the panel.',
    'Set it to the address that people use.',
  ],
  public_url_ok: ({ url, address, ms }, { number }) => [
    `${url} answers in ${number(ms)} ms: streams are not held back, and this request came from ` +
      `${address}.`,
  ],
  public_url_failed: ({ url, reason }) => [
    `${url} cannot be reached from here: ${reason}`,
    'Start the server and the proxy, and check name and certificate.',
  ],
  public_url_foreign: ({ url, status }) => [
    `Something else answers at ${url} (${status}), or a server with another secret key.`,
    'Check CHIT_PUBLIC_URL, and where the proxy sends requests.',
  ],
  arrives_from_stranger: ({ address }) => [
    `Requests are forwarded by ${address}, which CHIT_TRUSTED_PROXIES does not name: all clients ` +
      'count as one address.',
    `If it is your proxy, add ${address} to CHIT_TRUSTED_PROXIES.`,
  ],
  arrives_without_address: ({ address }) => [
    `The request came from ${address} without X-Forwarded-For: all clients behind a proxy count ` +
      'as one address.',
    'Let the proxy set X-Forwarded-For: deploy/ has configurations that do.',
  ],
  arrives_without_https: () => [
    'The proxy does not say that a request came by https. CHIT_PUBLIC_URL makes up for it.',
    'Let it set X-Forwarded-Proto.',
  ],
  arrives_at_other_host: ({ host, expected }) => [
    `The proxy passes the host on as ${host} instead of ${expected}.`,
    'Let it keep the header Host: in nginx, proxy_set_header Host $host;',
  ],
  cookies_not_secure: () => [
    'Cookies arrive without Secure although the site is https, or do not arrive.',
    'Let the proxy leave Set-Cookie and the header Host as they are.',
  ],
  stream_buffered: ({ url }) => [
    `Something before ${url} holds streams back: replies appear at once, at their end.`,
    'Turn buffering and compression of text/event-stream off: deploy/ has configurations.',
  ],

  versions_ok: ({ chit, node }) => [`Chit ${chit} on Node.js ${node}.`],
  node_old: ({ node, wanted }) => [
    `Node.js ${node} is too old; ${wanted} is needed.`,
    'Install it, or use the one that comes with npm ci.',
  ],
};

/** Texts of the health check. `chit doctor` says the same of each finding. */
export const enDoctor = {
  doctor: 'Health check',
  doctorText:
    'Looks at settings, files, disk, database, backups, servers, prices and the public address, ' +
    'and asks each provider once, which costs nothing. The command chit doctor does the same.',
  doctorRun: 'Check now',
  doctorRunning: 'Checking…',
  doctorDone: (count: number) =>
    count === 0 ? 'Nothing to mend.' : `${counted(count, 'finding')} to look at.`,
  doctorCheck: 'Check',
  doctorFound: 'Found',
  doctorSeverity: 'Severity',
  severities: { ok: 'OK', note: 'Note', warning: 'Warning', fault: 'Fault' },
  doctorChecks: {
    settings: 'Settings',
    files: 'Files',
    disk: 'Disk',
    database: 'Database',
    holds: 'Running replies',
    ledger: 'Ledger',
    clock: 'Clock',
    backups: 'Backups',
    servers: 'Servers',
    providers: 'Providers',
    sign_in: 'Sign-in',
    prices: 'Prices',
    public_url: 'Public address',
    versions: 'Versions',
  },
  findings: FINDINGS,
};
