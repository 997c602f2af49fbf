/** What providers count for a picture, by its size. */
import { type MeasuredModel, plainName, vendorOf } from './measured-model.ts';
import type { PictureSize } from './picture-size.ts';

/** Of a picture that nobody can see here, the size is undefined. */
export interface Picture {
  readonly size: PictureSize | undefined;
  /** As the request says it: `low`, `high`, `original`, `auto`. */
  readonly detail: unknown;
}

/** Beside its patches, a picture has a token before and one after it, at most a few. */
const FRAME_TOKENS = 8;

/** The most tokens that a model counts for a picture. */
export function pictureTokens(model: MeasuredModel, picture: Picture): number {
  const name = plainName(model.upstreamModel ?? '');
  const tokens = FRAME_TOKENS + tokensOf(model, name, picture);
  return Math.min(tokens, model.contextTokens ?? Infinity);
}

function tokensOf(model: MeasuredModel, name: string, picture: Picture): number {
  switch (vendorOf(model)) {
    case 'openai':
      return openAiTokens(name, picture);
    case 'anthropic':
      return anthropicTokens(name, picture.size);
    case 'gemini':
      return geminiTokens(name, picture.size);
    case 'xai':
      return xaiTokens(picture.size);
    default:
      return unknownTokens(picture.size);
  }
}

/** One token of a formula by patches, which scales down what has more than `most`. */
interface Patches {
  readonly most: number;
  readonly tokensPerPatch: number;
}

/** A formula by squares of 512 pixels. */
interface Tiles {
  readonly base: number;
  readonly perTile: number;
}

type OpenAiFormula = Tiles | Patches;

/** https://developers.openai.com/api/docs/guides/images-vision, "Calculating costs". */
const OPENAI_FORMULAS: readonly (readonly [RegExp, OpenAiFormula])[] = [
  [/^gpt-4o-mini/, { base: 2_833, perTile: 5_667 }],
  [/^gpt-(4\.1|5(\.\d+)?)-mini/, { most: 1_536, tokensPerPatch: 1.62 }],
  [/^gpt-(4\.1|5(\.\d+)?)-nano/, { most: 1_536, tokensPerPatch: 2.46 }],
  [/^o4-mini/, { most: 1_536, tokensPerPatch: 1.72 }],
  [/^(gpt-4o|gpt-4\.1|gpt-4\.5|gpt-4-|chatgpt-4o)/, { base: 85, perTile: 170 }],
  [/^computer-use-preview/, { base: 65, perTile: 129 }],
  [/^o[13]($|-)/, { base: 75, perTile: 150 }],
  [/^gpt-5($|-\d{4}|-chat)/, { base: 70, perTile: 140 }],
  // The factor is not documented; it is what has been billed.
  [/^gpt-5(\.[123])?($|-\d{4}|-chat|-codex)/, { most: 1_536, tokensPerPatch: 1.2 }],
];
const OPENAI_LARGE = /^gpt-5\.[45]($|-\d{4})/;
/** What the largest details of the newest models have, and then those with the largest factor. */
const OPENAI_LARGEST: readonly OpenAiFormula[] = [
  { most: 30_000, tokensPerPatch: 1.2 },
  { most: 6_144, tokensPerPatch: 2.46 },
  { base: 85, perTile: 170 },
];
/** `detail: low` is a picture of 512 × 512 pixels, whatever was sent. */
const LOW_DETAIL: PictureSize = { width: 512, height: 512 };
const OPENAI_PATCH = 32;

function openAiTokens(name: string, { size, detail }: Picture): number {
  const formulas = openAiFormulas(name, detail);
  const isLow = detail === 'low';
  return Math.max(
    ...formulas.map((formula) => {
      if ('base' in formula) return isLow ? formula.base : tilesTokens(formula, size);
      return patchesTokens(formula, isLow ? LOW_DETAIL : size);
    }),
  );
}

function openAiFormulas(name: string, detail: unknown): readonly OpenAiFormula[] {
  const known = OPENAI_FORMULAS.find(([pattern]) => pattern.test(name));
  if (known) return [known[1]];
  if (!OPENAI_LARGE.test(name)) return OPENAI_LARGEST;
  // `auto` is `high` in one of them, and `original` in the other.
  const isHigh = detail === 'high' || (name.startsWith('gpt-5.4') && detail !== 'original');
  return [{ most: isHigh ? 2_500 : 10_000, tokensPerPatch: 1.2 }];
}

/** Scaled down to fit into 2,048 × 2,048, then so that the shorter side has 768 pixels. */
function tilesTokens({ base, perTile }: Tiles, size: PictureSize | undefined): number {
  // 768 × 2,048
  if (!size) return base + 8 * perTile;
  const fit = Math.min(1, 2_048 / Math.max(size.width, size.height));
  const short = Math.min(1, 768 / (Math.min(size.width, size.height) * fit));
  const scale = fit * short;
  const tiles = Math.ceil((size.width * scale) / 512) * Math.ceil((size.height * scale) / 512);
  return base + tiles * perTile;
}

function patchesTokens(
  { most, tokensPerPatch }: Patches,
  size: PictureSize | undefined,
  pixels = OPENAI_PATCH,
): number {
  return Math.ceil(Math.min(most, size ? patches(size, pixels) : most) * tokensPerPatch);
}

function patches({ width, height }: PictureSize, pixels: number): number {
  return Math.ceil(width / pixels) * Math.ceil(height / pixels);
}

/**
 * https://platform.claude.com/docs/en/build-with-claude/vision: patches of 28 × 28 pixels, at most
 * 1,568 of them, or 4,784 from Claude 4.7 on; the older text has a token per 750 pixels.
 */
function anthropicTokens(name: string, size: PictureSize | undefined): number {
  const most = isBeforeClaude47(name) ? 1_600 : 4_784;
  if (!size) return most;
  return Math.min(most, Math.max(patches(size, 28), Math.ceil((size.width * size.height) / 750)));
}

function isBeforeClaude47(name: string): boolean {
  const version = /claude-(?:[a-z]+-)?(\d)(?:[-.](\d)(?!\d))?/.exec(name);
  if (!version) return false;
  const [, major, minor = '0'] = version;
  return Number(major) < 4 || (major === '4' && Number(minor) < 7);
}

/**
 * https://ai.google.dev/gemini-api/docs/image-understanding: squares of at most 768 pixels at 258
 * tokens; from Gemini 3 on a fixed number by resolution, at most 2,240.
 */
function geminiTokens(name: string, size: PictureSize | undefined): number {
  if (!/^gemini-[12]/.test(name)) return 2_240;
  return size ? geminiTiles(size) : LARGEST_TOKENS;
}

function geminiTiles({ width, height }: PictureSize): number {
  if (width <= 384 && height <= 384) return 258;
  const pixels = Math.min(768, Math.max(256, Math.floor(Math.min(width, height) / 1.5)));
  return Math.min(LARGEST_TOKENS, 258 * patches({ width, height }, pixels));
}

/** https://docs.x.ai/docs/guides/image-understanding: at most 6 squares, and one of the whole. */
function xaiTokens(size: PictureSize | undefined): number {
  return 256 * (1 + (size ? Math.min(6, patches(size, 448)) : 6));
}

/** The most pixels that Qwen's models take, 12,845,056, at 28 × 28 for a token. */
const LARGEST_TOKENS = 16_384;
/** LLaVA enlarges small pictures to five of its squares. */
const LEAST_UNKNOWN_TOKENS = 2_880;

/** The largest that anybody documents: Pixtral's patches of 16 pixels, with a token per row. */
function unknownTokens(size: PictureSize | undefined): number {
  if (!size) return LARGEST_TOKENS;
  const pixtral = Math.ceil(size.height / 16) * (Math.ceil(size.width / 16) + 1);
  const ofOthers = Math.max(pixtral, geminiTiles(size), patches(size, 28));
  return Math.max(LEAST_UNKNOWN_TOKENS, Math.min(LARGEST_TOKENS, ofOthers));
}
