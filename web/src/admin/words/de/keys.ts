import type { enKeys } from '../en/keys.ts';
import { counted } from './plurals.ts';

/** Texts about admin keys, in German. */
export const deKeys: typeof enKeys = {
  adminkeys: 'Admin-Schlüssel',
  adminKeysText:
    'Mit einem Admin-Schlüssel nutzt ein Programm die Schnittstelle der Verwaltung: so weit der ' +
    'Schlüssel reicht und nie weiter, als du selbst darfst. Kein Schlüssel kann Chats lesen, ' +
    'Konten ins Team aufnehmen oder Konten des Teams ändern.',
  adminKeysOfAll: 'Du siehst die Schlüssel des ganzen Teams, weil du Superuser bist.',
  noAdminKeys: 'Es gibt keine Admin-Schlüssel.',
  newAdminKey: 'Neuer Admin-Schlüssel',
  adminKeyName: 'Name',
  adminKeyNameExample: 'z. B. Konten aus der Schulverwaltung',
  adminKeyDays: 'Läuft ab nach',
  dayCount: (count) => counted(count, 'Tag', 'Tagen'),
  adminKeyScopes: 'Was er darf',
  adminKeyNoScope: 'Wähle mindestens eines aus.',
  makeAdminKey: 'Schlüssel erstellen',
  adminKeyOnce: 'Kopiere den Schlüssel jetzt: Er wird nicht noch einmal angezeigt.',
  adminKeyUse: 'Programme senden ihn in der Kopfzeile',
  adminKeyBy: (name) => `von ${name}`,
  adminKeyUntil: (when) => `läuft ab ${when}`,
  adminKeyExpired: (when) => `abgelaufen ${when}`,
  adminKeyUnproven:
    'abgelehnt: ohne zweiten Faktor erstellt, oder wer ihn erstellt hat, hat keinen mehr',
  adminKeyNeverUsed: 'nie benutzt',
  endAdminKey: 'Schlüssel widerrufen',
  endAdminKeyTitle: (name) => `Schlüssel widerrufen: „${name}“`,
  endAdminKeyText:
    'Programme, die ihn benutzen, werden innerhalb einer Sekunde abgewiesen. Das lässt sich ' +
    'nicht rückgängig machen.',
  adminKeyEnded: 'Der Schlüssel ist widerrufen.',
  withKey: (name) => `Schlüssel „${name}“`,
  scopes: {
    'users:read': 'Konten nachsehen, mit ihren Sitzungen und API-Schlüsseln',
    'users:write': 'Konten erstellen, sperren, entsperren, abmelden und löschen',
    'users:import':
      'Konten aus CSV importieren und Leute einladen, mit Gruppen, Tarifen und Links oder ' +
      'Passwörtern',
    'users:links':
      'Links für ein neues Passwort erstellen: Wer einen hat, übernimmt damit das Konto',
    'credits:read': 'Guthaben, Kontoauszüge und Limits von Konten und Gruppenkonten lesen',
    'credits:write': 'Token hinzufügen, abziehen und erstatten und Limits setzen',
    'groups:read': 'Gruppen, ihre Mitglieder und geteilte Prompts nachsehen',
    'groups:write': 'Gruppen, ihre Mitglieder, Limits und geteilte Prompts ändern',
    'plans:read': 'Tarife nachsehen, und wer welchen hat',
    'plans:write': 'Tarife ändern und Konten zuweisen',
    'vouchers:read': 'Gutscheine nachsehen',
    'vouchers:write': 'Gutscheine erstellen und beenden und ihre Codes lesen, die Token wert sind',
    'usage:read': 'Nutzungsberichte lesen, mit Benutzernamen',
    'audit:read': 'Das Protokoll lesen und herunterladen',
    'operations:read':
      'Modelle, Einstellungen und Server sehen; für Superuser auch Sicherungen, die Prüfung und ' +
      'die Konfigurationsdatei',
    'operations:write':
      'Nur Superuser: Sicherungen erstellen und die Konfigurationsdatei in Kraft setzen',
  },
};
