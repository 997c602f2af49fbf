/** @param count as it is written */
const tokens = (count: string) => `${count} ${count === '1' ? 'token' : 'tokens'}`;

/** What happens to an account, and its sessions, in English. */
export const securityEn = {
  /** The parts of the account page. */
  parts: {
    page: 'Display and chats',
    tokens: 'Tokens and API keys',
    security: 'Sign-in and security',
    notices: 'E-mail and notifications',
    data: 'Files and data',
  },
  title: 'Account activity',
  text: 'In the last 90 days, newest first.',
  none: 'Nothing so far.',
  more: 'Show earlier ones',
  /** `place` is an address such as 192.0.2.1. */
  from: (place: string) => `from ${place}`,
  notYou: 'Is something here not yours? Sign out everywhere else, then change your password.',
  wasMe: 'It was me',
  check: 'It wasn’t me',
  signIn: (device: string) => `New sign-in: ${device}`,
  passwordBy: {
    you: 'Your password was changed',
    link: 'Your password was set with a link',
    staff: 'The people who run this site set a new password for you',
  },
  passwordLink: (until: string) =>
    `The people who run this site made a link to choose a new password; it works until ${until}`,
  passwordForgotten: 'Somebody asked for a link to choose a new password, and it was mailed to you',
  key: (name: string) => `New API key: “${name}”`,
  adminKey: (name: string) => `New admin key: “${name}”`,
  factors: { passkey: 'passkey', totp: 'authenticator app', recovery_codes: 'recovery codes' },
  /** `name` is what the user calls it. */
  factorNamed: (factor: string, name: string) => `${factor} “${name}”`,
  factorChanges: {
    added: (factor: string) => `Added: ${factor}`,
    removed: (factor: string) => `Removed: ${factor}`,
    renewed: (factor: string) => `Replaced: ${factor}`,
  },
  identityBy: {
    provider: (name: string) => `Your account is now also signed in to with “${name}”`,
    ldap: 'You now sign in with your password of the directory',
    scim: 'A directory now manages your account',
  },
  identities: {
    title: 'Accounts you sign in with',
    directory: 'Directory of your organization',
    remove: 'Disconnect',
    removeNamed: (name: string) => `Disconnect “${name}”`,
    question: (name: string) =>
      `“${name}” will no longer be connected to your account. If your organization manages your ` +
      'account, it may be connected again the next time you sign in that way.',
    removed:
      'Disconnected. Devices that are signed in stay so; you can sign them out under “Active ' +
      'sessions”.',
  },
  identityRemoved: {
    provider: (name: string) => `“${name}” was disconnected from your account`,
    ldap: 'The directory was disconnected from your account',
  },
  email: (address: string) => `Your e-mail address is now ${address}`,
  noEmail: 'Your e-mail address was removed',
  balanceLow: (below: string) => `Your balance fell below ${tokens(below)}`,
  poolLow: (group: string, below: string) => `The pool of ${group} fell below ${tokens(below)}`,
  renewed: (amount: string) => `Your plan has given you ${tokens(amount)}`,
  sessions: {
    lastUsed: (when: string) => `last used ${when}`,
    endOthers: 'Sign out everywhere else',
    othersEnded: 'You are signed in only here now.',
  },
};

export type SecurityTexts = typeof securityEn;
