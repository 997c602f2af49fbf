import { counted } from './plurals.ts';

/** Texts about mail and webhooks. */
export const enNotices = {
  webhooks: 'Webhooks',
  webhooksText:
    'Other programs are told of what happens here: each event is posted as signed JSON, and ' +
    'tried again for a day if it doesn’t arrive.',
  webhookNone: 'There are no webhooks yet.',
  webhookNew: 'New webhook',
  webhookName: 'Name',
  webhookUrl: 'Address (URL)',
  webhookUrlHint: 'Begins with https:// and is not on a private network.',
  webhookUrlHintPrivate: 'May also be on a private network.',
  webhookKinds: 'Events',
  webhookState: 'State',
  webhookIsOn: 'Send events',
  webhookOn: 'On',
  webhookOff: 'Off',
  webhookOffGone: 'Off: its receiver is gone',
  webhookTurnedOff: (when: string) =>
    `The receiver answered on ${when} that it is gone for good (410), so this webhook was turned ` +
    'off. Check the address before you turn it on again.',
  webhookCreate: 'Create webhook',
  webhookCreated: 'The webhook was created.',
  webhookSaved: 'The webhook was saved.',
  webhookSecret: 'The secret that events are signed with. It is shown only now:',
  webhookRenew: 'Renew secret',
  webhookRenewText: 'Events are signed with both secrets for a day, so that nothing is missed.',
  webhookEarlier: (until: string) => `The previous secret is still used until ${until}.`,
  webhookTest: 'Send test event',
  webhookTested: 'A test event is on its way. Its state is in the list below.',
  webhookDelete: 'Delete webhook',
  webhookDeleteText: 'Events that wait to be sent are dropped, and the list below is deleted.',
  webhookDeleted: 'The webhook was deleted.',
  webhookGone: 'This webhook no longer exists.',
  webhookAll: 'All webhooks',
  deliveries: 'Events of the last 90 days',
  deliveryNone: 'Nothing has been sent yet.',
  deliveryKind: 'Event',
  deliveryAttempts: 'Attempts',
  deliveryAnswer: 'Last answer',
  deliveryWhen: 'Queued',
  deliveryStates: { waiting: 'Waiting', sent: 'Sent', failed: 'Failed' },
  deliveryNext: (when: string) => `Next attempt: ${when}`,
  deliveryAgain: 'Send again',
  deliveryQueued: 'The event is sent again.',
  eventKinds: {
    'provider.failing': 'A model doesn’t answer',
    'fallback.used': 'A fallback answered',
    'usage.unpriced': 'Usage without a price',
    'charge.shortfall': 'A charge exceeded a balance',
    'balance.low': 'A user’s balance is low',
    'pool.low': 'A group’s pool is low',
    'allowance.used_up': 'An allowance is used up',
    'user.signed_up': 'Someone signed up',
    'disk.nearly_full': 'A disk is nearly full',
    'backup.failed': 'A backup failed',
    'webhook.test': 'Test event',
    'sign_in.new': 'New sign-in',
    'password.new': 'New password',
    'password_link.new': 'Password link',
    'password.forgotten': 'Forgotten password',
    'key.new': 'New key',
    'factor.changed': 'Second factor changed',
    'identity.new': 'Account connected',
    'identity.removed': 'Account disconnected',
    'email.changed': 'Address changed',
    'email.verify': 'Confirm address',
    invitation: 'Invitation',
    'allowance.renewed': 'New allowance',
  } as Readonly<Record<string, string>>,

  mail: 'Mail',
  mailOff:
    'This site sends no mail. Set CHIT_SMTP_URL, CHIT_MAIL_FROM and CHIT_PUBLIC_URL to turn it on.',
  mailSentBy: (from: string, server: string) => `Mail is from ${from} and sent through ${server}.`,
  mailNoneWaiting: 'No mail is waiting.',
  mailWaiting: (count: number, since: string) =>
    `${counted(count, 'mail')} waiting, the oldest since ${since}.`,
  mailTest: 'Send test mail to me',
  mailTested: (email: string, answer: string) =>
    `The server took the mail to ${email} and answered: ${answer}`,
  mailNoAddress: 'To send a test mail, add an address on your account page first.',
  mailFailed: 'Undelivered mail',
  mailNoneFound: 'No such mail.',
  mailKind: 'Kind',
  mailAnyKind: 'Any',
  mailUser: 'Account',
  mailQueued: 'The mail is sent again.',
  mailAgainAll: 'Send all again',
  mailAgainText:
    'All undelivered mail in this list is sent again and tried for another day, except mail ' +
    'whose link has expired or that nobody wants any more.',
  mailAllQueued: (queued: number, left: number) =>
    `Sent again: ${counted(queued, 'mail')}.` +
    (left === 0 ? '' : ` Not sent again: ${counted(left, 'mail')}.`),
  mailObstacles: {
    link_over: 'Link expired',
    no_address: 'No address any more',
    not_wanted: 'Not wanted any more',
  },
  mailProblems: {
    unknown_host: 'There is no mail server of this name. Check CHIT_SMTP_URL.',
    no_connection:
      'The mail server can’t be reached. Check its name and port in CHIT_SMTP_URL, and the ' +
      'firewall.',
    no_answer: 'The mail server doesn’t answer. Check its port in CHIT_SMTP_URL, and the firewall.',
    tls:
      'The connection could not be encrypted. Check whether the port is for smtps:// or smtp://, ' +
      'and the server’s certificate.',
    sign_in: 'The mail server doesn’t accept the username and password in CHIT_SMTP_URL.',
    sender: 'The mail server doesn’t accept mail from the address in CHIT_MAIL_FROM.',
    recipient: 'The mail server doesn’t accept mail to your address.',
    other: 'The mail server didn’t take the mail.',
  },
  mailNoneFailed: 'All mail of the last 90 days was delivered.',
  mailWhy: 'Reason',
  mailEnded: 'Last attempt',
};
