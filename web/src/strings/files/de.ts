import type { ErrorTexts } from '../error-texts.ts';
import type { filesEn } from './en.ts';
import type { FileErrorCode } from './texts.ts';

/** What the page says of files before there is one, in German. */
export const filesDe: typeof filesEn = {
  attach: 'Dateien anhängen',
  dropHere: 'Dateien hier ablegen',
};

/** Why a message with files is refused. */
export const fileErrorsDe: ErrorTexts<FileErrorCode> = {
  file_not_found: 'Eine Datei ist nicht mehr da. Häng sie noch einmal an.',
  files_not_read: ({ kind, model, models: [other] = [] }) =>
    (kind === 'image'
      ? `${model} kann keine Bilder sehen.`
      : `${model} kann diese PDF nicht lesen: Sie enthält keinen Text.`) +
    (other === undefined ? '' : ` Wähle ein anderes Modell, zum Beispiel ${other}.`),
  files_too_large: ({ max }) =>
    `Die Dateien dieses Chats sind zusammen zu groß: höchstens ${Math.floor(max / 1e6)} MB. ` +
    'Beginne einen neuen Chat oder hänge weniger an.',
};
