import type { MailWords } from './words.ts';

const NOT_YOU =
  'If that was not you, somebody else can use your account. Choose a new password at once, and ' +
  'end sessions and API keys that you do not know:';

const FACTORS = {
  passkey: 'a passkey',
  totp: 'an authenticator app',
  recovery_codes: 'a set of recovery codes',
};
const CHANGES = { added: 'added to', removed: 'removed from', renewed: 'replaced for' };

function tokensOf(count: number, number: (value: number) => string): string {
  return `${number(count)} ${count === 1 ? 'token' : 'tokens'}`;
}

/** Mail in English. */
export const en: MailWords = {
  locale: 'en-GB',
  greeting: (username) => (username === undefined ? 'Hello,' : `Hello ${username},`),
  footer: (site, hasAccount) =>
    hasAccount
      ? `This mail was sent by ${site}, where you have an account.`
      : `This mail was sent by ${site}, where this address was given.`,
  unsubscribe: (url) => `To stop mail of this kind: ${url}`,
  test: (site) => ({
    subject: `Test mail from ${site}`,
    paragraphs: [`${site} can send mail. There is nothing else to do.`],
  }),
  kinds: {
    'sign_in.new': ({ browser, system, address }, { site, when, accountUrl }) => ({
      subject: `New sign-in at ${site}`,
      paragraphs: [
        'Somebody signed in to your account with a browser that was not used for it before.',
        [
          `When: ${when}`,
          `With: ${[browser ?? 'an unknown program', system].filter(Boolean).join(', ')}`,
          `From the IP address: ${address ?? 'unknown'}`,
        ].join('\n'),
        'If that was you, there is nothing to do.',
        `${NOT_YOU}\n${accountUrl}`,
      ],
    }),
    'password.new': ({ by }, { site, when, accountUrl }) => ({
      subject: `Your password at ${site} was changed`,
      paragraphs: [
        by === 'staff'
          ? `Staff gave your account a new password on ${when}.`
          : by === 'link'
            ? `A new password was chosen for your account with a link, on ${when}.`
            : `The password of your account was changed on ${when}.`,
        'All other devices have to sign in again.',
        `${NOT_YOU}\n${accountUrl}`,
      ],
    }),
    'password_link.new': ({ until_ms }, { site, when, accountUrl }, { time }) => ({
      subject: `A link to choose your password at ${site}`,
      paragraphs: [
        `On ${when}, staff made a link with which a new password can be chosen for your account. ` +
          `It works until ${time(until_ms)}.`,
        `If you did not ask for it, ask the staff of ${site} why it was made. Changing your ` +
          `password ends the link:\n${accountUrl}`,
      ],
    }),
    'key.new': ({ name, prefix, scopes }, { site, when, accountUrl, adminKeysUrl }) =>
      scopes === undefined
        ? {
            subject: `New API key at ${site}`,
            paragraphs: [
              `An API key was made for your account on ${when}: "${name}", which begins with ` +
                `${prefix}.`,
              'Programs with the key can spend your tokens.',
              `${NOT_YOU}\n${accountUrl}`,
            ],
          }
        : {
            subject: `New admin key at ${site}`,
            paragraphs: [
              `An admin key was made in your name on ${when}: "${name}", which begins with ` +
                `${prefix}.`,
              `Programs with the key can use the admin API of ${site}. It allows: ` +
                `${scopes.join(', ')}.`,
              `If that was not you, somebody else can use your account. End the key at once:\n` +
                adminKeysUrl,
              `Then choose a new password, and end sessions that you do not know:\n${accountUrl}`,
            ],
          },
    'factor.changed': ({ factor, change, name }, { site, when, accountUrl }) => ({
      subject: `How you sign in at ${site} was changed`,
      paragraphs: [
        factor === 'recovery_codes' && change === 'renewed'
          ? `On ${when}, new recovery codes were made for your account. The earlier ones no ` +
            'longer work.'
          : `On ${when}, ${FACTORS[factor]}${name === null ? '' : ` ("${name}")`} was ` +
            `${CHANGES[change]} your account.`,
        `${NOT_YOU}\n${accountUrl}`,
      ],
    }),
    'identity.new': ({ by, names }, { site, when, accountUrl }) => ({
      subject:
        by === 'scim'
          ? `A directory manages your account at ${site}`
          : `A new way into your account at ${site}`,
      paragraphs: [
        by === 'provider'
          ? `On ${when}, your account was connected to a sign-in elsewhere: ` +
            `"${names?.en ?? ''}". Whoever signs in there gets into your account.`
          : by === 'ldap'
            ? `On ${when}, your account was connected to the directory of your school or ` +
              'organization. From now on you sign in with your password there.'
            : `On ${when}, the directory of your school or organization took your account ` +
              'into its list of users. It can put it into groups, change its address and ' +
              'disable it. How you sign in stays as it was.',
        `If you know of this, there is nothing to do. If not, ask the staff of ${site} at once: ` +
          `choosing a new password does not end it. Your account:\n${accountUrl}`,
      ],
    }),
    'identity.removed': ({ by, names }, { site, when, accountUrl }) => ({
      subject: `A way into your account at ${site} was removed`,
      paragraphs: [
        by === 'provider'
          ? `On ${when}, the sign-in "${names?.en ?? ''}" was disconnected from your account.`
          : `On ${when}, the directory of your school or organization was disconnected from your ` +
            'account.',
        `${NOT_YOU}\n${accountUrl}`,
      ],
    }),
    'email.changed': ({ email }, { site, when, accountUrl }) => ({
      subject: `Your address for mail from ${site} was changed`,
      paragraphs: [
        email === null
          ? `On ${when}, this address was removed from your account. It gets no more mail.`
          : `On ${when}, the address of your account became ${email}. This one gets no more mail.`,
        `${NOT_YOU}\n${accountUrl}`,
      ],
    }),
    'email.verify': ({ until_ms }, { site, linkUrl }, { time }) => ({
      subject: `Confirm your address for ${site}`,
      paragraphs: [
        `Somebody gave this address for an account at ${site}. If it was you, confirm it:\n` +
          `${linkUrl}`,
        `The link works until ${time(until_ms)}. If it was not you, do nothing: without the link ` +
          'the address is not used.',
      ],
    }),
    'password.forgotten': ({ until_ms, address }, { site, linkUrl }, { time }) => ({
      subject: `Choose a new password for ${site}`,
      paragraphs: [
        `Somebody${address === null ? '' : ` (IP address ${address})`} said that they had ` +
          `forgotten the password of your account. Choose a new one here:\n${linkUrl}`,
        `The link works once, until ${time(until_ms)}. If it was not you, do nothing: your ` +
          'password stays as it is.',
      ],
    }),
    invitation: ({ username, from, until_ms }, { site, linkUrl }, { time }) => ({
      subject: `Your account at ${site}`,
      paragraphs: [
        `${from === null ? 'You are invited' : `${from} invites you`} to ${site}, where you can ` +
          'chat with AI models.' +
          (username === null ? '' : ` Your username is ${username}.`),
        `Begin here:\n${linkUrl}`,
        `The link is only for you and works until ${time(until_ms)}.`,
      ],
    }),
    'balance.low': ({ tokens, below }, { site, accountUrl }, { number }) => ({
      subject: `Few tokens left at ${site}`,
      paragraphs: [
        `Your balance is ${tokensOf(tokens, number)}, which is less than ${number(below)}. Once ` +
          'it is used up, you cannot send messages.',
        'You will hear of it again only after your balance has been higher. You choose what ' +
          `counts as low here:\n${accountUrl}`,
      ],
    }),
    'pool.low': ({ group, tokens, below }, { site, groupsUrl }, { number }) => ({
      subject: `Few tokens left for ${group} at ${site}`,
      paragraphs: [
        `The pool of ${group} has ${tokensOf(tokens, number)} left, which is less than ` +
          `${number(below)}. Once it is used up, its members can spend only tokens of their own.`,
        'You get this mail because you manage the group. You will hear of it again only after ' +
          `the pool has been higher:\n${groupsUrl}`,
      ],
    }),
    'allowance.renewed': ({ tokens }, { site }, { number }) => ({
      subject: `New tokens at ${site}`,
      paragraphs: [
        `A new period of your plan has begun. Your balance is ${tokensOf(tokens, number)}.`,
      ],
    }),
  },
};
