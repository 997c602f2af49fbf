/** An operator's colour becomes colours that can be read, in both themes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  ACCENT_GROUNDS,
  accentOf,
  ON_ACCENT,
  type Theme,
  type ThemeAccent,
} from '../../src/core/accent.ts';

const CSS = readFileSync(join(import.meta.dirname, '../../web/src/styles/base.css'), 'utf8');
const THEMES: readonly Theme[] = ['light', 'dark'];

test('what is no colour is none', () => {
  for (const text of ['', 'red', '#abc', '#12345g', '#1234567', '#a04a2', ' #a04a20']) {
    assert.equal(accentOf(text), undefined, text);
  }
});

test('the grounds are those of the page', () => {
  const roles = new Map<string, number[][]>();
  for (const [, role = '', both = ''] of CSS.matchAll(/--([\w-]+): light-dark\((oklch.*)\);/g)) {
    const found = [...both.matchAll(/oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)/g)];
    roles.set(
      role,
      found.map(([, l, c, h]) => [Number((Number(l) / 100).toFixed(4)), Number(c), Number(h)]),
    );
  }
  for (const [index, theme] of THEMES.entries()) {
    const grounds = ['chosen', 'warn-ground', 'sunken', 'ground', 'surface'];
    const expected = grounds.map((role) => JSON.stringify(roles.get(role)?.[index])).sort();
    assert.deepEqual(ACCENT_GROUNDS[theme].map((it) => JSON.stringify(it)).sort(), expected);
    assert.deepEqual(ON_ACCENT[theme], roles.get('on-accent')?.[index]);
  }
});

test('whatever is chosen, words in it and on it have a contrast of 4.5 in both themes', () => {
  const levels = ['00', '33', '66', '99', 'cc', 'ff'];
  for (const red of levels) {
    for (const green of levels) {
      for (const blue of levels) {
        const chosen = `#${red}${green}${blue}`;
        const accent = accentOf(chosen);
        assert.ok(accent);
        for (const theme of THEMES) {
          const { accent: color, ground, edge }: ThemeAccent = accent[theme];
          const page = PAGE[theme];
          const others: readonly string[] = [page, WORST[theme], ON[theme], ground];
          for (const other of others) {
            const found = contrast(color, other);
            assert.ok(found >= 4.49, `${chosen} ${theme}: ${color} on ${other}: ${found}`);
          }
          assert.ok(contrast(edge, page) >= 2.99, `${chosen} ${theme}: edge ${edge}`);
          assert.ok(contrast(INK[theme], ground) >= 4.5, `${chosen} ${theme}: ink on ${ground}`);
        }
      }
    }
  }
});

test('a colour that can be read stays as it is, and what is changed is said', () => {
  const blue = accentOf('#1d4ed8');
  assert.deepEqual([blue?.light.accent, blue?.light.isAdjusted], ['#1d4ed8', false]);
  assert.equal(blue?.dark.isAdjusted, true);
  assert.notEqual(blue?.dark.accent, '#1d4ed8');
  const yellow = accentOf('#ffe000');
  assert.deepEqual([yellow?.dark.accent, yellow?.dark.isAdjusted], ['#ffe000', false]);
  assert.equal(yellow?.light.isAdjusted, true);
});

/** The colours of `base.css` in sRGB. */
const PAGE = { light: '#fbfaf7', dark: '#14120f' };
const WORST = { light: '#e9e6e1', dark: '#33240f' };
const ON = { light: '#ffffff', dark: '#14120f' };
const INK = { light: '#27211a', dark: '#e6e3de' };

function contrast(a: string, b: string): number {
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
