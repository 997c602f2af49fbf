/**
 * The colours that follow from one chosen by an operator, so that what stands on them, and they on
 * what they stand on, can be read (WCAG 2.2, 1.4.3: a contrast of 4.5 for text, 3 for outlines).
 */

/** Lightness from 0 to 1, chroma, hue in degrees (CSS Color 4). */
export type Oklch = readonly [lightness: number, chroma: number, hue: number];
/** Red, green and blue of linear light, from 0 to 1 within sRGB. */
type Linear = readonly [number, number, number];

export type Theme = 'light' | 'dark';

/** Colours of a theme, such as `#a04a20`. */
export interface ThemeAccent {
  /** Of links, primary buttons and the focus. */
  readonly accent: string;
  /** Its tint, on which text stands. */
  readonly ground: string;
  /** The edge of the ticket with the balance. */
  readonly edge: string;
  /** Whether the chosen colour had to become darker or lighter to be read. */
  readonly isAdjusted: boolean;
}

export type Accent = Readonly<Record<Theme, ThemeAccent>>;

/**
 * On what the accent stands, and what stands on it, as `web/src/styles/base.css` has it; a test
 * compares them. Of the grounds, those that it is hardest to read on come first.
 */
export const ACCENT_GROUNDS: Readonly<Record<Theme, readonly Oklch[]>> = {
  light: [
    [0.925, 0.007, 82],
    [0.95, 0.03, 80],
    [0.962, 0.006, 85],
    [0.984, 0.004, 85],
    [1, 0, 0],
  ],
  dark: [
    [0.27, 0.035, 80],
    [0.245, 0.009, 75],
    [0.225, 0.009, 75],
    [0.185, 0.008, 75],
    [0.16, 0.008, 75],
  ],
};
export const ON_ACCENT: Readonly<Record<Theme, Oklch>> = {
  light: [1, 0, 0],
  dark: [0.185, 0.008, 75],
};

const TEXT = 4.5;
const OUTLINE = 3;
/** The lightness and the most chroma of tints and edges; the chosen colour gives the hue. */
const TINT: Readonly<Record<Theme, readonly [number, number]>> = {
  light: [0.95, 0.025],
  dark: [0.28, 0.04],
};
const EDGE: Readonly<Record<Theme, readonly [number, number]>> = {
  light: [0.64, 0.1],
  dark: [0.54, 0.08],
};
const STEP = 0.005;
const HEX = /^#[0-9a-f]{6}$/i;

/**
 * The colours of both themes for a chosen one; undefined if that is not written like `#a04a20`.
 * Hue and chroma stay; only the lightness moves, and only as far as needed.
 */
export function accentOf(chosen: string): Accent | undefined {
  if (!HEX.test(chosen)) return undefined;
  const color = toOklch(linearOf(chosen));
  return { light: themeAccent('light', color), dark: themeAccent('dark', color) };
}

function themeAccent(theme: Theme, chosen: Oklch): ThemeAccent {
  const [, chroma, hue] = chosen;
  const [tintLightness, tintChroma] = TINT[theme];
  const tint = hexOf(inGamut([tintLightness, Math.min(tintChroma, chroma / 3), hue]));
  const away = theme === 'light' ? -STEP : STEP;
  const grounds = [linearOf(tint), ...ACCENT_GROUNDS[theme].map(toLinear)];
  const isReadable = (hex: string) =>
    grounds.every((it) => contrast(linearOf(hex), it) >= TEXT) &&
    contrast(linearOf(hex), toLinear(ON_ACCENT[theme])) >= TEXT;
  const accent = moved(chosen, away, isReadable);
  const [edgeLightness, edgeChroma] = EDGE[theme];
  const page = ACCENT_GROUNDS[theme].at(-2) as Oklch;
  const edge = moved([edgeLightness, Math.min(edgeChroma, chroma), hue], away, (hex) => {
    return contrast(linearOf(hex), toLinear(page)) >= OUTLINE;
  });
  return { accent, ground: tint, edge, isAdjusted: accent !== hexOf(inGamut(chosen)) };
}

/** The first colour that will do, getting darker or lighter; black and white always do. */
function moved([lightness, chroma, hue]: Oklch, away: number, will: (hex: string) => boolean) {
  const end = away < 0 ? 0 : 1;
  for (let step = 0; ; step += 1) {
    const now = Math.min(Math.max(lightness + step * away, 0), 1);
    const hex = hexOf(inGamut([now, chroma, hue]));
    if (will(hex) || now === end) return hex;
  }
}

/** WCAG 2.2: from 1, the same, to 21, black and white. */
function contrast(a: Linear, b: Linear): number {
  const [lighter, darker] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return ((lighter ?? 0) + 0.05) / ((darker ?? 0) + 0.05);
}

function luminance([red, green, blue]: Linear): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The same lightness and hue, with as much chroma as sRGB has there. */
function inGamut([lightness, chroma, hue]: Oklch): Oklch {
  let least = 0;
  let most = chroma;
  const fits = (it: number) =>
    unclipped([lightness, it, hue]).every((value) => value >= -1e-4 && value <= 1.0001);
  if (fits(chroma)) return [lightness, chroma, hue];
  while (most - least > 1e-4) {
    const middle = (least + most) / 2;
    if (fits(middle)) least = middle;
    else most = middle;
  }
  return [lightness, least, hue];
}

function toLinear(color: Oklch): Linear {
  const [red, green, blue] = unclipped(color).map((it) => Math.min(Math.max(it, 0), 1));
  return [red ?? 0, green ?? 0, blue ?? 0];
}

/** By way of Oklab (CSS Color 4, 9.4); values outside of sRGB are below 0 or above 1. */
function unclipped([lightness, chroma, hue]: Oklch): Linear {
  const radians = (hue * Math.PI) / 180;
  const [a, b] = [chroma * Math.cos(radians), chroma * Math.sin(radians)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function toOklch([red, green, blue]: Linear): Oklch {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const b = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  const lightness = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
  return [lightness, Math.hypot(a, b), (Math.atan2(b, a) * 180) / Math.PI];
}

function linearOf(hex: string): Linear {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function hexOf(color: Oklch): string {
  const channels = toLinear(color).map((value) => {
    const encoded = value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;
    return Math.round(encoded * 255)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${channels.join('')}`;
}
