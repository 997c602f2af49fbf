import type { ErrorTexts } from '../error-texts.ts';
import { nounsOf } from '../plurals.ts';
import type { lateFilesEn } from './late-en.ts';
import type { UploadErrorCode } from './texts.ts';

const noun = nounsOf('de');

/** Texts about files in chats, in German. */
export const lateFilesDe: typeof lateFilesEn = {
  attached: 'Angehängte Dateien',
  ofMessage: 'Dateien dieser Nachricht',
  uploading: (percent) => `${percent} %`,
  preparing: 'Wird vorbereitet …',
  remove: (name) => `${name} entfernen`,
  again: (name) => `${name} noch einmal hochladen`,
  tryAgain: 'Erneut versuchen',
  open: (name) => `Bild ${name} öffnen`,
  download: (name) => `${name} herunterladen`,
  added: (name) => `${name} ist angehängt.`,
  removed: (name) => `${name} wurde entfernt.`,
  pages: (count) => (count === '1' ? '1 Seite' : `${count} Seiten`),
  tooMany: (most) =>
    `Eine Nachricht kann höchstens ${most} ${noun(most, 'Datei', 'Dateien')} haben.`,
  pictureBroken: 'Dieses Bild lässt sich nicht öffnen.',
  gone: 'Diese Datei kann nicht geladen werden.',
  sentOnceUploaded: 'Wird gesendet, sobald die Dateien da sind. Sie kosten zusätzlich.',
  notYet: 'Noch nicht senden',
  faulty: 'Entferne die Dateien, die nicht hochgeladen werden konnten.',
  cannotSee: (model) => `${model} kann keine Bilder sehen.`,
  cannotRead: (model) => `${model} kann diese PDF nicht lesen: Sie enthält keinen Text.`,
  choose: (model) => `${model} verwenden`,
  space: 'Dateien',
  used: (used, quota) => `${used} von ${quota} belegt`,
  usedHint: 'Dateien werden mit ihrem Chat gelöscht.',
};

/** Why an upload is refused. */
export const uploadErrorsDe: ErrorTexts<UploadErrorCode> = {
  file_in_use: 'Eine Nachricht oder ein Assistent hat diese Datei.',
  file_too_large: ({ max }) => `Eine Datei darf höchstens ${Math.floor(max / 1e6)} MB haben.`,
  file_unreadable: ({ reason }) =>
    ({
      empty: 'Diese Datei ist leer.',
      kind_unknown: 'Dateien dieser Art können nicht gelesen werden.',
      damaged: 'Diese Datei ist beschädigt.',
      encrypted: 'Diese Datei hat ein Passwort. Speichere sie ohne.',
      picture_too_large: 'Dieses Bild hat zu viele Pixel.',
      too_many_pages: 'Diese Datei hat mehr als 2.000 Seiten.',
      too_much_text: 'Diese Datei enthält mehr als 4 MB Text.',
      too_much_inside: 'Diese Datei ist entpackt zu groß.',
      too_slow: 'Das Lesen dieser Datei dauert zu lange.',
    })[reason],
  files_quota_exceeded: ({ max, left }) =>
    `Kein Platz: Von ${Math.floor(max / 1e6)} MB für deine Dateien sind noch ` +
    `${Math.floor(left / 1e6)} frei. Lösche Chats mit Dateien, die du nicht mehr brauchst.`,
  shared_files_quota_exceeded: ({ max, left }) =>
    `Kein Platz: Von ${Math.floor(max / 1e6)} MB für die Dateien der Assistenten, die du mit ` +
    `diesen Personen teilst, sind noch ${Math.floor(left / 1e6)} frei. Nimm bei einem anderen ` +
    'Dateien heraus.',
};
