/** Proofs and second factors, in English. */
export const factorsEn = {
  proof: {
    title: 'Is it you?',
    text: 'Confirm that it’s you to go on. Nothing has been done yet.',
    confirm: 'Confirm',
  },
  second: {
    text: 'One more step: show that it’s really you.',
    goOn: 'Continue',
    back: 'Back to sign-in',
  },
  usePasskey: 'Use a passkey',
  code: 'Code from your authenticator app',
  recoveryCode: 'Recovery code',
  insteadRecovery: 'Use a recovery code',
  insteadCode: 'Use the authenticator app',
  passkeyStopped: 'The passkey wasn’t used. Please try again.',
  title: 'Passkeys and second factors',
  intro:
    'With a second factor, someone who knows your password still can’t get in. A passkey signs ' +
    'you in without a password.',
  required: 'As staff of this site you need a second factor.',
  none: 'You sign in with your password alone.',
  app: 'Authenticator app',
  appSince: (when: string) => `Since ${when}`,
  addApp: 'Set up an authenticator app',
  replaceApp: 'Set up again',
  scan:
    'Scan this code with an authenticator app, or enter the key by hand. Then type the code it ' +
    'shows.',
  qr: 'QR code with the key',
  key: 'Key',
  codeShown: 'Code that the app shows',
  turnOn: 'Turn on',
  passkeys: 'Passkeys',
  addPasskey: 'Add a passkey',
  passkeyName: 'Name of the passkey, such as the device',
  create: 'Create passkey',
  passkeyElsewhere: 'Passkeys don’t work at this address.',
  neverUsed: (made: string) => `Added ${made}, not used yet`,
  lastUsed: (when: string) => `Last used ${when}`,
  remove: 'Remove',
  removeNamed: (name: string) => `Remove ${name}`,
  removeQuestion: (name: string) => `You won’t be able to sign in with “${name}” any more.`,
  codes: 'Recovery codes',
  codesLeft: (count: number) =>
    count === 1
      ? '1 code left. It gets you in once if you’ve lost everything else.'
      : `${count} codes left. Each gets you in once if you’ve lost everything else.`,
  renewCodes: 'Make new recovery codes',
  newCodes: 'Your recovery codes',
  newCodesText:
    'Keep them somewhere safe, on paper for example. They’re shown only now, and each works once.',
  copyCodes: 'Copy codes',
  saveCodes: 'Download',
  codesFile: 'recovery-codes.txt',
  kept: 'I’ve kept them',
  others: {
    text: 'Other devices are still signed in, without the new factor. Sign them out?',
    end: 'Sign out other devices',
    keep: 'Leave them signed in',
    ended: 'You are signed in only here now.',
  },
};

export type FactorsTexts = typeof factorsEn;
