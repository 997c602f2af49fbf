/** Files that users attach to messages. */

/** What a file is, told by its content: what a model may be given of it. */
export type FileKind = 'picture' | 'pdf' | 'text' | 'document';

export const FILE_KINDS: readonly FileKind[] = ['picture', 'pdf', 'text', 'document'];

/** What a model can be given as it is; all else is turned into text. */
export type Reads = 'image' | 'pdf';

/** Why a file cannot be read. */
export const FILE_FAULTS = [
  'empty',
  'kind_unknown',
  'damaged',
  'encrypted',
  'picture_too_large',
  'too_many_pages',
  'too_much_text',
  'too_much_inside',
  'too_slow',
] as const;
export type FileFault = (typeof FILE_FAULTS)[number];

/** A file that is attached to a message. */
export interface AttachedFile {
  readonly id: string;
  /** As it was called when the message was sent. */
  readonly name: string;
  readonly kind: FileKind;
  readonly mediaType: string;
  readonly bytes: number;
  /** In pixels, of a picture. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Of a PDF file. */
  readonly pages: number | undefined;
  /** How long the text is that was found in it, in bytes of UTF-8; undefined for a picture. */
  readonly textBytes: number | undefined;
  /** Whether it is of a shared assistant, so that it belongs to no user. */
  readonly isShared?: boolean;
}

/** A file as it is given to a model. */
export interface PromptFile extends AttachedFile {
  /** Its text; empty for a picture. */
  readonly text: string;
  /** Reads its bytes, in pieces of `FILE_PIECE_BYTES`; only the last one is shorter. */
  readonly read: () => AsyncIterable<Uint8Array>;
}

/** Divisible by three, so that pieces in base64 can be joined. */
export const FILE_PIECE_BYTES = 196_608;
/** The largest file. */
export const FILE_BYTES = 20_000_000;
/** How many files a message can have. */
export const FILES_PER_MESSAGE = 20;
/** How many files an assistant can have. */
export const FILES_PER_ASSISTANT = 20;
/** How many bytes of files a model is sent as they are; Anthropic takes 32 MB of JSON. */
export const PROMPT_FILE_BYTES = 22_000_000;
/** The longest text that is taken from a file, in bytes of UTF-8: as much as a chat can have. */
export const FILE_TEXT_BYTES = 4_000_000;
/** The most pages that are read of a PDF file. */
export const PDF_PAGES = 2_000;
/** The largest picture, in pixels: nobody reads more. */
export const PICTURE_SIDE_PIXELS = 16_384;
export const PICTURE_PIXELS = 100_000_000;
/** How long a file is kept that no message has, in milliseconds. */
export const UNSENT_FILE_MS = 3_600_000;

const NAME_CHARACTERS = 200;
/** Characters that end lines, are not shown, or turn around those that follow. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

/**
 * The name of a file without folders, without characters that are not seen or deceive, and not too
 * long; it keeps its ending.
 */
export function fileName(given: string): string {
  const base = given.split(/[/\\]/).at(-1) ?? '';
  const clean = base.replace(UNSEEN, '').replace(/\s+/g, ' ').trim().replace(/^\.+/, '');
  const characters = [...clean];
  if (characters.length <= NAME_CHARACTERS) return clean === '' ? 'file' : clean;
  const dot = characters.lastIndexOf('.');
  const ending = dot > characters.length - 12 ? characters.slice(dot) : [];
  return [...characters.slice(0, NAME_CHARACTERS - ending.length), ...ending].join('');
}
