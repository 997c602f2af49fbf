/** A notice in one sentence. */
import type { UserNotices } from '../../../../src/http/notices/notice-schema.ts';
import type { AccountNotice } from '../../api/types.ts';
import { sessionText } from '../session-text.ts';
import { number, shownLanguage, time } from '../strings.ts';
import { securityText } from './security.ts';

/** The kinds that are about who can use the account, which the chat page tells of. */
export const SECURITY_KINDS: readonly string[] = [
  'sign_in.new',
  'password.new',
  'password_link.new',
  'password.forgotten',
  'key.new',
  'factor.changed',
  'identity.new',
  'identity.removed',
  'email.changed',
] satisfies readonly (keyof UserNotices)[];

type Sentences = { readonly [Kind in keyof UserNotices]?: (data: UserNotices[Kind]) => string };

const SENTENCES: Sentences = {
  'sign_in.new': (device) => securityText.value.signIn(sessionText(device)),
  'password.new': ({ by }) => securityText.value.passwordBy[by],
  'password_link.new': ({ until_ms: untilMs }) =>
    securityText.value.passwordLink(time(new Date(untilMs).toISOString())),
  'password.forgotten': () => securityText.value.passwordForgotten,
  'key.new': ({ name, scopes }) =>
    scopes === undefined ? securityText.value.key(name) : securityText.value.adminKey(name),
  'factor.changed': ({ factor, change, name }) => {
    const { factors, factorNamed, factorChanges } = securityText.value;
    const said = name === null ? factors[factor] : factorNamed(factors[factor], name);
    return factorChanges[change](said);
  },
  'identity.new': ({ by, names }) => {
    const { identityBy } = securityText.value;
    return by === 'provider' ? identityBy.provider(nameIn(names)) : identityBy[by];
  },
  'identity.removed': ({ by, names }) => {
    const { identityRemoved } = securityText.value;
    return by === 'provider' ? identityRemoved.provider(nameIn(names)) : identityRemoved.ldap;
  },
  'email.changed': ({ email }) =>
    email === null ? securityText.value.noEmail : securityText.value.email(email),
  'balance.low': ({ below }) => securityText.value.balanceLow(number(below)),
  'pool.low': ({ group, below }) => securityText.value.poolLow(group, number(below)),
  'allowance.renewed': ({ tokens }) => securityText.value.renewed(number(tokens)),
};

/** What the button of a provider says, in the language of the page. */
export function nameIn(names: UserNotices['identity.new']['names']): string {
  return names?.[shownLanguage.value === 'de' ? 'de' : 'en'] ?? '';
}

/**
 * What a notice says, when it was and from where; undefined for a kind that this version of the
 * page does not know.
 */
export function noticeText({ kind, data, created_at: at }: AccountNotice): string | undefined {
  const sentence = SENTENCES[kind as keyof Sentences] as ((data: unknown) => string) | undefined;
  if (!sentence) return undefined;
  const { address } = data as { address?: string | null };
  const place = typeof address === 'string' ? [securityText.value.from(address)] : [];
  return `${[sentence(data), time(at), ...place].join(', ')}.`;
}
