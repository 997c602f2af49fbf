import type { mailEn } from './en.ts';

/** What the page says of mail, in German. */
export const mailDe: typeof mailEn = {
  title: 'E-Mail',
  off: 'Diese Seite verschickt keine E-Mails.',
  address: 'E-Mail-Adresse',
  none:
    'Gib eine Adresse an, damit du von neuen Anmeldungen erfährst und ein neues Passwort wählen ' +
    'kannst, falls du es vergisst.',
  goesTo: (email) => `E-Mails gehen an ${email}.`,
  unconfirmed:
    'Diese Adresse kommt aus einem Verzeichnis. Schick ihr einmal einen Link, um zu bestätigen, ' +
    'dass sie deine ist: Dann kannst du über sie auch ein neues Passwort wählen, wenn du deines ' +
    'vergisst.',
  pending: (email, until) =>
    `An ${email} wurde ein Link geschickt. Öffne ihn bis ${until}, um die Adresse zu bestätigen.`,
  add: 'Link senden',
  change: 'Adresse ändern',
  remove: 'Adresse entfernen',
  removed: 'Die Adresse wurde entfernt. Eine letzte E-Mail dorthin bestätigt es.',
  about: 'Schick mir eine E-Mail,',
  always: 'Neue Anmeldungen, Passwörter und Schlüssel werden immer gemeldet.',
  low: 'wenn mein Guthaben oder das Konto einer Gruppe, die ich verwalte, niedrig ist',
  lowBelow: 'Niedrig heißt weniger Token als',
  renewal: 'wenn mein Tarif mir neue Token gibt',
  language: 'Sprache der E-Mails',
  saved: 'Gespeichert.',
  forgotten: {
    title: 'Passwort vergessen?',
    text:
      'Gib deinen Benutzernamen oder deine E-Mail-Adresse ein. Hat dein Konto eine Adresse, ' +
      'wird ein Link dorthin geschickt, mit dem du ein neues Passwort wählst.',
    name: 'Benutzername oder E-Mail-Adresse',
    send: 'Link senden',
    sent:
      'Wenn es ein solches Konto mit bestätigter Adresse gibt, ist ein Link unterwegs. Er gilt ' +
      'eine Stunde.',
    ask: (whom) =>
      `Diese Seite verschickt keine E-Mails. Bitte ${whom} um einen Link, mit dem du ein ` +
      'neues Passwort wählen kannst.',
    orAsk: (whom) => `Keine Adresse im Konto? Wende dich an ${whom}.`,
    back: 'Zurück zur Anmeldung',
  },
  confirm: {
    title: 'Adresse bestätigen',
    text: 'Bestätige, dass diese Adresse dir gehört, damit E-Mails zu deinem Konto an sie gehen.',
    button: 'Bestätigen',
    signInFirst:
      'Melde dich zuerst an, und zwar mit dem Konto, für das die Adresse ist. Danach kommst du ' +
      'auf diese Seite zurück.',
    signIn: 'Anmelden',
    done: (email) => `Bestätigt: E-Mails gehen an ${email}.`,
    go: 'Zum Chat',
  },
  unsubscribe: {
    title: 'Diese E-Mails abbestellen',
    text:
      'Du bekommst dann keine E-Mails dieser Art mehr. Auf deiner Kontoseite kannst du sie ' +
      'wieder einschalten.',
    button: 'Abbestellen',
    done: 'Erledigt. Du bekommst keine E-Mails dieser Art mehr.',
  },
  errors: {
    mail_off: 'Diese Seite verschickt keine E-Mails.',
    email_taken: 'Ein anderes Konto benutzt diese Adresse. Nimm eine andere.',
    link_invalid: 'Dieser Link ist abgelaufen oder wurde schon benutzt.',
    link_of_another:
      'Dieser Link gehört zu einem anderen Konto. Melde dich dort an und öffne ihn noch einmal.',
  },
  fieldFaults: { invalid: 'Das ist keine E-Mail-Adresse.' },
};
