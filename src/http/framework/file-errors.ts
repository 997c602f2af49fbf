/** What clients are told of files that are refused. */
import type { ErrorDetails } from '../../core/errors.ts';
import type { Responses } from './limit-errors.ts';

type FileErrorCode =
  | 'file_not_found'
  | 'file_in_use'
  | 'file_too_large'
  | 'file_unreadable'
  | 'files_quota_exceeded'
  | 'shared_files_quota_exceeded'
  | 'files_not_read'
  | 'files_too_large';

const UNREADABLE: Readonly<Record<ErrorDetails['file_unreadable']['reason'], string>> = {
  empty: 'The file is empty.',
  kind_unknown:
    'The file is of a kind that cannot be read. Send a picture (PNG, JPEG, GIF, WebP), a PDF ' +
    'file, text, or a document (.docx, .xlsx, .pptx, .odt, .ods, .odp).',
  damaged: 'The file is damaged, or not what it seems to be.',
  encrypted: 'The file is protected by a password. Save it without one, then send it again.',
  picture_too_large: 'The picture has too many pixels. Make it smaller, then send it again.',
  too_many_pages: 'The file has more than 2,000 pages. Send the part that matters.',
  too_much_text: 'The file has more than 4 MB of text. Send the part that matters.',
  too_much_inside: 'The file becomes too large when it is unpacked. Send the part that matters.',
  too_slow: 'The file takes too long to be read. Save it in another format, or send a part of it.',
};

export const FILE_RESPONSES: Responses<FileErrorCode> = {
  file_not_found: () => ({
    status: 404,
    detail: 'File not found. Files that are not sent within an hour are deleted; attach it again.',
  }),
  file_in_use: () => ({
    status: 409,
    detail: 'A message or an assistant has this file. It is deleted with the last of them.',
  }),
  file_too_large: ({ most }) => ({
    status: 413,
    detail: `The file is too large: a file can have ${most} bytes.`,
    params: { max: most },
  }),
  file_unreadable: ({ reason }) => ({
    status: 400,
    detail: UNREADABLE[reason],
    params: { reason },
  }),
  files_quota_exceeded: ({ most, left }) => ({
    status: 413,
    detail:
      `Your files may have ${most} bytes together, and ${left} are left. ` +
      'Delete conversations with files that you no longer need.',
    params: { max: most, left },
  }),
  shared_files_quota_exceeded: ({ most, left }) => ({
    status: 413,
    detail:
      `The files of assistants that are shared with the same people may have ${most} bytes ` +
      `together, and ${left} are left. Take files out of one of them.`,
    params: { max: most, left },
  }),
  files_not_read: ({ kind, model, models }) => ({
    status: 400,
    detail:
      (kind === 'image'
        ? `The model "${model}" cannot see pictures. `
        : `The PDF file has no text, and the model "${model}" reads only text. `) +
      (models.length > 0
        ? `Nothing was charged. These can: ${models.slice(0, 10).join(', ')}.`
        : 'Nothing was charged. No other model can, either.'),
    params: { kind, model, models: models.slice(0, 50) },
  }),
  files_too_large: ({ most }) => ({
    status: 400,
    detail:
      'The pictures and PDF files of this conversation are too large to be sent together: ' +
      `models are sent at most ${most} bytes. Nothing was charged. ` +
      'Start a new conversation, or attach less.',
    params: { max: most },
  }),
};
