/** What the page says of mail, loaded with those parts. */
export const mailEn = {
  title: 'E-mail',
  off: 'This site sends no e-mail.',
  address: 'E-mail address',
  none: 'Add an address to be told of new sign-ins, and to choose a new password if you forget it.',
  goesTo: (email: string) => `Mail goes to ${email}.`,
  unconfirmed:
    'A directory gave this address. Send a link to it once to confirm that it’s yours: then it ' +
    'also gets you a new password if you forget yours.',
  pending: (email: string, until: string) =>
    `A link was sent to ${email}. Open it by ${until} to confirm the address.`,
  add: 'Send link',
  change: 'Change address',
  remove: 'Remove address',
  removed: 'The address was removed. One last e-mail there confirms it.',
  about: 'E-mail me',
  always: 'New sign-ins, passwords and keys are always mailed.',
  low: 'when my balance, or the pool of a group that I manage, is low',
  lowBelow: 'Low means fewer tokens than',
  renewal: 'when my plan gives me new tokens',
  language: 'Language of mail',
  saved: 'Saved.',
  forgotten: {
    title: 'Forgot your password?',
    text:
      'Enter your username or e-mail address. If your account has an address, a link to choose ' +
      'a new password is sent to it.',
    name: 'Username or e-mail address',
    send: 'Send link',
    sent:
      'If there is such an account with a confirmed address, a link is on its way. It works for ' +
      'an hour.',
    ask: (whom: string) =>
      `This site sends no e-mail. Ask ${whom} for a link to choose a new password.`,
    orAsk: (whom: string) => `No address on your account? Ask ${whom}.`,
    back: 'Back to sign-in',
  },
  confirm: {
    title: 'Confirm address',
    text: 'Confirm that this address is yours, so that mail about your account goes to it.',
    button: 'Confirm',
    signInFirst:
      'Sign in first, to the account that this address is for. You’ll come back to this page.',
    signIn: 'Sign in',
    done: (email: string) => `Confirmed: mail goes to ${email}.`,
    go: 'To the chat',
  },
  unsubscribe: {
    title: 'Unsubscribe from these e-mails',
    text:
      'You will get no more e-mails of this kind. You can turn them on again on your account ' +
      'page.',
    button: 'Unsubscribe',
    done: 'Done. You get no more e-mails of this kind.',
  },
  errors: {
    mail_off: 'This site sends no e-mail.',
    email_taken: 'Another account uses this address. Use a different one.',
    link_invalid: 'This link has expired or was used.',
    link_of_another: 'This link is for another account. Sign in to that one and open it again.',
  },
  fieldFaults: { invalid: 'This is not an e-mail address.' },
};
