import type { ErrorTexts } from '../error-texts.ts';
import type { FileErrorCode } from './texts.ts';

/** What the page says of files before there is one, in English. */
export const filesEn = {
  attach: 'Attach files',
  dropHere: 'Drop files to attach them',
};

/** Why a message with files is refused. */
export const fileErrorsEn: ErrorTexts<FileErrorCode> = {
  file_not_found: 'A file is no longer there. Attach it again.',
  files_not_read: ({ kind, model, models: [other] = [] }) =>
    (kind === 'image'
      ? `${model} can’t see pictures.`
      : `${model} can’t read this PDF: it has no text.`) +
    (other === undefined ? '' : ` Choose another model, such as ${other}.`),
  files_too_large: ({ max }) =>
    `The files of this chat are too large together: at most ${Math.floor(max / 1e6)} MB. ` +
    'Start a new chat, or attach less.',
};
