/** What a file costs depends on its size: pixels, seconds, pages. It is read from its beginning. */
import type { ProviderKind } from '../../core/deployment.ts';
import type { BodyStrings } from '../request-body/body-strings.ts';
import type { FilePart } from './files-in-body.ts';
import { type MeasuredModel, vendorOf } from './measured-model.ts';
import { type PictureSize, pictureSize } from './picture-size.ts';
import { pictureTokens } from './picture-tokens.ts';

/** A file, as far as its tokens depend on it. */
export type FileSize =
  | {
      readonly kind: 'picture';
      readonly member: string;
      readonly size: PictureSize | undefined;
      readonly detail: unknown;
      /** It may be any file, for a provider that takes more than pictures there. */
      readonly isAnyFile: boolean;
    }
  | { readonly kind: 'audio'; readonly seconds: number }
  | {
      readonly kind: 'unseen';
      readonly member: string;
      /** Its length in base64, if it is a PDF file in the request. */
      readonly pdfCharacters: number | undefined;
    };

/** How much of a file is decoded to find the size of its picture: most have it at the beginning. */
const HEAD_BYTES = [1_024, 65_536, 524_288] as const;
/** All pictures of a request together may have so many of the longer beginnings decoded. */
const MAX_DECODED_BYTES = 2_097_152;
/** The media type of a data URL is shorter. */
const MAX_URL_HEAD = 200;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The lowest bit rate of MPEG audio, 8 kbit/s; that of codecs for speech is half of it. */
const LEAST_MPEG_BYTES_PER_SECOND = 1_000;
const LEAST_BYTES_PER_SECOND = 500;
/**
 * https://ai.google.dev/gemini-api/docs/audio; OpenAI's guide on the costs of Realtime has a token
 * per 100 ms of what users say, and one per 50 ms of what the model says.
 */
const AUDIO_TOKENS_PER_SECOND = { openai: 20, others: 32 } as const;
/**
 * https://platform.claude.com/docs/en/build-with-claude/pdf-support: a page is text, 1,500 to 3,000
 * tokens with its picture; Gemini counts 258 for one.
 */
const PDF_PAGE_TOKENS = {
  anthropic: { least: 1_500, likely: 2_300 },
  others: { least: 250, likely: 1_000 },
} as const;
/** About as long as a page is in base64. */
const PDF_PAGE_CHARACTERS = 60_000;
const ONLY_PICTURES: ReadonlySet<ProviderKind | undefined> = new Set<ProviderKind>([
  'groq',
  'mistral',
  'ollama',
  'llama.cpp',
  'vllm',
  'lmstudio',
]);
/** A file that cannot be seen counts as this much where somebody has to be charged for it. */
const LIKELY_UNSEEN_TOKENS = 1_000;

/** Reads the sizes of the files of one request. */
export class FileSizes {
  readonly #strings: BodyStrings;
  #leftBytes = MAX_DECODED_BYTES;

  constructor(strings: BodyStrings) {
    this.#strings = strings;
  }

  of({ place, member, data, detail }: FilePart): FileSize {
    if (place === 'audio' && data !== undefined) {
      return { kind: 'audio', seconds: this.#secondsOf(data) };
    }
    if (place !== 'picture' && place !== 'image_url') {
      const isPdf = data !== undefined && this.#isPdf(data);
      const pdfCharacters = isPdf ? this.#strings.lengthOf(data) : undefined;
      return { kind: 'unseen', member, pdfCharacters };
    }
    if (data === undefined) {
      const isAnyFile = place === 'image_url';
      return { kind: 'picture', member, size: undefined, detail, isAnyFile };
    }
    const size = this.#pictureSizeOf(data);
    // Where a provider takes documents and films as well, it goes by what the request says it is.
    const isSaid = place === 'picture' || /^data:image\//i.test(data.slice(0, 11));
    const isAnyFile = size === undefined && !isSaid;
    return { kind: 'picture', member, size, detail, isAnyFile };
  }

  #isPdf(data: string): boolean {
    // ISO 32000-1, Annex H: readers look for the header in the first 1,024 bytes.
    return this.#headOf(data, 1_024)?.includes('%PDF-') ?? false;
  }

  #pictureSizeOf(data: string): PictureSize | undefined {
    for (const bytes of HEAD_BYTES) {
      if (bytes > HEAD_BYTES[0]) {
        if (this.#leftBytes < bytes) return undefined;
        this.#leftBytes -= bytes;
      }
      const head = this.#headOf(data, bytes);
      if (!head) return undefined;
      const size = pictureSize(head);
      if (size !== 'incomplete') return size;
      if (head.length < bytes) return undefined;
    }
    return undefined;
  }

  /** Seconds of audio at most: by the header of a WAV file, else at the lowest bit rate. */
  #secondsOf(data: string): number {
    const bytes = (this.#strings.lengthOf(data) * 3) / 4;
    const head = this.#headOf(data, 64);
    return audioSeconds(bytes, head).most;
  }

  /** The first bytes of a file; undefined if it is not in plain base64. */
  #headOf(data: string, bytes: number): Buffer | undefined {
    const characters = Math.ceil(bytes / 3) * 4;
    let text = this.#strings.headOf(data, characters + MAX_URL_HEAD);
    if (text === undefined) return undefined;
    if (/^data:/i.test(text.slice(0, 5))) {
      const comma = text.indexOf(',');
      if (comma === -1 || !/;base64$/i.test(text.slice(0, comma))) return undefined;
      text = text.slice(comma + 1);
    }
    text = text.slice(0, characters);
    return BASE64.test(text) ? Buffer.from(text, 'base64').subarray(0, bytes) : undefined;
  }
}

/**
 * How long audio is: by the header of a WAV file, else at most, as its codec can have the lowest
 * bit rate.
 * @param head its first bytes, at least 64; undefined if they are not known
 */
export function audioSeconds(
  bytes: number,
  head: Buffer | undefined,
): { readonly most: number; readonly isExact: boolean } {
  const rate = head && waveRate(head);
  if (rate !== undefined) return { most: bytes / rate, isExact: true };
  const isMpeg = head !== undefined && isMpegAudio(head);
  const least = isMpeg ? LEAST_MPEG_BYTES_PER_SECOND : LEAST_BYTES_PER_SECOND;
  return { most: bytes / least, isExact: false };
}

function isMpegAudio(head: Buffer): boolean {
  if (head.toString('latin1', 0, 3) === 'ID3') return true;
  return head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0;
}

/** The bytes of a second of a WAV file; undefined if it is none, or compressed. */
function waveRate(head: Buffer): number | undefined {
  const start = head.toString('latin1', 0, 16);
  const isWave = start.startsWith('RIFF') && start.startsWith('WAVEfmt ', 8) && head.length >= 36;
  // PCM, whose rate follows from its frames, whatever the header says of the rate itself.
  if (!isWave || head.readUInt16LE(20) !== 1) return undefined;
  const rate = Math.min(head.readUInt32LE(28), head.readUInt32LE(24) * head.readUInt16LE(32));
  return Math.max(1, rate);
}

/** The tokens of a file: at least, most likely, and at most; undefined if nobody can know. */
export interface FileTokens {
  readonly least: number;
  readonly likely: number;
  readonly most: number | undefined;
}

/**
 * What a model counts for a file.
 * @param pdfPages of a PDF file, if they were counted
 */
export function fileTokens(
  model: MeasuredModel,
  file: FileSize,
  pdfPages?: number | undefined,
): FileTokens {
  if (file.kind === 'unseen') return unseenTokens(model, file.pdfCharacters, pdfPages);
  if (file.kind === 'audio') {
    const most = audioTokens(model, file.seconds);
    return { least: 0, likely: Math.min(most, LIKELY_UNSEEN_TOKENS), most };
  }
  const most = pictureTokens(model, file);
  if (!file.isAnyFile) {
    // The formula of an unknown vendor is the largest of all.
    const isKnown = vendorOf(model) !== 'other' && vendorOf(model) !== 'built-in';
    return { least: isKnown && file.size ? Math.floor(most / 2) : 0, likely: most, most };
  }
  return takesOnlyPictures(model) ? { least: 0, likely: most, most } : unseenTokens(model);
}

/** Whether a file is not in the request, and may be anything: only the provider can see it. */
export function isOutOfSight(model: MeasuredModel, file: FileSize): boolean {
  if (file.kind === 'picture') return file.isAnyFile && !takesOnlyPictures(model);
  return file.kind === 'unseen' && file.pdfCharacters === undefined;
}

/** The most tokens of audio. */
export function audioTokens(model: MeasuredModel, seconds: number): number {
  const vendor = vendorOf(model);
  const tokens = seconds * AUDIO_TOKENS_PER_SECOND[vendor === 'openai' ? 'openai' : 'others'];
  return Math.min(Math.ceil(tokens) + 1, model.contextTokens ?? Infinity);
}

/** Whether a model takes only pictures where pictures stand, which Gemini and brokers do not. */
function takesOnlyPictures(model: MeasuredModel): boolean {
  const vendor = vendorOf(model);
  if (vendor !== 'other') return vendor !== 'gemini' && vendor !== 'built-in';
  return ONLY_PICTURES.has(model.kind);
}

function unseenTokens(
  model: MeasuredModel,
  pdfCharacters?: number | undefined,
  pdfPages?: number | undefined,
): FileTokens {
  const most = model.contextTokens;
  const within = (tokens: number) => Math.min(tokens, most ?? Infinity);
  if (pdfCharacters === undefined) return { least: 0, likely: within(LIKELY_UNSEEN_TOKENS), most };
  const ofPage = PDF_PAGE_TOKENS[vendorOf(model) === 'anthropic' ? 'anthropic' : 'others'];
  const pages = pdfPages ?? Math.ceil(pdfCharacters / PDF_PAGE_CHARACTERS);
  const least = within((pdfPages ?? 0) * ofPage.least);
  return { least, likely: within(pages * ofPage.likely), most };
}
