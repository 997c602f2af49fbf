import type { enSignIn } from '../en/sign-in.ts';

/** Texte über die Wege zur Anmeldung. */
export const deSignIn: typeof enSignIn = {
  signin: 'Anmeldung',
  signInText:
    'Anbieter und Verzeichnis stehen in chit.json. Eine Änderung gilt, sobald die Datei unter ' +
    'Modelle in Kraft gesetzt ist.',
  signInNone: 'Angemeldet wird nur mit Benutzername und Passwort dieser Seite.',
  signInPasswordsOn: 'Auch Passwörter dieser Seite gelten.',
  signInPasswordsOff: 'Passwörter dieser Seite gelten nicht (CHIT_PASSWORD_LOGIN=off).',
  signInNoAddress:
    'CHIT_PUBLIC_URL ist nicht gesetzt, deshalb sind die Adressen unten nur die dieser Anfrage. ' +
    'Setze es, bevor du sie einträgst.',
  signInRegister: 'Beim Anbieter einzutragen',
  signInAddresses: {
    redirect: 'Weiterleitungsadresse (Redirect URI)',
    signOut: 'Weiterleitungsadresse nach dem Abmelden',
    logout: 'Adresse für Back-Channel-Logout',
  },
  signInCopyAddress: (what) => `Kopieren: ${what}`,
  signInConfigured: 'So eingerichtet',
  signInMembers: {
    issuer: 'Aussteller (issuer)',
    client: 'Client',
    secret: 'Client-Secret',
    scopes: 'Scopes',
    button: 'Schaltfläche',
    usernames: 'Benutzernamen aus',
    groupsFrom: 'Gruppen aus',
    groups: 'Gruppen',
    staff: 'Team',
    requires: 'Nur Personen mit',
    accounts: 'Neue Konten',
    match: 'Zuordnung über E-Mail',
    matchName: 'Einladung über den Benutzernamen',
    signOut: 'Abmelden',
    servers: 'Server',
    bind: 'Sucht Personen als',
    base: 'Personen stehen unter',
    filter: 'Filter',
    attributes: 'Attribute',
  },
  signInHasSecret: (has) => (has ? 'gesetzt' : 'keines; nur PKCE'),
  signInUsual: 'preferred_username, E-Mail oder Name',
  signInAnonymous: 'niemand Bestimmtes',
  signInNobody: 'wird dort nicht entschieden',
  signInEverybody: 'alle, die der Anbieter hereinlässt',
  signInMakesAccounts: (makes) => (makes ? 'bei der ersten Anmeldung' : 'nie'),
  signInMatches: (matches, all) => {
    if (!matches) return 'nein';
    return all ? 'ja, und jede Adresse gilt als bestätigt' : 'wenn auf beiden Seiten bestätigt';
  },
  signInYes: (is) => (is ? 'ja' : 'nein'),
  signInSignsOut: (does) => (does ? 'führt zum Anbieter' : 'nur hier'),
  signInMapped: (there, here) => `${there} → ${here}`,
  signInState: 'Zustand',
  signInAsk: 'Jetzt fragen',
  signInAsking: 'Wird gefragt…',
  signInWorks: (keys) =>
    keys === 1
      ? 'Er antwortet, mit einem Schlüssel für Signaturen.'
      : `Er antwortet, mit ${keys} Schlüsseln für Signaturen.`,
  signInOffers: ({ signOut, logout, sessions }) => [
    signOut
      ? 'Von hier aus kann man sich dort abmelden.'
      : 'Von hier aus kann man sich dort nicht abmelden.',
    logout
      ? `Er meldet, wenn sich dort jemand abmeldet${sessions ? ', und von welcher Sitzung' : ''}.`
      : 'Er sagt nicht, dass er Abmeldungen dort meldet.',
  ],
  signInServerWorks: 'lässt sich benutzen',
  signInLastOk: (when) => `Zuletzt erfolgreich: ${when}.`,
  signInFailures: 'Fehler seit dem Start dieses Servers',
  signInSteps: { ask: 'Gefragt', sign_in: 'Anmeldung', sign_out: 'Abmeldung dort' },
  signInFaults: {
    unreachable:
      'Niemand antwortet. Prüfe, ob dieser Rechner die Adresse erreicht: Name, Port, ' +
      'Firewall, Proxy.',
    certificate:
      'Dem Zertifikat wird nicht vertraut. Gib ihm ein gültiges, oder nenne seine Stelle ' +
      '(NODE_EXTRA_CA_CERTS; beim Verzeichnis „caFile“).',
    not_found: 'Dort antwortet etwas, aber kein Anbieter. Prüfe „issuer“ in chit.json.',
    issuer_differs:
      'Er nennt sich anders. Übernimm „issuer“ Zeichen für Zeichen aus seiner ' +
      '/.well-known/openid-configuration.',
    no_keys:
      'Er veröffentlicht keinen Schlüssel für Signaturen. Wähle dort einen (RS256 oder ES256).',
    client_refused:
      'Er nimmt den Client nicht an. Vergleiche „clientId“ und das Secret in der ' +
      'Umgebung mit dem, ' +
      'was dort eingetragen ist; Secrets laufen ab.',
    code_refused:
      'Er nimmt den Code nicht an. Vergleiche die Weiterleitungsadresse Zeichen für Zeichen, und ' +
      'erlaube PKCE (S256).',
    signature:
      'Ein Token ist nicht mit einem veröffentlichten Schlüssel signiert. Wähle dort RS256 oder ' +
      'ES256 statt HS256.',
    audience: 'Ein Token ist für einen anderen Client. Prüfe „clientId“ in chit.json.',
    clock: 'Ein Token ist zu alt oder noch nicht gültig. Stelle die Uhren beider Rechner.',
    provider_error: 'Er antwortet mit einem eigenen Fehler; sein Wortlaut steht darunter.',
    bind_refused: 'Es nimmt „bindDn“ mit diesem Passwort nicht an. Prüfe beides in chit.json.',
    base_unreadable:
      'Was durchsucht werden soll, lässt sich nicht lesen. Prüfe „base“ und was ' +
      '„bindDn“ lesen darf.',
    other: 'Etwas anderes stimmt nicht; der Wortlaut steht darunter.',
  },
  tryProvider: 'Ausprobieren',
  tryProviderText:
    'Du meldest dich beim Anbieter an und siehst, was er über dich sagt. Es entsteht kein Konto, ' +
    'und niemand wird hier angemeldet.',
  tryProviderOf: (name) => `Ausprobieren: ${name}`,
  tryResult: (name) => `Probe von ${name}`,
  tryAgain: 'Noch einmal',
  tryBack: 'Zurück zu allen Wegen',
  tryNothing: 'Es wurde nichts angelegt und nichts geändert.',
  tryDirectory: 'Verzeichnis ausprobieren',
  tryDirectoryText:
    'Sucht einen Namen und zeigt, was geschähe. Ein Passwort wird mit geprüft; ' +
    'falsche zählen als ' +
    'fehlgeschlagene Anmeldungen.',
  tryUsername: 'Benutzername dort',
  tryPassword: 'Passwort (freiwillig)',
  tryLookUp: 'Nachsehen',
  tryWhat: 'Was geschähe',
  tryOutcomes: {
    signs_in: (name) => `Meldet sich beim Konto ${name} an.`,
    matched: (name) => `Bekommt das vorhandene Konto ${name} und behält es.`,
    to_prove: (name) =>
      `Bekommt das vorhandene Konto ${name}, sobald hier einmal nachgewiesen ist, ` +
      'dass es das eigene ist.',
    new_account: (name) => `Ein neues Konto mit dem Namen ${name} entsteht.`,
    invited: () => 'Bekommt ein neues Konto, wie es die Einladung für diese Person sagt.',
    no_account: () => 'Kommt nicht herein: Es gibt kein Konto, und es entsteht keines.',
    not_admitted: () => 'Kommt nicht herein: Einem Claim fehlt, was „requires“ verlangt.',
    disabled: (name) => `Kommt nicht herein: Das Konto ${name} ist gesperrt.`,
    not_found: () => 'Kommt nicht herein: Der Filter findet keinen Eintrag.',
    ambiguous: () => 'Kommt nicht herein: Der Filter findet mehr als einen Eintrag.',
    wrong_password: () => 'Kommt nicht herein: Das Passwort ist falsch.',
    local_account: (name) =>
      `Das Verzeichnis wird nicht gefragt: Das Konto ${name} hat ein Passwort dieser Seite oder ` +
      'gehört zum Team.',
  },
  tryTokens: 'Token zum Anfang',
  tryEmail: 'E-Mail',
  tryVerified: (is) => (is ? 'bestätigt' : 'nicht bestätigt'),
  tryGroups: 'Gruppen hier',
  tryGroupChanges: {
    joins: 'kommt hinein',
    leaves: 'kommt heraus',
    stays: 'bleibt darin',
    stays_out: 'ist nicht darin und bleibt draußen',
    missing: 'gibt es hier nicht; lege sie zuerst an',
  },
  tryGroupsThere: 'Gruppen dort',
  tryGroupsUntold: 'vom Anbieter ausgelassen, deshalb bleibt alles',
  tryRole: 'Rolle',
  tryStaff: (is) => (is ? 'im Team' : 'nicht im Team'),
  tryRoleStays: 'bleibt',
  tryLacks: (claim, values) => `${claim} enthält nichts von: ${values}`,
  tryClaims: 'Claims, die kamen',
  tryEntry: 'Gefundener Eintrag',
  tryPasswordRight: (right) => (right ? 'Das Passwort stimmt.' : 'Das Passwort ist falsch.'),
  tryDenied: 'Du bist dort nicht angemeldet worden oder hast abgebrochen.',
  nothingThere: 'nichts',
};
