/**
 * URLs of PostgreSQL as libpq reads them: several hosts, and its modes of TLS. The driver knows one
 * host, and has modes of its own.
 * https://www.postgresql.org/docs/current/libpq-connect.html
 */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import type pg from 'pg';

const DEFAULT_PORT = 5432;
const SYSTEM_ROOTS = 'system';

/** The URL cannot be used; the message says why, without its password. */
export class DatabaseUrlError extends Error {}

/** One way to reach a database. */
export interface PostgresTarget {
  /** Counts hosts from 0, in the order of the URL. */
  readonly hostIndex: number;
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** false without TLS. */
  readonly ssl: false | ConnectionOptions;
}

/** What a URL says. */
export interface PostgresAddress {
  /** In the order in which they are tried. */
  readonly targets: readonly [PostgresTarget, ...PostgresTarget[]];
  /** Whether a connection is of use only where it can write. */
  readonly mustWrite: boolean;
  /** All else, for the driver. */
  readonly settings: pg.ClientConfig;
}

type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
const SSL_MODES: readonly string[] = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
] satisfies SslMode[];

/** Parameters that are not the driver's. */
const OWN_PARAMETERS = [
  'host',
  'port',
  'dbname',
  'ssl',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslcrl',
  'ssl_min_protocol_version',
  'target_session_attrs',
  'load_balance_hosts',
  'channel_binding',
  'gssencmode',
  'uselibpqcompat',
];
/** Parameters that make a connection safer, and would do nothing here. */
const NOT_SUPPORTED = ['hostaddr', 'require_auth', 'requirepeer', 'service', 'sslcrldir'];

/**
 * Reads a URL.
 * @param text `postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/NAME?PARAMETER=VALUE`
 * @throws DatabaseUrlError
 */
export function postgresAddress(text: string): PostgresAddress {
  const { authority, path, parameters } = partsOf(text);
  for (const name of NOT_SUPPORTED) {
    if (parameters.has(name)) throw new DatabaseUrlError(`the parameter ${name} is not supported.`);
  }
  if (parameters.get('gssencmode') === 'require') {
    throw new DatabaseUrlError('encryption by GSSAPI (gssencmode=require) is not supported.');
  }
  const at = authority.lastIndexOf('@');
  const [user, password] = splitOnce(at === -1 ? '' : authority.slice(0, at), ':');
  const hosts = hostsOf(authority.slice(at + 1), parameters);
  const ssl = sslOptionsOf(parameters);
  const targets = hosts.flatMap(({ host, port }, hostIndex) => {
    // A Unix socket has no TLS, whatever the mode says.
    const options = host?.startsWith('/') ? ([false] as const) : ssl;
    return options.map((it): PostgresTarget => ({ hostIndex, host, port, ssl: it }));
  });
  return {
    targets: targets as [PostgresTarget, ...PostgresTarget[]],
    mustWrite: mustWrite(parameters.get('target_session_attrs'), hosts.length),
    settings: settingsOf({ user, password, path, parameters }),
  };
}

function partsOf(text: string) {
  const [, authority = '', path = '', query = ''] =
    /^postgres(?:ql)?:\/\/([^/?#]*)\/?([^?#]*)\??([^#]*)/.exec(text) ?? [];
  return { authority, path, parameters: new URLSearchParams(query) };
}

function settingsOf(from: {
  readonly user: string;
  readonly password: string | undefined;
  readonly path: string;
  readonly parameters: URLSearchParams;
}): pg.ClientConfig {
  const { user, password, path, parameters } = from;
  const others = [...parameters].filter(([name]) => !OWN_PARAMETERS.includes(name));
  const binding = parameters.get('channel_binding');
  return {
    ...(user === '' ? {} : { user: decodeURIComponent(user) }),
    ...(password === undefined ? {} : { password: decodeURIComponent(password) }),
    ...databaseOf(path, parameters),
    ...(binding === null || binding === 'disable' ? {} : { enableChannelBinding: true }),
    ...Object.fromEntries(others),
  };
}

function databaseOf(path: string, parameters: URLSearchParams): pg.ClientConfig {
  const database = path === '' ? parameters.get('dbname') : decodeURIComponent(path);
  return database === null ? {} : { database };
}

function hostsOf(authority: string, parameters: URLSearchParams) {
  const listed = parameters.get('host')?.split(',');
  const ports = parameters.get('port')?.split(',') ?? [];
  const places = listed ?? authority.split(',');
  const hosts = places.map((place, index) => {
    const [, host = '', port] = listed
      ? [place, place, undefined]
      : (/^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(place) ?? []);
    const shownPort = port || (ports.length === 1 ? ports[0] : ports[index]);
    return {
      host: decodeURIComponent(host).replace(/^\[(.*)\]$/, '$1') || undefined,
      port: shownPort ? portOf(shownPort) : places.length > 1 ? DEFAULT_PORT : undefined,
    };
  });
  if (hosts.length > 1 && hosts.some(({ host }) => host === undefined)) {
    throw new DatabaseUrlError('one of its hosts is empty.');
  }
  const isRandom = parameters.get('load_balance_hosts') === 'random';
  if (!isRandom) return hosts;
  const first = Math.floor(Math.random() * hosts.length);
  return [...hosts.slice(first), ...hosts.slice(0, first)];
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new DatabaseUrlError('one of its ports is none.');
}

/** Chit writes, so it has no use for a server that only reads. */
function mustWrite(attributes: string | null, hosts: number): boolean {
  switch (attributes) {
    case null:
      return hosts > 1;
    case 'any':
      return false;
    case 'read-write':
    case 'primary':
      return true;
    default:
      throw new DatabaseUrlError(
        'target_session_attrs must be read-write, primary or any, since Chit writes.',
      );
  }
}

/** How a connection is encrypted, by each way that the mode allows, in order. */
function sslOptionsOf(parameters: URLSearchParams): readonly (false | ConnectionOptions)[] {
  const root = parameters.get('sslrootcert') ?? defaultFile('root.crt');
  const mode = sslModeOf(parameters, root);
  if (mode === 'disable') return [false];
  const own = ownCertificate(parameters);
  const unchecked = { ...own, rejectUnauthorized: false };
  if (mode === 'allow') return [false, unchecked];
  if (mode === 'prefer') return [unchecked, false];
  // As libpq does, for certificates that somebody has put there on purpose.
  const checked = mode === 'require' && root !== undefined ? 'verify-ca' : mode;
  if (checked === 'require') return [unchecked];
  const hasFile = root !== undefined && root !== SYSTEM_ROOTS;
  const ca = hasFile ? contentOf('sslrootcert', root) : undefined;
  const crl = parameters.get('sslcrl');
  const verified = { ...own, ca, ...(crl ? { crl: contentOf('sslcrl', crl) } : {}) };
  if (checked === 'verify-full') return [verified];
  if (!ca) {
    throw new DatabaseUrlError(
      'sslmode=verify-ca needs the certificate of its authority: sslrootcert=FILE. ' +
        'For a certificate that everybody trusts use sslmode=verify-full.',
    );
  }
  return [{ ...verified, checkServerIdentity: () => undefined }];
}

function sslModeOf(parameters: URLSearchParams, root: string | undefined): SslMode {
  const given = parameters.get('sslmode');
  if (given === 'no-verify') return 'require';
  if (given !== null && !SSL_MODES.includes(given)) {
    throw new DatabaseUrlError(`sslmode must be one of ${SSL_MODES.join(', ')}.`);
  }
  const ssl = parameters.get('ssl');
  const isOff = ssl === '0' || ssl === 'false';
  const byOther = root === SYSTEM_ROOTS ? 'verify-full' : 'prefer';
  const mode = (given ?? (ssl === null ? byOther : isOff ? 'disable' : 'require')) as SslMode;
  if (root === SYSTEM_ROOTS && mode !== 'verify-full') {
    throw new DatabaseUrlError('sslrootcert=system needs sslmode=verify-full.');
  }
  return mode;
}

/** What the server is shown of us, and the oldest version that is spoken. */
function ownCertificate(parameters: URLSearchParams): ConnectionOptions {
  const certificate = parameters.get('sslcert') ?? defaultFile('postgresql.crt');
  const key = parameters.get('sslkey') ?? defaultFile('postgresql.key');
  const passphrase = parameters.get('sslpassword');
  const oldest = parameters.get('ssl_min_protocol_version') ?? 'TLSv1.2';
  if (oldest !== 'TLSv1.2' && oldest !== 'TLSv1.3') {
    throw new DatabaseUrlError('ssl_min_protocol_version must be TLSv1.2 or TLSv1.3.');
  }
  return {
    minVersion: oldest,
    ...(certificate === undefined ? {} : { cert: contentOf('sslcert', certificate) }),
    ...(certificate === undefined || key === undefined ? {} : { key: contentOf('sslkey', key) }),
    ...(passphrase === null ? {} : { passphrase }),
  };
}

/** Where libpq looks if the URL says nothing. */
function defaultFile(name: string): string | undefined {
  const path = join(homedir(), '.postgresql', name);
  return existsSync(path) ? path : undefined;
}

function contentOf(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { message } = error as Error;
    throw new DatabaseUrlError(`its ${parameter} cannot be read: ${message}`);
  }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
