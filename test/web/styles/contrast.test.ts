/** What stands on what can be read: the contrast of every pair of colours in use, computed. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const STYLES = join(import.meta.dirname, '../../../web/src/styles');
const TEXT = 4.5;
/** Large text, and what shows where a control is (WCAG 2.2, 1.4.11). */
const CONTROL = 3;
const THEMES = ['light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const css = globSync('*.css', { cwd: STYLES })
  .map((name) => readFileSync(join(STYLES, name), 'utf8'))
  .join('\n');
const roles = readRoles();

/** Words on the accent are `--on-accent`, which stands on nothing else. */
const grounds = rolesOf(/(?:background(?:-color)?|--paper): [^;]*?var\(--([\w-]+)\)/g).filter(
  isPlain,
);
const inks = rolesOf(/[^-]color: var\(--([\w-]+)\)/g).filter((role) => role !== 'on-accent');

for (const theme of THEMES) {
  test(`every text can be read on every ground, ${theme}`, () => {
    assert.ok(grounds.length >= 4 && inks.length >= 6, `${grounds} / ${inks}`);
    const faults = grounds.flatMap((ground) =>
      [...inks, 'ink'].flatMap((ink) => faultOf(theme, ink, ground, TEXT)),
    );
    assert.deepEqual([...faults, ...faultOf(theme, 'on-accent', 'accent', TEXT)], []);
  });

  test(`every control and its focus can be seen, ${theme}`, () => {
    const faults = ['ground', 'surface', 'sunken'].flatMap((ground) =>
      ['edge', 'accent'].flatMap((outline) => faultOf(theme, outline, ground, CONTROL)),
    );
    assert.deepEqual([...faults, ...faultOf(theme, 'ticket-edge', 'ground', CONTROL)], []);
  });
}

test('a contrast is what the standard says it is', () => {
  assert.equal(contrast([1, 0, 0], [0, 0, 0]).toFixed(2), '21.00');
  assert.equal(contrast([1, 0, 0], [1, 0, 0]).toFixed(2), '1.00');
  // #767676, the lightest grey that can be read on white.
  assert.equal(contrast([0.5658, 0, 0], [1, 0, 0]).toFixed(1), '4.5');
});

function isPlain(role: string): boolean {
  return role !== 'accent' && roles.has(role);
}

function rolesOf(pattern: RegExp): string[] {
  return [...new Set([...css.matchAll(pattern)].map(([, role]) => role ?? ''))];
}

function faultOf(theme: Theme, ink: string, ground: string, least: number): string[] {
  const [inkColour, groundColour] = [colourOf(ink, theme), colourOf(ground, theme)];
  const found = contrast(inkColour, groundColour);
  return found < least ? [`${ink} on ${ground}: ${found.toFixed(2)} < ${least}`] : [];
}

/** Lightness from 0 to 1, chroma, hue in degrees. */
type Oklch = readonly [number, number, number];

function colourOf(role: string, theme: Theme): Oklch {
  const colour = roles.get(role)?.[THEMES.indexOf(theme)];
  assert.ok(colour, `--${role} is no colour for both themes`);
  return colour;
}

function readRoles(): Map<string, Oklch[]> {
  const found = new Map<string, Oklch[]>();
  for (const [, role = '', both = ''] of css.matchAll(/--([\w-]+): light-dark\((oklch.*)\);/g)) {
    const colours = [...both.matchAll(/oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)/g)];
    found.set(
      role,
      colours.map(([, l, c, h]): Oklch => [Number(l) / 100, Number(c), Number(h)]),
    );
  }
  return found;
}

/** WCAG 2.2: from 1, the same, to 21, black and white. */
function contrast(a: Oklch, b: Oklch): number {
  const [lighter, darker] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return ((lighter ?? 0) + 0.05) / ((darker ?? 0) + 0.05);
}

/** The relative luminance of a colour; by way of Oklab and linear sRGB (CSS Color 4). */
function luminance([lightness, chroma, hue]: Oklch): number {
  const radians = (hue * Math.PI) / 180;
  const [a, b] = [chroma * Math.cos(radians), chroma * Math.sin(radians)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
  const green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
  const blue = -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s;
  const inGamut = (value: number) => Math.min(Math.max(value, 0), 1);
  return 0.2126 * inGamut(red) + 0.7152 * inGamut(green) + 0.0722 * inGamut(blue);
}
