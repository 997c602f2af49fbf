/** What this browser remembers of its user's choices. */
import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
export type Language = 'en' | 'de';

/** Light, dark, or as the system has it. */
export const theme = signal<Theme>(remembered('theme', ['system', 'light', 'dark']));
/** The language of the page; at first that of the browser. */
export const language = signal<Language>(
  remembered('language', navigator.language.startsWith('de') ? ['de', 'en'] : ['en', 'de']),
);

/** Applies and remembers the choices from now on. */
export function applyPreferences(): void {
  effect(() => {
    keep('theme', theme.value);
    if (theme.value === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
  });
  effect(() => {
    keep('language', language.value);
    document.documentElement.lang = language.value;
  });
}

/** Keeps a text with the browser; a browser that keeps nothing is no fault. */
export function keep(name: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(`chit.${name}`);
    else localStorage.setItem(`chit.${name}`, text);
  } catch {}
}

/** Drops all texts whose names begin so. */
export function drop(beginning: string): void {
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(`chit.${beginning}`)) localStorage.removeItem(name);
    }
  } catch {}
}

/** A text that was kept; empty if there is none. */
export function kept(name: string): string {
  try {
    return localStorage.getItem(`chit.${name}`) ?? '';
  } catch {
    return '';
  }
}

/** The first of the choices if none was remembered. */
function remembered<T extends string>(name: string, choices: readonly [T, ...T[]]): T {
  const text = kept(name);
  return choices.find((it) => it === text) ?? choices[0];
}
