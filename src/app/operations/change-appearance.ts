/** Changing what the site looks like and says, for superusers. */
import { hash } from 'node:crypto';
import { accentOf } from '../../core/accent.ts';
import type { AuditedFacts } from '../../core/audit-log.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import {
  LOGO_TYPES,
  MAX_LOGO_BYTES,
  MAX_LOGO_PIXELS,
  type SiteAppearance,
  type SiteLogo,
} from '../../core/site-appearance.ts';
import { kindOf } from '../../models/documents/file-kind.ts';
import type { StoredLogo } from '../../store/operations/site-appearance.ts';
import type { Context } from '../context.ts';
import { auditEntry, isProgram, type Principal } from '../principal.ts';
import type { LookInForce } from './site-look.ts';

/** What shall be; without a logo, the present one stays. */
export interface WantedAppearance extends Omit<SiteAppearance, 'logo'> {
  /** Base64 of a new one, or null for none. */
  readonly logo?: string | null;
}

/**
 * Replaces the appearance. Other servers have it within a second.
 * @param changedAtMs when it was changed last, as whoever changes it has seen it
 * @throws ChitError `admin_key_refused`, `permission_denied` for whoever is no superuser,
 *   `invalid_fields`, `appearance_changed` if somebody else has changed it since
 */
export async function changeAppearance(
  context: Context,
  principal: Principal,
  { wanted, changedAtMs }: { readonly wanted: WantedAppearance; readonly changedAtMs?: number },
): Promise<LookInForce> {
  if (isProgram(principal)) throw new ChitError('admin_key_refused', undefined);
  if (principal.user && !principal.user.isSuperuser) {
    throw new ChitError('permission_denied', undefined);
  }
  requireValid(wanted);
  await context.look.refresh();
  const { appearance: before } = context.look.inForce;
  const { logo: picture, ...rest } = wanted;
  const newLogo = picture == null ? undefined : logoIn(picture);
  const logo = newLogo?.about ?? (picture === null ? undefined : before.logo);
  const after: SiteAppearance = logo ? { ...rest, logo } : rest;
  const entry = auditEntry(principal, {
    action: 'site.change',
    target: 'site',
    before: facts(before),
    after: facts(after),
  });
  const change = { from: changedAtMs, newLogo: newLogo?.stored, entry };
  const isChanged = await context.siteAppearance.change(after, change);
  await context.look.refresh();
  if (!isChanged) throw new ChitError('appearance_changed', undefined);
  return context.look.inForce;
}

/** @throws ChitError `invalid_fields` */
function requireValid({ name, accent, termsUrl, privacyUrl }: WantedAppearance): void {
  // It is part of the heads of mail.
  if (name !== undefined && /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(name)) {
    throw invalidField('name', 'Must be one line of text.', { code: 'invalid' });
  }
  if (accent !== undefined && !accentOf(accent)) {
    throw invalidField('accent', 'Must be a colour such as #a04a20.', { code: 'invalid' });
  }
  for (const [field, url] of [
    ['terms_url', termsUrl],
    ['privacy_url', privacyUrl],
  ] as const) {
    if (url === undefined || isHttps(url)) continue;
    const message = 'Must be an address that begins with https://.';
    throw invalidField(field, message, { code: 'not_https' });
  }
}

function isHttps(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' && url.username === '' && url.password === '';
}

/**
 * The picture, as its content tells it: names and types are only what somebody says.
 * @throws ChitError `invalid_fields`
 */
function logoIn(base64: string): { readonly about: SiteLogo; readonly stored: StoredLogo } {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > MAX_LOGO_BYTES) throw notALogo('bytes', MAX_LOGO_BYTES);
  const found = kindOf(bytes, 0);
  if (found === 'picture_too_large') throw notALogo('pixels', MAX_LOGO_PIXELS);
  const { mediaType = '', width = 0, height = 0 } = typeof found === 'string' ? {} : found;
  if (!LOGO_TYPES.includes(mediaType)) throw notALogo('format', 0);
  if (Math.max(width, height) > MAX_LOGO_PIXELS) throw notALogo('pixels', MAX_LOGO_PIXELS);
  const about = { hash: hash('sha256', bytes, 'hex'), mediaType, width, height };
  return { about, stored: { hash: about.hash, mediaType, bytes } };
}

const LOGO_FAULTS = {
  format: () => 'Must be a PNG, JPEG or WebP picture.',
  bytes: (max: number) => `Must have at most ${max / 1024} KB.`,
  pixels: (max: number) => `Must be at most ${max} pixels wide and high.`,
} as const;

function notALogo(reason: keyof typeof LOGO_FAULTS, max: number) {
  return invalidField('logo', LOGO_FAULTS[reason](max), { code: 'not_a_logo', reason, max });
}

function facts(appearance: SiteAppearance): AuditedFacts {
  const { name, accent, logo, welcome, starters, termsUrl, privacyUrl, contact } = appearance;
  const list = (texts: readonly string[] | undefined) => texts?.join(' | ') ?? null;
  return {
    name: name ?? null,
    accent: accent ?? null,
    logo: logo?.hash.slice(0, 8) ?? null,
    welcome_en: welcome?.en ?? null,
    welcome_de: welcome?.de ?? null,
    starters_en: list(starters?.en),
    starters_de: list(starters?.de),
    terms_url: termsUrl ?? null,
    privacy_url: privacyUrl ?? null,
    contact: contact ?? null,
  };
}
