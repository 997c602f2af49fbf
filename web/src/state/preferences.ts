/** Preferences and texts that this browser stores. */
import { effect, signal } from '@preact/signals';
import { PREFIX } from './site-address.ts';

export type Theme = 'system' | 'light' | 'dark';
export type Language = 'en' | 'de';

/** The colour scheme. */
export const theme = signal<Theme>(remembered('theme', ['system', 'light', 'dark']));
/** The language of the page; the browser's by default. */
export const language = signal<Language>(
  remembered('language', navigator.language.startsWith('de') ? ['de', 'en'] : ['en', 'de']),
);

/** Applies and stores the preferences from now on. */
export function applyPreferences(): void {
  effect(() => {
    keep('theme', theme.value);
    if (theme.value === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
  });
  effect(() => keep('language', language.value));
}

/** Stores a text; empty removes it. A browser without storage is not an error. */
export function keep(name: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(`chit${PREFIX}.${name}`);
    else localStorage.setItem(`chit${PREFIX}.${name}`, text);
  } catch {}
}

/** Removes all stored texts whose names have this prefix. */
export function drop(beginning: string): void {
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(`chit${PREFIX}.${beginning}`)) localStorage.removeItem(name);
    }
  } catch {}
}

/** A stored text; empty if there is none. */
export function kept(name: string): string {
  try {
    return localStorage.getItem(`chit${PREFIX}.${name}`) ?? '';
  } catch {
    return '';
  }
}

/** The stored choice, or the first one. */
function remembered<T extends string>(name: string, choices: readonly [T, ...T[]]): T {
  const text = kept(name);
  return choices.find((it) => it === text) ?? choices[0];
}
