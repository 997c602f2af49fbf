/** What an error of `openid-client`, of Fetch or of a directory means for whoever runs the site. */
import type { SignInFault, SignInFaultCode } from '../../core/sign-in-faults.ts';

type Facts = Readonly<Partial<Record<string, unknown>>>;

const CERTIFICATE = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;
const MOST_REASON = 400;

/** The code of an error of ours. */
export const NO_KEYS = 'CHIT_NO_KEYS';

/** By the codes of `oauth4webapi`, which are part of its API. */
const CODES: Readonly<Record<string, SignInFaultCode>> = {
  [NO_KEYS]: 'no_keys',
  OAUTH_TIMEOUT: 'unreachable',
  OAUTH_RESPONSE_IS_NOT_CONFORM: 'not_found',
  OAUTH_RESPONSE_IS_NOT_JSON: 'not_found',
  OAUTH_PARSE_ERROR: 'not_found',
  OAUTH_KEY_SELECTION_FAILED: 'signature',
  OAUTH_UNSUPPORTED_OPERATION: 'signature',
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: 'clock',
  OAUTH_WWW_AUTHENTICATE_CHALLENGE: 'client_refused',
};

/** @param error with its causes, of which the innermost says the most */
export function signInFaultOf(error: unknown): SignInFault {
  const chain = [...causesOf(error)];
  const code = chain.map(codeOf).findLast((it) => it !== undefined) ?? 'other';
  return { code, reason: reasonOf(chain).slice(0, MOST_REASON) };
}

function* causesOf(error: unknown): Generator<Facts> {
  let at = error;
  for (let depth = 0; depth < 8 && typeof at === 'object' && at !== null; depth += 1) {
    yield at as Facts;
    at = (at as Facts).cause;
  }
}

function codeOf(facts: Facts): SignInFaultCode | undefined {
  const { code, error, message = '' } = facts;
  const text = String(code ?? '');
  if (CERTIFICATE.test(text)) return 'certificate';
  if (error === 'invalid_client' || error === 'unauthorized_client') return 'client_refused';
  if (error === 'invalid_grant') return 'code_refused';
  if (typeof error === 'string' && text.startsWith('OAUTH_')) return 'provider_error';
  if (text === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED') return 'issuer_differs';
  if (text === 'OAUTH_JWT_CLAIM_COMPARISON_FAILED') return claimFault(facts);
  if (text === 'OAUTH_INVALID_RESPONSE' && /signature/i.test(String(message))) return 'signature';
  if (text in CODES) return CODES[text];
  if (/^E[A-Z]{4,}|^UND_ERR/.test(text) || facts instanceof TypeError) return 'unreachable';
  return undefined;
}

function claimFault({ cause }: Facts): SignInFaultCode | undefined {
  const { claim } = (cause ?? {}) as Facts;
  if (claim === 'aud' || claim === 'azp') return 'audience';
  return claim === 'iss' ? 'issuer_differs' : undefined;
}

/** The words of the innermost error, and of the provider where it has some. */
function reasonOf(chain: readonly Facts[]): string {
  const errors = chain.filter((it) => it instanceof Error);
  const innermost = errors.at(-1);
  const said = chain.findLast(({ error }) => typeof error === 'string');
  const { error, error_description: description } = said ?? {};
  const words = [error, description].filter((it) => typeof it === 'string').join(': ');
  // Addresses that were tried one after the other each have an error.
  const { errors: several } = (innermost ?? {}) as { readonly errors?: readonly Error[] };
  const message = several?.map((it) => it.message).join('; ') || String(innermost?.message ?? '');
  return words === '' ? message : `${message} (${words})`;
}
