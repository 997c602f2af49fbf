import type { MailWords } from './words.ts';

const NOT_YOU =
  'Warst du das nicht, kann jemand anderes dein Konto benutzen. Wähle dann sofort ein neues ' +
  'Passwort und beende Sitzungen und API-Schlüssel, die du nicht kennst:';

const FACTORS = {
  passkey: 'ein Passkey',
  totp: 'eine Authenticator-App',
  recovery_codes: 'ein Satz Wiederherstellungscodes',
};
const CHANGES = {
  added: 'zu deinem Konto hinzugefügt',
  removed: 'aus deinem Konto entfernt',
  renewed: 'für dein Konto neu erstellt',
};

/** Mail in German. */
export const de: MailWords = {
  locale: 'de-DE',
  greeting: (username) => (username === undefined ? 'Hallo!' : `Hallo ${username}!`),
  footer: (site, hasAccount) =>
    hasAccount
      ? `Diese E-Mail kommt von ${site}, wo du ein Konto hast.`
      : `Diese E-Mail kommt von ${site}, wo diese Adresse angegeben wurde.`,
  unsubscribe: (url) => `Solche E-Mails abbestellen: ${url}`,
  test: (site) => ({
    subject: `Test-E-Mail von ${site}`,
    paragraphs: [`${site} kann E-Mails verschicken. Mehr ist nicht zu tun.`],
  }),
  kinds: {
    'sign_in.new': ({ browser, system, address }, { site, when, accountUrl }) => ({
      subject: `Neue Anmeldung bei ${site}`,
      paragraphs: [
        'In deinem Konto hat sich jemand mit einem Browser angemeldet, den du dafür noch nie ' +
          'benutzt hast.',
        [
          `Wann: ${when}`,
          `Womit: ${[browser ?? 'unbekanntes Programm', system].filter(Boolean).join(', ')}`,
          `Von der IP-Adresse: ${address ?? 'unbekannt'}`,
        ].join('\n'),
        'Warst du das, ist nichts zu tun.',
        `${NOT_YOU}\n${accountUrl}`,
      ],
    }),
    'password.new': ({ by }, { site, when, accountUrl }) => ({
      subject: `Dein Passwort bei ${site} wurde geändert`,
      paragraphs: [
        by === 'staff'
          ? `Die Betreiber haben deinem Konto am ${when} ein neues Passwort gegeben.`
          : by === 'link'
            ? `Für dein Konto wurde am ${when} mit einem Link ein neues Passwort gewählt.`
            : `Das Passwort deines Kontos wurde am ${when} geändert.`,
        'Alle anderen Geräte müssen sich neu anmelden.',
        `${NOT_YOU}\n${accountUrl}`,
      ],
    }),
    'password_link.new': ({ until_ms }, { site, when, accountUrl }, { time }) => ({
      subject: `Ein Link für dein Passwort bei ${site}`,
      paragraphs: [
        `Am ${when} haben die Betreiber einen Link erstellt, mit dem sich für dein Konto ein ` +
          `neues Passwort wählen lässt. Er gilt bis ${time(until_ms)}.`,
        `Hast du nicht darum gebeten, frag die Betreiber von ${site}, wozu er erstellt wurde. ` +
          `Änderst du dein Passwort, gilt der Link nicht mehr:\n${accountUrl}`,
      ],
    }),
    'key.new': ({ name, prefix, scopes }, { site, when, accountUrl, adminKeysUrl }) =>
      scopes === undefined
        ? {
            subject: `Neuer API-Schlüssel bei ${site}`,
            paragraphs: [
              `Für dein Konto wurde am ${when} ein API-Schlüssel erstellt: „${name}“, er beginnt ` +
                `mit ${prefix}.`,
              'Programme mit dem Schlüssel können deine Token ausgeben.',
              `${NOT_YOU}\n${accountUrl}`,
            ],
          }
        : {
            subject: `Neuer Admin-Schlüssel bei ${site}`,
            paragraphs: [
              `In deinem Namen wurde am ${when} ein Admin-Schlüssel erstellt: „${name}“, er ` +
                `beginnt mit ${prefix}.`,
              `Programme mit dem Schlüssel können die Admin-API von ${site} benutzen. Erlaubt ` +
                `ist: ${scopes.join(', ')}.`,
              'Warst du das nicht, kann jemand anderes dein Konto benutzen. Beende den Schlüssel ' +
                `dann sofort:\n${adminKeysUrl}`,
              'Wähle danach ein neues Passwort und beende Sitzungen, die du nicht kennst:\n' +
                accountUrl,
            ],
          },
    'factor.changed': ({ factor, change, name }, { site, when, accountUrl }) => ({
      subject: `Deine Anmeldung bei ${site} wurde geändert`,
      paragraphs: [
        factor === 'recovery_codes' && change === 'renewed'
          ? `Am ${when} wurden neue Wiederherstellungscodes für dein Konto erstellt. Die ` +
            'bisherigen gelten nicht mehr.'
          : `Am ${when} wurde ${FACTORS[factor]}${name === null ? '' : ` („${name}“)`} ` +
            `${CHANGES[change]}.`,
        `${NOT_YOU}\n${accountUrl}`,
      ],
    }),
    'identity.new': ({ by, names }, { site, when, accountUrl }) => ({
      subject:
        by === 'scim'
          ? `Ein Verzeichnis verwaltet dein Konto bei ${site}`
          : `Ein neuer Zugang zu deinem Konto bei ${site}`,
      paragraphs: [
        by === 'provider'
          ? `Dein Konto wurde am ${when} mit einer Anmeldung an anderer Stelle verbunden: ` +
            `„${names?.de ?? ''}“. Wer sich dort anmeldet, kommt in dein Konto.`
          : by === 'ldap'
            ? `Dein Konto wurde am ${when} mit dem Verzeichnis deiner Schule oder Organisation ` +
              'verbunden. Ab jetzt meldest du dich mit deinem Passwort von dort an.'
            : `Das Verzeichnis deiner Schule oder Organisation hat dein Konto am ${when} ` +
              'in seine Liste aufgenommen. Es kann das Konto in Gruppen aufnehmen, seine ' +
              'Adresse ändern und es sperren. Du meldest dich an wie bisher.',
        `Weißt du davon, ist nichts zu tun. Wenn nicht, frag sofort die Betreiber von ${site}: ` +
          `Ein neues Passwort allein beendet das nicht. Dein Konto:\n${accountUrl}`,
      ],
    }),
    'identity.removed': ({ by, names }, { site, when, accountUrl }) => ({
      subject: `Ein Zugang zu deinem Konto bei ${site} wurde entfernt`,
      paragraphs: [
        by === 'provider'
          ? `Am ${when} wurde die Anmeldung „${names?.de ?? ''}“ von deinem Konto getrennt.`
          : `Am ${when} wurde das Verzeichnis deiner Schule oder Organisation von deinem Konto ` +
            'getrennt.',
        `${NOT_YOU}\n${accountUrl}`,
      ],
    }),
    'email.changed': ({ email }, { site, when, accountUrl }) => ({
      subject: `Deine E-Mail-Adresse bei ${site} wurde geändert`,
      paragraphs: [
        email === null
          ? `Am ${when} wurde diese Adresse aus deinem Konto entfernt. Sie erhält keine E-Mails ` +
            'mehr.'
          : `Am ${when} wurde die Adresse deines Kontos zu ${email} geändert. Diese hier erhält ` +
            'keine E-Mails mehr.',
        `${NOT_YOU}\n${accountUrl}`,
      ],
    }),
    'email.verify': ({ until_ms }, { site, linkUrl }, { time }) => ({
      subject: `Bestätige deine Adresse für ${site}`,
      paragraphs: [
        `Jemand hat diese Adresse für ein Konto bei ${site} angegeben. Warst du das, bestätige ` +
          `sie:\n${linkUrl}`,
        `Der Link gilt bis ${time(until_ms)}. Warst du das nicht, musst du nichts tun: Ohne den ` +
          'Link wird die Adresse nicht verwendet.',
      ],
    }),
    'password.forgotten': ({ until_ms, address }, { site, linkUrl }, { time }) => ({
      subject: `Neues Passwort für ${site}`,
      paragraphs: [
        `Jemand${address === null ? '' : ` (IP-Adresse ${address})`} hat angegeben, das ` +
          `Passwort deines Kontos vergessen zu haben. Hier kannst du ein neues wählen:\n${linkUrl}`,
        `Der Link gilt einmal, bis ${time(until_ms)}. Warst du das nicht, musst du nichts tun: ` +
          'Dein Passwort bleibt, wie es ist.',
      ],
    }),
    invitation: ({ username, from, until_ms }, { site, linkUrl }, { time }) => ({
      subject: `Dein Konto bei ${site}`,
      paragraphs: [
        (from === null ? `Du bist zu ${site} eingeladen.` : `${from} lädt dich zu ${site} ein.`) +
          ' Dort kannst du mit KI-Modellen chatten.' +
          (username === null ? '' : ` Dein Benutzername ist ${username}.`),
        `Hier geht es los:\n${linkUrl}`,
        `Der Link ist nur für dich und gilt bis ${time(until_ms)}.`,
      ],
    }),
    'balance.low': ({ tokens, below }, { site, accountUrl }, { number }) => ({
      subject: `Nur noch wenige Token bei ${site}`,
      paragraphs: [
        `Dein Guthaben beträgt ${number(tokens)} Token, das sind weniger als ${number(below)}. ` +
          'Ist es aufgebraucht, kannst du keine Nachrichten mehr senden.',
        'Diese E-Mail kommt erst wieder, wenn es zwischendurch höher war. Ab wann es niedrig ' +
          `ist, stellst du hier ein:\n${accountUrl}`,
      ],
    }),
    'pool.low': ({ group, tokens, below }, { site, groupsUrl }, { number }) => ({
      subject: `Nur noch wenige Token für ${group} bei ${site}`,
      paragraphs: [
        `Das Gruppenkonto von ${group} hat noch ${number(tokens)} Token, das sind weniger als ` +
          `${number(below)}. Ist es leer, können die Mitglieder nur noch eigene Token ausgeben.`,
        'Du bekommst diese E-Mail, weil du die Gruppe verwaltest. Sie kommt erst wieder, wenn ' +
          `auf dem Konto zwischendurch mehr war:\n${groupsUrl}`,
      ],
    }),
    'allowance.renewed': ({ tokens }, { site }, { number }) => ({
      subject: `Neue Token bei ${site}`,
      paragraphs: [
        `Ein neuer Zeitraum deines Tarifs hat begonnen. Dein Guthaben beträgt ${number(tokens)} ` +
          'Token.',
      ],
    }),
  },
};
