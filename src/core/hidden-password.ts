const HIDDEN = '(hidden)';
/** Parameters of PostgreSQL and of providers whose values are no secrets; all others are hidden. */
const SHOWN_PARAMETERS = new Set([
  'api-version',
  'application_name',
  'connect_timeout',
  'dbname',
  'host',
  'idle_in_transaction_session_timeout',
  'keepalives',
  'keepalives_idle',
  'lock_timeout',
  'port',
  'query_timeout',
  'ssl',
  'sslmode',
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
  if (!URL.canParse(text)) return HIDDEN;
  const url = new URL(text);
  const { protocol, host, pathname, search, searchParams, hash } = url;
  // A password with an unencoded "/", "?" or "#" ends up behind the host, together with the "@".
  const isSplit = `${pathname}${search}${hash}`.includes('@');
  // Without "//" there is no host, and everything is a path.
  const isOpaque = host === '' && !pathname.startsWith('/');
  if (isSplit || isOpaque) return `${protocol}//${HIDDEN}`;
  const path = pathname === '/' && search === '' ? '' : pathname;
  const query = [...searchParams].map(shownParameter).join('&');
  return `${protocol}//${shownUser(url)}${host}${path}${query === '' ? '' : `?${query}`}`;
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
