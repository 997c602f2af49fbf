/** The site's own name, logo and texts; the server writes them into the page. */
import { signal } from '@preact/signals';
import type { Site } from '../api/types.ts';
import type { Strings } from '../strings/en.ts';
import type { Language } from './preferences.ts';

export type OwnLook = NonNullable<Site['appearance']>;

/** null where the site is called and looks as we have it. */
export const ownLook = signal<OwnLook | null>(written());

/** The texts, with the site's own in place of ours. */
export function withOwnTexts(texts: Strings, language: Language): Strings {
  const { value: look } = ownLook;
  if (!look) return texts;
  const { name, welcome, starters } = look;
  const other = language === 'en' ? 'de' : 'en';
  const list = starters[language].length > 0 ? starters[language] : starters[other];
  return {
    ...texts,
    appName: name ?? texts.appName,
    welcome: welcome[language] ?? welcome[other] ?? texts.welcome,
    starters: list.length > 0 ? list : texts.starters,
  };
}

/** Notes what the server says now, if that is something else. */
export function noteOwnLook(look: OwnLook | null): void {
  if (JSON.stringify(look) !== JSON.stringify(ownLook.peek())) ownLook.value = look;
}

function written(): OwnLook | null {
  try {
    return JSON.parse(document.documentElement.dataset.site ?? 'null') as OwnLook | null;
  } catch {
    return null;
  }
}
