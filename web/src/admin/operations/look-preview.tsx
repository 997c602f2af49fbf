import { useLayoutEffect, useRef } from 'preact/hooks';
import { PREFIX } from '../../state/site-address.ts';
import { shownLanguage, strings } from '../../strings/strings.ts';
import type { AccentColors, Appearance } from '../types.ts';
import { words } from '../words/words.ts';
import { type LookDraft, linesOf } from './look-draft.ts';

interface Shown {
  readonly draft: LookDraft;
  readonly saved: Appearance;
  /** What the colour becomes; null for the usual one. */
  readonly colors: AccentColors | null;
}

/** The sign-in page and an empty chat in both themes, as they will be. */
export function LookPreview(props: Shown) {
  return (
    <section class="page-section look-preview" aria-label={words.value.preview}>
      <h2>{words.value.preview}</h2>
      <div class="look-cards">
        <Card {...props} theme="light" />
        <Card {...props} theme="dark" />
      </div>
    </section>
  );
}

function Card({ draft, saved, colors, theme }: Shown & { theme: 'light' | 'dark' }) {
  const card = useRef<HTMLElement>(null);
  const text = strings.value;
  const own = colors?.[theme];
  useLayoutEffect(() => {
    const style = card.current?.style;
    if (own) style?.setProperty('--accent', own.accent);
    else style?.removeProperty('--accent');
  }, [theme, own]);
  const logo = draft.logo === undefined ? saved.logo && PREFIX + saved.logo.path : draft.logo;
  const isGerman = shownLanguage.value === 'de';
  const first = <T,>(en: T, de: T, isThere: (it: T) => boolean): T => {
    const [own, other] = isGerman ? [de, en] : [en, de];
    return isThere(own) ? own : other;
  };
  const welcome = first(draft.welcomeEn, draft.welcomeDe, (it) => it.trim() !== '');
  const starters = linesOf(first(draft.startersEn, draft.startersDe, (it) => it.trim() !== ''));
  return (
    <figure ref={card} class="look-card themed" data-theme={theme}>
      <figcaption>
        {theme === 'light' ? words.value.previewLight : words.value.previewDark}
      </figcaption>
      {logo && <img class="site-logo" src={logo} alt="" />}
      <p class="look-name">{draft.name.trim() || USUAL_NAME}</p>
      <p class="look-welcome">{welcome.trim() || text.welcome}</p>
      <span class="button primary">{text.signIn}</span>
      <p class="look-links">
        {draft.termsUrl.trim() !== '' && <span>{text.terms}</span>}{' '}
        {draft.privacyUrl.trim() !== '' && <span>{text.privacy}</span>}
      </p>
      <ul class="look-starters">
        {(starters.length > 0 ? starters.slice(0, 6) : text.starters).map((it) => (
          <li key={it}>{it}</li>
        ))}
      </ul>
    </figure>
  );
}

/** As the program is called. */
const USUAL_NAME = 'Chit';
