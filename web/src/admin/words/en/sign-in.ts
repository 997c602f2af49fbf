import { counted } from './plurals.ts';

/** Texts about the ways to sign in. */
export const enSignIn = {
  signin: 'Sign-in',
  signInText:
    'Providers and the directory are described in chit.json. A change counts once ' +
    'the file is put ' +
    'in force under Models.',
  signInNone: 'People sign in with a username and a password of this site only.',
  signInPasswordsOn: 'Passwords of this site are accepted too.',
  signInPasswordsOff: 'Passwords of this site are not accepted (CHIT_PASSWORD_LOGIN=off).',
  signInNoAddress:
    'CHIT_PUBLIC_URL is not set, so the addresses below are only those of this request. Set it ' +
    'before you register them.',
  signInRegister: 'Register with the provider',
  signInAddresses: {
    redirect: 'Redirect URI',
    signOut: 'Redirect URI after signing out',
    logout: 'Back-channel logout URI',
  },
  signInCopyAddress: (what: string) => `Copy: ${what}`,
  signInConfigured: 'As configured',
  signInMembers: {
    issuer: 'Issuer',
    client: 'Client',
    secret: 'Client secret',
    scopes: 'Scopes',
    button: 'Button',
    usernames: 'Usernames from',
    groupsFrom: 'Groups from',
    groups: 'Groups',
    staff: 'Staff',
    requires: 'Only people with',
    accounts: 'New accounts',
    match: 'Matched by e-mail',
    matchName: 'Invited by username',
    signOut: 'Signing out',
    servers: 'Servers',
    bind: 'Looks people up as',
    base: 'People are in',
    filter: 'Filter',
    attributes: 'Attributes',
  },
  signInHasSecret: (has: boolean): string => (has ? 'set' : 'none; PKCE alone'),
  signInUsual: 'preferred_username, e-mail or name',
  signInAnonymous: 'nobody in particular',
  signInNobody: 'not decided there',
  signInEverybody: 'everybody whom the provider lets in',
  signInMakesAccounts: (makes: boolean): string => (makes ? 'at the first sign-in' : 'never'),
  signInMatches: (matches: boolean, all: boolean): string => {
    if (!matches) return 'no';
    return all ? 'yes, and every address counts as verified' : 'if verified on both sides';
  },
  signInYes: (is: boolean): string => (is ? 'yes' : 'no'),
  signInSignsOut: (does: boolean): string => (does ? 'leads to the provider' : 'only here'),
  signInMapped: (there: string, here: string) => `${there} → ${here}`,
  signInState: 'State',
  signInAsk: 'Ask now',
  signInAsking: 'Asking…',
  signInWorks: (keys: number) => `It answers, with ${counted(keys, 'key')} for signatures.`,
  signInOffers: (offers: { signOut: boolean; logout: boolean; sessions: boolean }): string[] => [
    offers.signOut ? 'It can be signed out of from here.' : 'It offers no signing out from here.',
    offers.logout
      ? `It tells when somebody signs out there${offers.sessions ? ', by session' : ''}.`
      : 'It doesn’t say that it tells when somebody signs out there.',
  ],
  signInServerWorks: 'can be used',
  signInLastOk: (when: string) => `Last worked ${when}.`,
  signInFailures: 'Failures since this server started',
  signInSteps: { ask: 'Asked', sign_in: 'Sign-in', sign_out: 'Sign-out there' },
  signInFaults: {
    unreachable:
      'Nobody answers. See whether this machine reaches the address: name, port, firewall, proxy.',
    certificate:
      'Its certificate isn’t trusted. Give it one that is, or name its authority ' +
      '(NODE_EXTRA_CA_CERTS; “caFile” for a directory).',
    not_found: 'Something answers, but no provider. Check “issuer” in chit.json.',
    issuer_differs:
      'It names itself differently. Copy “issuer” from its /.well-known/openid-configuration, ' +
      'letter by letter.',
    no_keys: 'It publishes no key for signatures. Choose a signing key there (RS256 or ES256).',
    client_refused:
      'It doesn’t take the client. Compare “clientId” and the secret in the ' +
      'environment with what ' +
      'is registered there; secrets expire.',
    code_refused:
      'It doesn’t take the code. Compare the redirect URI letter by letter, and allow PKCE (S256).',
    signature:
      'A token isn’t signed by a key that it publishes. Choose RS256 or ES256 there ' +
      'instead of HS256.',
    audience: 'A token is for another client. Check “clientId” in chit.json.',
    clock: 'A token is too old or not valid yet. Set the clocks of both machines.',
    provider_error: 'It answers with an error of its own; its words are below.',
    bind_refused: 'It doesn’t take “bindDn” with this password. Check both in chit.json.',
    base_unreadable:
      'What is to be searched can’t be read. Check “base” and what “bindDn” is allowed to read.',
    other: 'Something else is wrong; its words are below.',
  },
  tryProvider: 'Try it',
  tryProviderText:
    'Signs you in at the provider and shows what it says of you. No account is made ' +
    'and nobody is ' +
    'signed in here.',
  tryProviderOf: (name: string) => `Try it: ${name}`,
  tryResult: (name: string) => `Trial of ${name}`,
  tryAgain: 'Try again',
  tryBack: 'Back to all ways to sign in',
  tryNothing: 'Nothing was made or changed.',
  tryDirectory: 'Try the directory',
  tryDirectoryText:
    'Looks a name up and shows what would happen. With a password, it is checked as well; wrong ' +
    'ones count as failed sign-ins.',
  tryUsername: 'Username there',
  tryPassword: 'Password (optional)',
  tryLookUp: 'Look up',
  tryWhat: 'What would happen',
  tryOutcomes: {
    signs_in: (name: string) => `Signs in to the account ${name}.`,
    matched: (name: string) => `Gets the existing account ${name}, and keeps it from then on.`,
    to_prove: (name: string) =>
      `Gets the existing account ${name} after proving once here that it is theirs.`,
    new_account: (name: string) => `A new account is made, called ${name}.`,
    invited: () => 'Gets a new account as the invitation for this person says.',
    no_account: () => 'Isn’t let in: there is no account, and none is made.',
    not_admitted: () => 'Isn’t let in: a claim lacks what “requires” asks for.',
    disabled: (name: string) => `Isn’t let in: the account ${name} is disabled.`,
    not_found: () => 'Isn’t let in: the filter finds no entry.',
    ambiguous: () => 'Isn’t let in: the filter finds more than one entry.',
    wrong_password: () => 'Isn’t let in: the password is wrong.',
    local_account: (name: string) =>
      `The directory isn’t asked: the account ${name} has a password of this site, or is staff.`,
  },
  tryTokens: 'Tokens to begin with',
  tryEmail: 'E-mail',
  tryVerified: (is: boolean): string => (is ? 'verified' : 'not verified'),
  tryGroups: 'Groups here',
  tryGroupChanges: {
    joins: 'joins',
    leaves: 'leaves',
    stays: 'stays in',
    stays_out: 'isn’t in, stays out',
    missing: 'no such group here; make it first',
  },
  tryGroupsThere: 'Groups there',
  tryGroupsUntold: 'left out by the provider, so everything stays',
  tryRole: 'Role',
  tryStaff: (is: boolean): string => (is ? 'staff' : 'not staff'),
  tryRoleStays: 'stays',
  tryLacks: (claim: string, values: string) => `${claim} has none of: ${values}`,
  tryClaims: 'Claims that came',
  tryEntry: 'Entry found',
  tryPasswordRight: (right: boolean): string =>
    right ? 'The password is right.' : 'The password is wrong.',
  tryDenied: 'You weren’t signed in there, or cancelled.',
  nothingThere: 'none',
};
