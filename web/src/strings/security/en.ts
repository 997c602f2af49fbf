/** What happens to an account, and its sessions, in English. */
export const securityEn = {
  title: 'What happened to your account',
  text: 'In the last 90 days, newest first.',
  none: 'Nothing yet.',
  more: 'Show earlier ones',
  /** `place` is an address such as 192.0.2.1. */
  from: (place: string) => `from ${place}`,
  notYou: 'Is one of them not you? Sign out everywhere else, then change your password.',
  wasMe: 'It was me',
  check: 'It wasn’t me',
  signIn: (device: string) => `A new sign-in: ${device}`,
  passwordBy: {
    you: 'Your password was changed',
    link: 'Your password was set with a link',
    staff: 'The operator of this site set a new password for you',
  },
  passwordLink: (until: string) =>
    `Staff made a link with which your password can be chosen, until ${until}`,
  passwordForgotten: 'Somebody asked for a link to choose your password, which was sent to you',
  key: (name: string) => `A new API key: “${name}”`,
  factors: { passkey: 'passkey', totp: 'authenticator app', recovery_codes: 'recovery codes' },
  factorChanges: {
    added: (factor: string) => `Added for signing in: ${factor}`,
    removed: (factor: string) => `No longer used for signing in: ${factor}`,
    renewed: (factor: string) => `Made anew: ${factor}`,
  },
  email: (address: string) => `Your e-mail address is now ${address}`,
  noEmail: 'Your e-mail address was removed',
  balanceLow: (below: string) => `Your balance fell below ${below} tokens`,
  renewed: (amount: string) => `Your plan has given you ${amount} tokens`,
  sessions: {
    lastUsed: (when: string) => `last used ${when}`,
    endOthers: 'Sign out everywhere else',
    othersEnded: 'You are signed in only here now.',
  },
};

export type SecurityTexts = typeof securityEn;
