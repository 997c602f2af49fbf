import type { ErrorTexts } from '../error-texts.ts';
import { nounsOf } from '../plurals.ts';
import type { UploadErrorCode } from './texts.ts';

const noun = nounsOf('en');

/** Texts about files in chats, in English. */
export const lateFilesEn = {
  attached: 'Attached files',
  ofMessage: 'Files of this message',
  uploading: (percent: string) => `${percent}%`,
  preparing: 'Preparing…',
  remove: (name: string) => `Remove ${name}`,
  again: (name: string) => `Upload ${name} again`,
  tryAgain: 'Try again',
  open: (name: string) => `Open picture ${name}`,
  download: (name: string) => `Download ${name}`,
  added: (name: string) => `${name} is attached.`,
  removed: (name: string) => `${name} was removed.`,
  pages: (count: string) => (count === '1' ? '1 page' : `${count} pages`),
  tooMany: (most: string) => `A message can have up to ${most} ${noun(most, 'file', 'files')}.`,
  pictureBroken: 'This picture can’t be opened.',
  gone: 'This file can’t be loaded.',
  sentOnceUploaded: 'Sends once the files are uploaded. They add to the cost.',
  notYet: 'Don’t send yet',
  faulty: 'Remove the files that couldn’t be uploaded.',
  cannotSee: (model: string) => `${model} can’t see pictures.`,
  cannotRead: (model: string) => `${model} can’t read this PDF: it has no text.`,
  choose: (model: string) => `Use ${model}`,
  space: 'Files',
  used: (used: string, quota: string) => `${used} of ${quota} used`,
  usedHint: 'Files are deleted with their chats.',
};

/** Why an upload is refused. */
export const uploadErrorsEn: ErrorTexts<UploadErrorCode> = {
  file_in_use: 'A message or an assistant has this file.',
  file_too_large: ({ max }) => `A file can have up to ${Math.floor(max / 1e6)} MB.`,
  file_unreadable: ({ reason }) =>
    ({
      empty: 'This file is empty.',
      kind_unknown: 'Files of this kind can’t be read.',
      damaged: 'This file is damaged.',
      encrypted: 'This file has a password. Save it without one.',
      picture_too_large: 'This picture has too many pixels.',
      too_many_pages: 'This file has more than 2,000 pages.',
      too_much_text: 'This file has more than 4 MB of text.',
      too_much_inside: 'This file is too large once it is unpacked.',
      too_slow: 'This file takes too long to read.',
    })[reason],
  files_quota_exceeded: ({ max, left }) =>
    `No room: ${Math.floor(left / 1e6)} of ${Math.floor(max / 1e6)} MB are left for your files. ` +
    'Delete chats with files that you no longer need.',
  shared_files_quota_exceeded: ({ max, left }) =>
    `No room: ${Math.floor(left / 1e6)} of ${Math.floor(max / 1e6)} MB are left for the files of ` +
    'assistants that you share with these people. Take files out of another one.',
};
