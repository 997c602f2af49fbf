const HIDDEN = '(hidden)';
/** Parameters of PostgreSQL and of providers whose values are no secrets; all others are hidden. */
const SHOWN_PARAMETERS = new Set([
  'api-version',
  'application_name',
  'channel_binding',
  'connect_timeout',
  'dbname',
  'host',
  'idle_in_transaction_session_timeout',
  'keepalives',
  'keepalives_idle',
  'load_balance_hosts',
  'lock_timeout',
  'port',
  'query_timeout',
  'ssl',
  'sslcert',
  'sslkey',
  'sslmode',
  'sslrootcert',
  'statement_timeout',
  'target_session_attrs',
  'user',
]);

/**
 * A URL as it may be shown and logged: without its password, wherever it may be. Rather too much is
 * hidden than too little, such as everything of a URL that cannot be parsed.
 * @param text of a database (`sqlite:PATH` is a path and shown as it is) or of a provider
 */
export function withoutPassword(text: string): string {
  if (text.startsWith('sqlite:')) return text;
  const { single, hosts } = withOneHost(text);
  if (!URL.canParse(single)) return HIDDEN;
  const url = new URL(single);
  const { protocol, host, pathname, search, searchParams, hash } = url;
  // A password with an unencoded "/", "?" or "#" ends up behind the host, together with the "@".
  const isSplit = `${pathname}${search}${hash}`.includes('@');
  // Without "//" there is no host, and everything is a path.
  const isOpaque = host === '' && !pathname.startsWith('/');
  if (isSplit || isOpaque) return `${protocol}//${HIDDEN}`;
  const path = pathname === '/' && search === '' ? '' : pathname;
  const query = [...searchParams].map(shownParameter).join('&');
  return `${protocol}//${shownUser(url)}${hosts ?? host}${path}${query === '' ? '' : `?${query}`}`;
}

const HOST = String.raw`(?:\[[\da-f:.]*\]|[\w.%-]*)(?::\d*)?`;
const SEVERAL_HOSTS = new RegExp(
  `^(postgres(?:ql)?://(?:[^/?#]*@)?)(${HOST}(?:,${HOST})+)([/?#].*)?$`,
  'is',
);

/**
 * A URL of PostgreSQL may have several hosts, which no parser of URLs reads: the same with one.
 * @returns `hosts` as they are in the text, if there are several
 */
export function withOneHost(text: string): { readonly single: string; readonly hosts?: string } {
  const [, before, hosts, after] = SEVERAL_HOSTS.exec(text) ?? [];
  if (before === undefined || hosts === undefined) return { single: text };
  return { single: `${before}host.invalid${after ?? ''}`, hosts };
}

function shownParameter([name, value]: readonly [string, string]): string {
  if (value === '') return HIDDEN;
  return `${name}=${SHOWN_PARAMETERS.has(name.toLowerCase()) ? value : HIDDEN}`;
}

/** Over HTTP a key may stand in place of the user name. */
function shownUser({ protocol, username, password }: URL): string {
  if (username === '' && password === '') return '';
  const isDatabase = protocol.startsWith('postgres');
  if (!isDatabase) return `${HIDDEN}@`;
  return password === '' ? `${username}@` : `${username}:${HIDDEN}@`;
}
