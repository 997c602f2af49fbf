/** The part of `errors.ts` about vouchers and imports of users. */

/** The responses to what is wrong with a voucher or a batch; each says what to do. */
export const VOUCHER_RESPONSES = {
  import_refused: ({ faults }: { readonly faults: number }) => ({
    status: 400,
    detail: `Nothing was imported: the file has ${faults} faults. A dry run shows them.`,
    params: { faults },
  }),
  import_full: ({ mostBytes }: { readonly mostBytes: number }) => ({
    status: 409,
    detail:
      `An account can import up to ${mostBytes / 1_000_000} MB of text. Delete imported chats ` +
      'that you no longer need, then go on.',
    params: { max_megabytes: mostBytes / 1_000_000 },
  }),
  import_changed: () => ({
    status: 409,
    detail:
      'Nothing was imported: it would do something else now than when you looked. Do a dry run ' +
      'again, and send the "expected" of its answer.',
  }),
  voucher_batch_not_found: () => ({ status: 404, detail: 'Batch of vouchers not found.' }),
  voucher_unknown: () => ({
    status: 404,
    detail:
      'There is no voucher with this code. A code has 16 letters and digits: check them, or ask ' +
      'whoever gave it to you.',
  }),
  voucher_expired: () => ({
    status: 410,
    detail: 'This voucher is no longer valid. Ask whoever gave it to you for another one.',
  }),
  voucher_used_up: () => ({
    status: 409,
    detail:
      'This voucher was already redeemed. If you did not do it, ask whoever gave it to you for ' +
      'another one.',
  }),
  voucher_limit: () => ({
    status: 409,
    detail:
      'You have already redeemed as many of these vouchers as one person may. Leave this one to ' +
      'somebody else.',
  }),
  voucher_codes_lost: () => ({
    status: 409,
    detail:
      'The codes of this batch cannot be shown again: the secret key of the server is not the ' +
      'one they were made with. Those handed out still work. Start the server with the key of ' +
      'then, or make a new batch.',
  }),
} as const;
