/** PostgreSQL's own programs for backups: which there are, and how they are run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian and Ubuntu keep the programs of each version. */
const DEBIAN = '/usr/lib/postgresql';
const MAX_OUTPUT = 4_000;

/** The variables that a program is run with. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface PostgresTool {
  readonly path: string;
  readonly major: number;
}

/** The program is missing or too old, or it failed; the message says what to do. */
export class PostgresToolError extends Error {}

/** The outcome of looking for a program: one that fits, or why there is none. */
export type FoundTool =
  | { readonly tool: PostgresTool; readonly reason?: never }
  | { readonly reason: string; readonly tool?: never };

/**
 * Looks for `pg_dump` or `pg_restore`, in the folders of PATH and in Debian's, and takes the oldest
 * that is not older than the server: `pg_dump` refuses newer servers
 * (https://www.postgresql.org/docs/current/app-pgdump.html).
 */
export async function findTool(
  name: 'pg_dump' | 'pg_restore',
  serverMajor: number,
  environment: Environment,
): Promise<FoundTool> {
  const found: PostgresTool[] = [];
  for (const folder of [...(environment.PATH ?? '').split(delimiter), ...debianFolders()]) {
    if (folder === '') continue;
    const path = join(folder, name);
    const { stdout } = await run(path, ['--version'], environment).catch(() => ({ stdout: '' }));
    const major = Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1] ?? 0);
    if (major > 0) found.push({ path, major });
  }
  const fitting = found
    .filter(({ major }) => major >= serverMajor)
    .toSorted((one, other) => one.major - other.major)[0];
  if (fitting) return { tool: fitting };
  const install = `install the client programs of PostgreSQL ${serverMajor} or later`;
  const newest = found.toSorted((one, other) => other.major - one.major)[0];
  return {
    reason: newest
      ? `${newest.path} is of version ${newest.major}, but the server is of version ` +
        `${serverMajor}, which it cannot read: ${install}`
      : `${name} was not found: ${install}`,
  };
}

function debianFolders(): string[] {
  try {
    return readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin'));
  } catch {
    return [];
  }
}

/** Parameters of URLs that libpq knows; the driver's own ones would make it refuse the URL. */
const LIBPQ_PARAMETERS = new Set([
  'application_name',
  'channel_binding',
  'connect_timeout',
  'dbname',
  'gssencmode',
  'host',
  'hostaddr',
  'keepalives',
  'keepalives_idle',
  'options',
  'port',
  'sslcert',
  'sslcrl',
  'sslkey',
  'sslmode',
  'sslrootcert',
  'target_session_attrs',
  'user',
]);

/**
 * A database for a program: its URL without the password, which every user of the machine could
 * read in the list of processes, and the password for the environment.
 */
export function connectionOf(url: string): { url: string; environment: Record<string, string> } {
  const [, scheme = '', user, userPassword, rest = ''] =
    /^(postgres(?:ql)?:\/\/)(?:([^:@/?]*)(?::([^@/?]*))?@)?(.*)$/s.exec(url) ?? [];
  const [place = '', query = ''] = rest.split(/\?(.*)/s);
  const parameters = query.split('&').map((it) => it.split(/=(.*)/s));
  const queryPassword = parameters.find(([name]) => name === 'password')?.[1];
  const known = parameters.filter(([name = '']) => LIBPQ_PARAMETERS.has(name));
  const shown = known.map(([name, value = '']) => `${name}=${value}`).join('&');
  const password = userPassword ?? queryPassword;
  return {
    url: `${scheme}${user === undefined ? '' : `${user}@`}${place}${shown && `?${shown}`}`,
    environment: password === undefined ? {} : { PGPASSWORD: decodeURIComponent(password) },
  };
}

/**
 * Runs a program to its end.
 * @throws PostgresToolError with what it wrote about its failure
 */
export async function runTool(
  { path }: PostgresTool,
  parameters: readonly string[],
  environment: Environment,
): Promise<string> {
  const { code, stdout, stderr } = await run(path, parameters, environment);
  if (code !== 0) throw new PostgresToolError(`${path} failed: ${stderr.trim() || `code ${code}`}`);
  return stdout;
}

async function run(
  path: string,
  parameters: readonly string[],
  environment: Environment,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(path, [...parameters], {
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      if (output[name].length < MAX_OUTPUT) output[name] += chunk.toString();
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}
