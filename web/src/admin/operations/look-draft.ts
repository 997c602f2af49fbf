/** What a superuser has typed about the site's appearance, and what of it is sent. */
import type { Appearance } from '../types.ts';

/** The fields of the form; empty is as the program has it. */
export interface LookDraft {
  readonly name: string;
  readonly accent: string;
  /** A new picture as a `data:` URL, null for none, undefined for the present one. */
  readonly logo: string | null | undefined;
  readonly welcomeEn: string;
  readonly welcomeDe: string;
  /** One on each line. */
  readonly startersEn: string;
  readonly startersDe: string;
  readonly termsUrl: string;
  readonly privacyUrl: string;
  readonly contact: string;
}

/** The fields as the server has them. */
export function draftOf(look: Appearance): LookDraft {
  return {
    name: look.name ?? '',
    accent: look.accent ?? '',
    logo: undefined,
    welcomeEn: look.welcome.en ?? '',
    welcomeDe: look.welcome.de ?? '',
    startersEn: look.starters.en.join('\n'),
    startersDe: look.starters.de.join('\n'),
    termsUrl: look.terms_url ?? '',
    privacyUrl: look.privacy_url ?? '',
    contact: look.contact ?? '',
  };
}

/** The body of the request that saves a draft. */
export function bodyOf(draft: LookDraft, changedAt: string | null): object {
  const { logo } = draft;
  return {
    name: textOf(draft.name),
    accent: textOf(draft.accent),
    ...(logo === undefined ? {} : { logo: logo === null ? null : base64Of(logo) }),
    welcome: { en: textOf(draft.welcomeEn), de: textOf(draft.welcomeDe) },
    starters: { en: linesOf(draft.startersEn), de: linesOf(draft.startersDe) },
    terms_url: textOf(draft.termsUrl),
    privacy_url: textOf(draft.privacyUrl),
    contact: textOf(draft.contact),
    changed_at: changedAt,
  };
}

/** A colour as browsers and the server write it; undefined while it is not typed to the end. */
export function colorIn(text: string): string | undefined {
  const hex = text.trim().toLowerCase();
  return /^#[0-9a-f]{6}$/.test(hex) ? hex : undefined;
}

/** The lines that are not empty. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((it) => it.trim())
    .filter((it) => it !== '');
}

function base64Of(dataUrl: string): string {
  return dataUrl.slice(dataUrl.indexOf(',') + 1);
}

function textOf(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}
