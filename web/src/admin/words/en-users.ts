import { counted, number } from './en-plurals.ts';
import { shortened } from './shortened.ts';

/** What the panel says of users and of what is booked for them, in English. */
export const enUsers = {
  tryAgain: 'Try again',
  toList: 'To the list',
  toContent: 'To the content',
  allUsers: 'All users',
  noSuchPlace: 'There is no such page',
  noSuchPlaceText: (address: string) => `Nothing is at ${address}. The address may be mistyped.`,
  noSuchUser: 'There is no such user',
  noSuchUserText: (id: string) =>
    `Nobody has the id ${id}: the account was deleted, or there never was one.`,
  actions: 'Actions',
  id: 'Id',
  day: 'Day (UTC)',
  account: 'Account',
  auditOf: 'Audit entries',
  unit: (count: number): string => (count === 1 ? 'token' : 'tokens'),
  wholeNumber: 'A whole number of up to 15 digits',
  grantShort: 'Give tokens',
  grantTo: (name: string) => `Give tokens to ${name}`,
  disableOne: (name: string) => `Disable ${name}`,
  enableOne: (name: string) => `Enable ${name}`,
  disableTitle: (name: string) => `Disable ${name}?`,
  enableTitle: (name: string) => `Enable ${name}?`,
  isDisabled: (name: string) => `${name} is disabled.`,
  isEnabled: (name: string) => `${name} is enabled.`,
  nobodyToDisable: 'There is nobody to disable.',
  deleteTitle: (name: string) => `Delete ${name} for good?`,
  typeToGoOn: (phrase: string) => `Type ${phrase} to go on`,
  isDeleted: (name: string) => `${name} was deleted.`,
  heldSince: (tokens: string, when: string) => `${tokens} tokens held, since ${when}`,
  spent: (tokens: string) => `${tokens} tokens spent`,
  spentOf: (tokens: string, budget: string) => `${tokens} of ${budget} tokens spent`,
  lastUsed: (when: string) => `last used ${when}`,
  endKey: 'End the key',
  endKeyTitle: (key: string) => `End the key ${key}?`,
  endKeyText: (name: string, prefix: string, spent: string) =>
    `The key ${prefix} of ${name}, by which ${spent} tokens were spent, stops working at once. ` +
    'It cannot be brought back.',
  keyEnded: (key: string, name: string) => `The key ${key} of ${name} has ended.`,
  signedIn: (when: string) => `Signed in ${when}`,
  endSessionsTitle: (name: string) => `Sign ${name} out everywhere?`,
  endSessionsText: (sessions: number) =>
    `${counted(sessions, 'session')} ${sessions === 1 ? 'ends' : 'end'}; open pages ask for the ` +
    'password within minutes. Keys go on working.',
  sessionsEnded: (sessions: number, name: string) =>
    `Signed out: ${counted(sessions, 'session')} of ${name}.`,
  refunded: 'refunded',
  refundTitle: (name: string) => `Give a charge back to ${name}?`,
  refundText: (tokens: number, name: string, when: string, model: string) =>
    `${name} gets back ${counted(tokens, 'token')} for the message of ${when} (${model}).`,
  refundDeed: (tokens: number) => `Refund ${counted(tokens, 'token')}`,
  refundDone: (tokens: number, name: string) => `Refunded: ${counted(tokens, 'token')} to ${name}.`,
  accountMade: (name: string) => `The account ${name} was made.`,
  openUser: (name: string) => `Open ${name}`,
  makeAnother: 'Make another',
  line: (line: number) => `Line ${number(line)}`,
  noLines: 'The list is empty. Write a user a line.',
  tooManyLines: (count: number, most: number) =>
    `These are ${number(count)} lines; ${number(most)} can be booked at once. Book them in parts.`,
  lineFaults: {
    no_number: (text: string) =>
      `there is no name with a whole number of tokens behind it: ${shortened(text)}`,
    ambiguous: (text: string) =>
      `${text} behind a comma can be read in two ways. Write it without commas.`,
    too_large: (text: string) => `${shortened(text)} is too large, it has more than 15 digits.`,
  },
  moreFaults: (count: number) => `and ${number(count)} more`,
  showAll: (count: string) => `Show all ${count}`,
  unanswered:
    'No answer came, so it is not known whether this was booked. Try again: however often the ' +
    'same list is sent from here, it is booked once.',
  unansweredBefore:
    'No answer came to a list that was sent before, so it is not known whether it was booked. ' +
    'The same list with the same reason is booked once if it is sent again. Look into the audit ' +
    'log before you write another.',
  settled: 'I have looked',
};
