/** Proofs and second factors, in English. */
export const factorsEn = {
  proof: {
    title: 'Is it you?',
    text: 'This needs a fresh sign-in. Nothing was done yet; it goes on when you confirm.',
    confirm: 'Confirm',
  },
};

export type FactorsTexts = typeof factorsEn;
