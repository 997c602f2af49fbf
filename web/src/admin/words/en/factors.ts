/** Second factors of users and of staff. */
export const enFactors = {
  factorFirst:
    'Staff of this site need a second factor, besides the password. Set one up in your account ' +
    'first, then come back.',
  toFactors: 'Set up a second factor',
  resetFactors: 'Remove second factors',
  resetFactorsTitle: (name: string) => `Remove the second factors of ${name}?`,
  resetFactorsText: (name: string) => [
    `${name} then signs in with the password alone, and is signed out everywhere.`,
    'Make sure that it really is the user who asks: whoever has the password could.',
  ],
  factorsReset: (name: string) => `The second factors of ${name} are removed.`,
  identities: 'Signs in with',
  identityDirectory: 'Directory (LDAP)',
  identitySince: (when: string) => `connected ${when}`,
  untie: 'Disconnect',
  untieTitle: (way: string, name: string) => `Disconnect ${way} from ${name}?`,
  untieText: (name: string) => [
    `${name} can’t sign in that way any more, and is signed out everywhere. If nothing else is ` +
      'left, make a link to choose a password.',
    'Who is in a directory, or has an address that the provider vouches for, may be connected ' +
      'again at the next sign-in.',
  ],
  untied: (way: string, name: string) => `${way} is disconnected from ${name}.`,
};
