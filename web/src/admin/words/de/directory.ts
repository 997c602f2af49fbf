import type { enDirectory } from '../en/directory.ts';
import { counted } from './plurals.ts';

/** Texts about the tokens with which directories manage accounts, in German. */
export const deDirectory: typeof enDirectory = {
  directory: 'Verzeichnis',
  directoryText:
    'Ein Verzeichnis wie Entra ID oder Okta kann hier Konten und Gruppen anlegen, aktuell halten ' +
    'und Personen sperren, die ausscheiden (SCIM 2.0). Dafür braucht es die Adresse und ein ' +
    'SCIM-Token.',
  directoryAddress: 'Adresse für SCIM',
  scimTokenName: 'Name des Verzeichnisses',
  scimTokenLasts: 'Gültig für',
  scimTokenDays: (days) => (days === 365 ? 'ein Jahr' : counted(days, 'Tag', 'Tage')),
  scimTokenForEver: 'unbegrenzt',
  scimTokenMake: 'SCIM-Token erstellen',
  scimTokenFresh:
    'Kopiere das SCIM-Token jetzt in das Verzeichnis. Es wird nicht noch einmal angezeigt.',
  scimTokenNone: 'Es gibt noch keine SCIM-Token.',
  scimTokens: 'SCIM-Token',
  scimTokenBegins: 'Beginnt mit',
  scimTokenBy: 'Erstellt von',
  scimTokenMade: 'Erstellt',
  scimTokenExpires: 'Gültig bis',
  scimTokenExpired: (when) => `abgelaufen ${when}`,
  scimTokenUsed: 'Zuletzt benutzt',
  scimTokenNeverUsed: 'nie',
  scimTokenEnd: 'Widerrufen',
  scimTokenEndOf: (name) => `SCIM-Token „${name}“ widerrufen`,
  scimTokenEndTitle: (name) => `„${name}“ widerrufen?`,
  scimTokenEndText:
    'Das Verzeichnis kann hier niemanden mehr anlegen, ändern oder sperren. Konten und Gruppen ' +
    'bleiben, wie sie sind.',
  scimTokenEndDone: 'Das SCIM-Token ist widerrufen.',
  ldapText:
    'Die Anmeldung mit Passwörtern eines LDAP-Verzeichnisses wird in chit.json unter „ldap“ ' +
    'eingerichtet.',
};
