/** The site's own appearance, as the page and its HTML have it. */
import type { Static } from 'typebox';
import type { LookInForce, SiteLook } from '../../app/operations/site-look.ts';
import type { ThemeAccent } from '../../core/accent.ts';
import type { SiteLogo } from '../../core/site-appearance.ts';
import type { ShownSite } from '../framework/public-site.ts';
import type { PublicAppearance } from './appearance-schema.ts';

/** The site as its HTML has it: the same object until the appearance has changed. */
export function shownSiteOf(look: SiteLook): () => ShownSite {
  let from: LookInForce | undefined;
  let shown: ShownSite = { name: look.name, appearance: null };
  return () => {
    if (from !== look.inForce) {
      from = look.inForce;
      shown = { name: look.name, appearance: publicAppearance(from) };
    }
    return shown;
  };
}

/** What is shown to everybody; null where nothing was set. */
export function publicAppearance(look: LookInForce): Static<typeof PublicAppearance> {
  const { appearance, accent } = look;
  if (Object.keys(appearance).length === 0) return null;
  const threeOf = (it: ThemeAccent) => [it.accent, it.ground, it.edge];
  return {
    name: appearance.name ?? null,
    logo: shownLogo(appearance.logo),
    colors: accent ? { light: threeOf(accent.light), dark: threeOf(accent.dark) } : null,
    ...shownTexts(look),
    terms_url: appearance.termsUrl ?? null,
    privacy_url: appearance.privacyUrl ?? null,
  };
}

/** A logo with its path within the site. */
export function shownLogo(logo: SiteLogo | undefined) {
  if (!logo) return null;
  const { hash, width, height } = logo;
  return { path: `/api/site/logo/${hash}/`, width, height };
}

/** Texts by language; null and empty lists are as the program has them. */
export function shownTexts({ appearance: { welcome, starters } }: LookInForce) {
  return {
    welcome: { en: welcome?.en ?? null, de: welcome?.de ?? null },
    starters: { en: [...(starters?.en ?? [])], de: [...(starters?.de ?? [])] },
  };
}
