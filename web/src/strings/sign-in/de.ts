import type { SignInTexts } from './en.ts';

/** What the page says of signing in by a provider, in German. */
export const signInDe: SignInTexts = {
  signInBy: (name) => `Mit ${name} anmelden`,
  again:
    'Melde dich noch einmal an, damit klar ist, dass du es bist. Du kommst auf diese Seite ' +
    'zurück; versuche es dann noch einmal.',
  unproven:
    'Hier gibt es ein Konto mit deiner E-Mail-Adresse. Zeig einmal, dass es deins ist; danach ' +
    'genügt der Anmeldedienst.',
  or: 'oder',
  failures: {
    sign_in_unknown: 'So kann man sich hier nicht mehr anmelden. Bitte wähle einen anderen Weg.',
    sign_in_unreachable:
      'Der Anmeldedienst antwortet gerade nicht. Versuche es in einer Minute noch einmal.',
    sign_in_denied:
      'Du bist nicht angemeldet: Du hast abgebrochen, oder der Anmeldedienst hat abgelehnt.',
    sign_in_expired:
      'Diese Anmeldung hat länger als zehn Minuten gedauert, wurde schon benutzt oder in einem ' +
      'anderen Browser begonnen. Bitte melde dich noch einmal an.',
    sign_in_failed:
      'Die Antwort des Anmeldedienstes ist ungültig. Versuche es noch einmal; wenn es so bleibt, ' +
      'wende dich an die Betreiber dieser Seite.',
    sign_in_refused:
      'Dieses Konto darf diese Seite nicht benutzen. Versuche es mit einem anderen Konto.',
    sign_in_no_account: 'Du hast hier noch kein Konto.',
    sign_in_stale:
      'Nichts ist geschehen: Der Anmeldedienst hat dich durchgelassen, ohne zu fragen, wer du ' +
      'bist. Melde dich dort ab und versuche es noch einmal. Hilft das nicht, brauchst du ein ' +
      'Passwort dieser Seite.',
    sign_in_unproven: 'Zeig, dass das Konto mit deiner E-Mail-Adresse deins ist.',
    sign_in_unprovable:
      'Hier gibt es ein Konto mit deiner E-Mail-Adresse, aber nichts, womit du zeigen kannst, ' +
      'dass es deins ist. Du brauchst einen Link, mit dem du ein Passwort dafür wählst.',
    sign_in_disabled: 'Dein Konto ist gesperrt.',
    password_login_off:
      'Hier kann man sich nicht mit einem Passwort anmelden. Wähle eine der Schaltflächen.',
    invitation_used:
      'Diese Einladung wurde schon benutzt oder gilt nicht mehr. Warst du es, dann melde dich an ' +
      'wie beim ersten Mal.',
    throttled:
      'Aus deinem Netz melden sich gerade zu viele an. Versuche es in ein paar Minuten noch ' +
      'einmal.',
  },
  ask: (whom) => `Wende dich an ${whom}.`,
  failed: 'Die Anmeldung hat nicht geklappt. Bitte versuche es noch einmal.',
};
