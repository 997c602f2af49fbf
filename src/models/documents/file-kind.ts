/** What a file is, told by its content: names and media types are only what somebody says. */
import { isUtf8 } from 'node:buffer';
import {
  type FileFault,
  type FileKind,
  PICTURE_PIXELS,
  PICTURE_SIDE_PIXELS,
} from '../../core/files.ts';
import { pictureSize } from '../input-measure/picture-size.ts';

/** What can be told of a file without reading all of it. */
export interface FoundKind {
  readonly kind: FileKind;
  readonly mediaType: string;
  readonly width?: number;
  readonly height?: number;
  /** The text of a file that is one. */
  readonly text?: string;
}

/** Text that is read as it is stored; other encodings are turned into it. */
export const PLAIN_TEXT = 'text/plain; charset=utf-8';

const PICTURES: readonly (readonly [string, string])[] = [
  ['\x89PNG\r\n\x1a\n', 'image/png'],
  ['\xff\xd8\xff', 'image/jpeg'],
  ['GIF8', 'image/gif'],
  ['RIFF', 'image/webp'],
];
/** As much as programs put before the first frame: profiles, previews. */
const PICTURE_HEAD_BYTES = 1_048_576;
const ZIP = 'PK\u0003\u0004';
/** Bytes of control characters that texts do not have, neither in UTF-8 nor before it. */
const BINARY: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => {
  const isSpace = byte >= 0x09 && byte <= 0x0d;
  const isEscape = byte === 0x1b;
  return (byte < 0x20 && !isSpace && !isEscape) || byte === 0x7f;
});
/** The same of a text. */
const UNWRITTEN = /[^\P{Cc}\s]/u;

/**
 * Tells what a file is. A document in a ZIP archive is looked at later, in a thread.
 * @param mostText how many bytes of text are taken
 */
export function kindOf(file: Buffer, mostText: number): FoundKind | FileFault {
  const start = file.toString('latin1', 0, 16);
  const picture = PICTURES.find(([magic]) => start.startsWith(magic));
  if (picture && (picture[1] !== 'image/webp' || start.startsWith('WEBP', 8))) {
    return pictureFound(file, picture[1]);
  }
  if (/^\s*%PDF-/.test(start.replace(/^\xef\xbb\xbf/, ''))) {
    return { kind: 'pdf', mediaType: 'application/pdf' };
  }
  if (start.startsWith(ZIP)) return { kind: 'document', mediaType: 'application/zip' };
  return textFound(file, mostText);
}

/** The size is in the header, so nothing is decoded. */
function pictureFound(file: Buffer, mediaType: string): FoundKind | FileFault {
  const size = pictureSize(file.subarray(0, PICTURE_HEAD_BYTES));
  if (size === undefined || size === 'incomplete') return 'damaged';
  const { width, height } = size;
  if (Math.max(width, height) > PICTURE_SIDE_PIXELS || width * height > PICTURE_PIXELS) {
    return 'picture_too_large';
  }
  return { kind: 'picture', mediaType, width, height };
}

function textFound(file: Buffer, mostText: number): FoundKind | FileFault {
  const wide = file.length >= 2 ? file.readUInt16BE(0) : 0;
  const isWide = wide === 0xfffe || wide === 0xfeff;
  // Characters of two bytes may need three in UTF-8.
  const tooLong = file.length > mostText;
  if (!isWide && isBinary(file.subarray(0, 4_096))) return 'kind_unknown';
  if (tooLong) return 'too_much_text';
  if (isWide) {
    const encoding = wide === 0xfffe ? 'utf-16le' : 'utf-16be';
    return madeText(new TextDecoder(encoding).decode(file), mostText);
  }
  if (isBinary(file)) return 'kind_unknown';
  if (isUtf8(file)) {
    const text = file.toString('utf8').replace(/^\ufeff/, '');
    return { kind: 'text', mediaType: PLAIN_TEXT, text };
  }
  // What programs for tables of before wrote in western Europe.
  return madeText(new TextDecoder('windows-1252').decode(file), mostText);
}

/** One search for each byte: a loop here over 4 MB holds the event loop for 40 ms, this for 4. */
function isBinary(bytes: Buffer): boolean {
  return BINARY.some((byte) => bytes.includes(byte));
}

function madeText(text: string, mostText: number): FoundKind | FileFault {
  if (UNWRITTEN.test(text)) return 'kind_unknown';
  if (Buffer.byteLength(text) > mostText) return 'too_much_text';
  return { kind: 'text', mediaType: 'text/plain', text };
}
