import type { PlanProblem } from '../../types.ts';
import { shorten } from '../shorten.ts';
import { counted, number } from './plurals.ts';

/** How many tokens a list adds and removes, and for how many accounts. */
export interface ListTotals {
  readonly accounts: number;
  readonly added: number;
  readonly removed: number;
}

function totalsText({ accounts, added, removed }: ListTotals): string {
  const parts = [
    ...(added > 0 ? [`${counted(added, 'token')} added`] : []),
    ...(removed > 0 ? [`${counted(removed, 'token')} removed`] : []),
  ];
  return `${counted(accounts, 'account')}: ${parts.join(', ')}.`;
}

/** @param username of the only account; undefined if there are several */
function appliedText(totals: ListTotals, username: string | undefined): string {
  if (username === undefined) return `Done. ${totalsText(totals)}`;
  return totals.added > 0
    ? `Added ${counted(totals.added, 'token')} to ${username}.`
    : `Removed ${counted(totals.removed, 'token')} from ${username}.`;
}

/** Texts about balances, statements and refunds. */
export const enCredits = {
  creditsText:
    'One user per line: a username, then the number of tokens to add (or to remove, with a ' +
    'minus). You see a preview first; then all of it is applied, or nothing.',
  list: 'Users and tokens',
  listPlaceholder: 'ada 500\ngrace -20',
  sameForAll: 'Same amount for everyone',
  setAll: 'Set',
  reasonHint: 'Please don’t name anyone: this stays when a user is deleted.',
  reasonPlaceholder: 'Shown in statements and in the audit log',
  preview: 'Preview',
  problems: (count: number) => `${counted(count, 'problem')}.`,
  problemsText: 'Nothing can be applied. Go back and correct the list.',
  planProblems: {
    account_unknown: 'There is no such user.',
    balance_limit: 'The balance would exceed the maximum.',
    insufficient_credits: 'The balance is too low.',
    named_twice: 'This user is listed twice.',
    nothing: 'The amount is 0.',
    untouchable: 'Only a superuser can change the balance of a superuser.',
  } satisfies Record<PlanProblem, string>,
  apply: (count: number) => `Apply to ${counted(count, 'account')}`,
  before: 'Before',
  after: 'After',
  backToList: 'Back to the list',
  line: (line: number) => `Line ${number(line)}`,
  emptyList: 'The list is empty. Enter one user per line.',
  tooManyLines: (count: number, max: number) =>
    `The list has ${counted(count, 'line')}; at most ${number(max)} can be applied at once. ` +
    'Split it up.',
  lineFaults: {
    no_number: (text: string) =>
      `a username followed by a whole number of tokens is expected: ${shorten(text)}`,
    ambiguous: (text: string) =>
      `${text} after a comma can be read in two ways. Write it without commas.`,
    too_large: (text: string) => `${shorten(text)} is too large, it has more than 15 digits.`,
  },
  moreFaults: (count: number) => `and ${number(count)} more`,
  outcomeUnknown:
    'The server did not answer, so it is not known whether this was applied. Try again: the same ' +
    'list is applied only once, however often you send it from here.',
  outcomeUnknownBefore:
    'The server did not answer to a list you sent earlier, so it is not known whether it was ' +
    'applied. If you send the same list with the same reason again, it is applied only once. ' +
    'Check the audit log before you write a different one.',
  outcomeChecked: 'I have checked',
  totalsText,
  appliedText,

  noTransactions: 'No transactions yet.',
  by: (name: string) => `by ${name}`,
  refund: 'Refund',
  refunded: 'refunded',
  refundTitle: (name: string) => `Refund a charge to ${name}?`,
  refundText: (tokens: number, name: string, when: string, model: string) =>
    `${name} gets back ${counted(tokens, 'token')} for the message of ${when} (${model}).`,
  refundTokens: (tokens: number) => `Refund ${counted(tokens, 'token')}`,
  refundDone: (tokens: number, name: string) => `Refunded ${counted(tokens, 'token')} to ${name}.`,
};
