import type { invitedEn } from './en.ts';

/** Coming by an invitation, in German. */
export const invitedDe: typeof invitedEn = {
  title: 'Du bist eingeladen',
  enterCode: 'Gib den Code deiner Einladung ein.',
  code: 'Einladungscode',
  codeHint: '10 Buchstaben und Ziffern, wie auf deinem Zettel',
  next: 'Weiter',
  hello: (name) => `Hallo ${name}!`,
  chooseBoth: 'Wähle einen Benutzernamen und ein Passwort. Damit meldest du dich ab jetzt an.',
  choosePassword:
    'Wähle ein Passwort. Mit diesem Namen und dem Passwort meldest du dich ab jetzt an.',
  continueBy: 'Mach mit dem Konto weiter, das du schon hast. Damit meldest du dich ab jetzt an.',
  directory:
    'Melde dich mit deinem üblichen Namen und Passwort an. Die Einladung ist damit angenommen.',
  toDirectory: 'Zur Anmeldung',
  noWay: 'Auf dieser Seite kann sich noch niemand anmelden. Sag es der Person, die dich einlädt.',
  notYou: 'Das bist du nicht? Frag nach, wo du die Einladung bekommen hast.',
  create: 'Konto erstellen',
  otherCode: 'Anderen Code eingeben',
  toSignIn: 'Zurück zur Anmeldung',
  errors: {
    invitation_unknown:
      'Es gibt keine Einladung mit diesem Code. Prüfe ihn: Er hat 10 Buchstaben und Ziffern.',
    invitation_used:
      'Diese Einladung wurde schon benutzt. Warst du es, dann melde dich mit deinem Namen und ' +
      'Passwort an. Sonst sag dort Bescheid, wo du sie bekommen hast.',
    invitation_ended: 'Diese Einladung wurde zurückgezogen. Bitte um eine neue.',
    invitation_expired: 'Diese Einladung ist abgelaufen. Bitte darum, dass sie verlängert wird.',
  },
};
