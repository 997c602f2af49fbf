/** Who has an account, how they sign in, and whom they can ask. */
import { MAX_CREDITS } from '../core/credits.ts';
import { oneOf, secretKey, shortText, wholeNumber } from './parsers.ts';
import { setting } from './setting.ts';

export const ACCOUNTS = {
  secretKey: setting({
    name: 'CHIT_SECRET_KEY',
    fallback: '',
    fallbackNote: 'created at first start, in the data folder',
    isSecret: true,
    doc: 'Signs tokens. With the `SECRET_KEY` of a Django site, its tokens are valid here.',
    parse: secretKey,
    mayBeFile: true,
  }),
  signup: setting({
    name: 'CHIT_SIGNUP',
    fallback: 'open',
    doc: 'Whether people can sign up by themselves: `open` or `closed`; not about `signIn`.',
    parse: oneOf('open', 'closed'),
  }),
  signupTokens: setting({
    name: 'CHIT_SIGNUP_TOKENS',
    fallback: '4000',
    doc: 'Balance of a new account.',
    parse: wholeNumber({ from: 0, to: MAX_CREDITS }),
  }),
  signupsPerHour: setting({
    name: 'CHIT_SIGNUPS_PER_HOUR',
    fallback: '300',
    doc: 'Sign-ups allowed per address and hour. 0 for no limit.',
    parse: wholeNumber({ from: 0, to: 1_000_000_000 }),
  }),
  passwordLogin: setting({
    name: 'CHIT_PASSWORD_LOGIN',
    fallback: 'on',
    doc: 'Whether passwords sign in: `on` or `off`. Off, people come by the providers of `signIn`.',
    parse: (text) => oneOf('on', 'off')(text) === 'on',
  }),
  passwordMinLength: setting({
    name: 'CHIT_PASSWORD_MIN_LENGTH',
    fallback: '8',
    doc: 'Minimum length of new passwords, in characters. Below 8 only if old clients need it.',
    parse: wholeNumber({ from: 1, to: 128 }),
  }),
  accessTokenMinutes: setting({
    name: 'CHIT_ACCESS_TOKEN_MINUTES',
    fallback: '15',
    doc: 'Lifetime of an access token.',
    parse: wholeNumber({ from: 1, to: 1_440 }),
  }),
  refreshTokenDays: setting({
    name: 'CHIT_REFRESH_TOKEN_DAYS',
    fallback: '1',
    doc: 'Lifetime of a refresh token that a program gets.',
    parse: wholeNumber({ from: 1, to: 365 }),
  }),
  sessionDays: setting({
    name: 'CHIT_SESSION_DAYS',
    fallback: '30',
    doc: 'How long a browser stays signed in after it was last used.',
    parse: wholeNumber({ from: 1, to: 400 }),
  }),
  staffSecondFactor: setting({
    name: 'CHIT_STAFF_SECOND_FACTOR',
    fallback: 'optional',
    doc:
      'Whether staff need a second factor: `optional`, `required`, or `always`, also where a ' +
      'provider has signed them in.',
    parse: oneOf('optional', 'required', 'always'),
  }),
  sessionMostDays: setting({
    name: 'CHIT_SESSION_MOST_DAYS',
    fallback: '180',
    doc: 'How long a browser stays signed in at most, however often it is used.',
    parse: wholeNumber({ from: 1, to: 3_650 }),
  }),
  proofAboveTokens: setting({
    name: 'CHIT_PROOF_ABOVE_TOKENS',
    fallback: '1000000',
    doc: 'Staff who give more at once have to prove who they are within the ten minutes before.',
    parse: wholeNumber({ from: 0, to: MAX_CREDITS }),
  }),
  contact: setting({
    name: 'CHIT_CONTACT',
    fallback: '',
    fallbackNote: 'none',
    doc: 'Whom users can contact for an account or tokens: a name or an address.',
    parse: shortText({ most: 200 }),
  }),
  staffReadsChats: setting({
    name: 'CHIT_STAFF_READS_CHATS',
    fallback: '0',
    doc: 'With 1, staff can read chats, giving a reason that is logged; users are told so.',
    parse: (text) => oneOf('0', '1')(text) === '1',
  }),
};
