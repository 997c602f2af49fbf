import { counted, number } from './plurals.ts';

/** Texts about vouchers. */
export const enVouchers = {
  vouchers: 'Vouchers',
  vouchersText:
    'Codes that people redeem on their account page. A code gives tokens, or a plan for some days.',
  voucherNew: 'New vouchers',
  voucherNone: 'There are no vouchers yet.',
  voucherName: 'Name',
  voucherNameHint: 'Shown in statements and on the sheet',
  voucherKind: 'Each code gives',
  voucherOfTokens: 'Tokens',
  voucherOfPlan: 'A plan for some days',
  voucherTokens: 'Number of tokens',
  voucherPlan: 'Plan',
  voucherDays: 'Days',
  voucherCodes: 'Codes',
  voucherCount: 'How many codes (up to 10,000)',
  voucherLastDay: 'Last day (optional)',
  voucherUsesPerCode: 'How often each code can be redeemed',
  voucherUsesPerUser: 'How many of these one person can redeem',
  voucherMake: 'Create vouchers',
  voucherMade: (codes: number) => `${counted(codes, 'code')} created.`,
  voucherUnknownOutcome:
    'The server did not answer, so it is not known whether the vouchers were created. Try ' +
    'again: the same vouchers are created only once.',
  voucherGives: 'Gives',
  voucherGivesTokens: (tokens: number) => counted(tokens, 'token'),
  voucherGivesPlan: (plan: string, days: number) => `${plan} for ${counted(days, 'day')}`,
  voucherExpires: 'Valid until',
  voucherNeverExpires: 'no end',
  voucherRedeemed: 'Redeemed',
  voucherUsed: 'Used codes',
  voucherUsedOf: (used: number, codes: number) => `${number(used)} of ${number(codes)}`,
  voucherState: 'State',
  voucherOpen: 'open',
  voucherExpired: 'expired',
  voucherEnded: 'ended',
  voucherLimits: 'Limits',
  voucherLimitsText: (perCode: number, perUser: number) =>
    `${number(perCode)} per code, ${number(perUser)} per person`,
  voucherMadeBy: 'Created',
  voucherMadeText: (when: string, name: string) => `${when} by ${name}`,
  voucherSheet: 'Sheet to print',
  voucherPrint: 'Print',
  voucherBack: 'Back to vouchers',
  voucherEnd: 'End these vouchers',
  voucherEndTitle: (name: string) => `End “${name}”?`,
  voucherEndText: (left: number) =>
    `${counted(left, 'unused code')} can no longer be redeemed. What was redeemed stays.`,
  voucherEndDone: 'These codes can no longer be redeemed.',
  voucherNumber: 'No.',
  voucherHint: 'Code ends in',
  voucherUses: 'Redeemed',
  voucherBy: 'By',
  voucherNotFound: 'Vouchers not found',
  voucherNotFoundText: (id: string) => `There are no vouchers with the ID ${id}.`,
  voucherSheetText: (shown: number, used: number) =>
    used === 0
      ? `${counted(shown, 'code')}.`
      : `${counted(shown, 'code')}; ${number(used)} used up and left out.`,
  voucherHow: (site: string) => `Sign in at ${site}, open “Account” and redeem this code.`,
  voucherValidUntil: (when: string) => `Valid until ${when}`,
};
