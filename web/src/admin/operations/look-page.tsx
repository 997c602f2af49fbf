import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { loadSite } from '../../state/site.ts';
import type { AccentColors, Appearance } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, useResource } from '../ui/resource.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { bodyOf, colorIn, draftOf, type LookDraft } from './look-draft.ts';
import { LookPreview } from './look-preview.tsx';
import { redrawnLogo } from './redraw-logo.ts';

const ADDRESS = '/api/admin/site/';
const TYPING_PAUSE_MS = 150;
/** What the colour field of browsers shows where none was chosen: ours. */
const OUR_ACCENT = '#a64b2a';

/** The site's own name, logo, colour and texts, with a preview. */
export function LookPage() {
  const resource = useResource<Appearance>(ADDRESS);
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.sitelook} />
      </header>
      <p class="hint">{words.value.sitelookText}</p>
      <Loaded resource={resource}>
        {(saved) => (
          <LookForm key={saved.changed_at ?? ''} saved={saved} onSaved={resource.reload} />
        )}
      </Loaded>
    </>
  );
}

function LookForm({ saved, onSaved }: { saved: Appearance; onSaved: () => void }) {
  const text = words.value;
  const [draft, setDraft] = useState<LookDraft>(() => draftOf(saved));
  const isSending = useRef(false);
  const colors = useColors(draft.accent, saved);
  const set = (change: Partial<LookDraft>) => setDraft((it) => ({ ...it, ...change }));
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isSending.current) return;
    isSending.current = true;
    const isSaved = await runAction(
      () => call<Appearance>('PUT', ADDRESS, bodyOf(draft, saved.changed_at)),
      text.lookSaved,
    );
    isSending.current = false;
    if (!isSaved) return;
    await loadSite();
    showColors(colors);
    onSaved();
  };
  const field = (name: StringField, label: string, more: object = {}) => (
    <label>
      {label}
      <input
        name={name}
        autoComplete="off"
        value={draft[name]}
        onInput={(event) => set({ [name]: event.currentTarget.value })}
        {...more}
      />
    </label>
  );
  const area = (name: StringField, label: string, maxLength: number) => (
    <label>
      {label}
      <textarea
        name={name}
        rows={4}
        maxLength={maxLength}
        value={draft[name]}
        onInput={(event) => set({ [name]: event.currentTarget.value })}
      />
    </label>
  );
  const https = { type: 'url', pattern: 'https://.*', maxLength: 500, placeholder: 'https://…' };
  return (
    <>
      <LookPreview draft={draft} saved={saved} colors={colors} />
      <form class="stack look-form" onSubmit={(event) => void submit(event)}>
        {field('name', text.siteName, { maxLength: 40, placeholder: 'Chit' })}
        <LogoField draft={draft} saved={saved} onChange={(logo) => set({ logo })} />
        <AccentField draft={draft} colors={colors} onChange={(accent) => set({ accent })} />
        <Pair title={text.welcomeText} hint={text.otherLanguage}>
          {area('welcomeEn', text.inEnglish, 500)}
          {area('welcomeDe', text.inGerman, 500)}
        </Pair>
        <Pair title={text.startersText} hint={text.startersHint}>
          {area('startersEn', text.inEnglish, 700)}
          {area('startersDe', text.inGerman, 700)}
        </Pair>
        {field('termsUrl', text.termsUrl, https)}
        {field('privacyUrl', text.privacyUrl, https)}
        <p class="hint">{text.linksHint}</p>
        {field('contact', text.contactText, { maxLength: 200 })}
        {saved.contact_setting !== null && (
          <p class="hint">{text.contactSetting(saved.contact_setting)}</p>
        )}
        <button type="submit" class="primary">
          {text.saveLook}
        </button>
      </form>
    </>
  );
}

type StringField = Exclude<keyof LookDraft, 'logo'>;

function Pair(props: { title: string; hint: string; children: ComponentChildren }) {
  return (
    <fieldset class="look-pair">
      <legend>{props.title}</legend>
      <div class="look-both">{props.children}</div>
      <p class="hint">{props.hint}</p>
    </fieldset>
  );
}

function LogoField(props: {
  draft: LookDraft;
  saved: Appearance;
  onChange: (logo: string | null) => void;
}) {
  const { draft, saved, onChange } = props;
  const input = useRef<HTMLInputElement>(null);
  const hasLogo = draft.logo === undefined ? saved.logo !== null : draft.logo !== null;
  const choose = async (file: File | undefined) => {
    if (file) onChange(await redrawnLogo(file));
  };
  const remove = () => {
    if (input.current) input.current.value = '';
    onChange(null);
  };
  return (
    <div class="look-logo">
      <label>
        {words.value.siteLogo}
        <input
          ref={input}
          type="file"
          accept="image/png,image/jpeg,image/webp"
          onChange={(event) => void choose(event.currentTarget.files?.[0])}
        />
        <span class="hint">{words.value.siteLogoSquare}</span>
      </label>
      {hasLogo && (
        <button type="button" onClick={remove}>
          {words.value.removeLogo}
        </button>
      )}
    </div>
  );
}

function AccentField(props: {
  draft: LookDraft;
  colors: AccentColors | null;
  onChange: (accent: string) => void;
}) {
  const { draft, colors, onChange } = props;
  const text = words.value;
  const chosen = colorIn(draft.accent);
  return (
    <fieldset class="look-accent">
      <legend>{text.accentColor}</legend>
      <div class="row">
        <input
          type="color"
          aria-label={text.accentColor}
          value={chosen ?? OUR_ACCENT}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
        <input
          aria-label={`${text.accentColor}, ${text.accentHex}`}
          placeholder="#a04a20"
          pattern="\s*#[0-9A-Fa-f]{6}\s*"
          maxLength={9}
          autoComplete="off"
          value={draft.accent}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
        {draft.accent !== '' && (
          <button type="button" onClick={() => onChange('')}>
            {text.accentDefault}
          </button>
        )}
      </div>
      <div class="hint" role="status">
        {colors?.light.is_adjusted && <p>{text.adjustedLight}</p>}
        {colors?.dark.is_adjusted && <p>{text.adjustedDark}</p>}
      </div>
    </fieldset>
  );
}

/** What the server makes of a colour that is being typed; the last one while it is not complete. */
function useColors(accent: string, saved: Appearance): AccentColors | null {
  const [colors, setColors] = useState<AccentColors | null>(saved.colors);
  const color = colorIn(accent);
  useEffect(() => {
    if (accent.trim() === '') setColors(null);
    if (color === undefined) return undefined;
    let isGone = false;
    const timer = setTimeout(() => {
      const address = `${ADDRESS}accent/?color=${encodeURIComponent(color)}`;
      call<AccentColors>('GET', address).then(
        (it) => {
          if (!isGone) setColors(it);
        },
        () => undefined,
      );
    }, TYPING_PAUSE_MS);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [color, accent.trim() === '']);
  return colors;
}

/** Shows the colours on this page at once; others get them when they are loaded. */
function showColors(colors: AccentColors | null): void {
  const { style, dataset } = document.documentElement;
  if (!colors) {
    delete dataset.ownAccent;
    return;
  }
  for (const theme of ['light', 'dark'] as const) {
    for (const role of ['accent', 'ground', 'edge'] as const) {
      style.setProperty(`--own-${role}-${theme}`, colors[theme][role]);
    }
  }
  dataset.ownAccent = '';
}
