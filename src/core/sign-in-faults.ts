/** What is wrong with a provider or a directory, so that words can say what to do. */

/** The kinds of faults. */
export const SIGN_IN_FAULTS = [
  /** Nobody answers there, or not in time. */
  'unreachable',
  /** The certificate is not trusted. */
  'certificate',
  /** Something answers, but no provider. */
  'not_found',
  /** The provider names itself differently. */
  'issuer_differs',
  /** It publishes no key that can sign. */
  'no_keys',
  /** It does not take the client or its secret. */
  'client_refused',
  /** It does not take the code: often another redirect URI, or PKCE. */
  'code_refused',
  /** A token is not signed by a published key. */
  'signature',
  /** A token is for another client. */
  'audience',
  /** A token has expired or is not valid yet. */
  'clock',
  /** It answers with an error of its own. */
  'provider_error',
  /** It does not take the name and password of this site. */
  'bind_refused',
  /** What is to be searched cannot be read. */
  'base_unreadable',
  /** Anything else; the reason says more. */
  'other',
] as const;

export type SignInFaultCode = (typeof SIGN_IN_FAULTS)[number];

/** A fault. */
export interface SignInFault {
  readonly code: SignInFaultCode;
  /** A sentence of a program, in English, without secrets. */
  readonly reason: string;
}
