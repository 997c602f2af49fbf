import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Context } from '../../app/context.ts';
import { changeAppearance, type WantedAppearance } from '../../app/operations/change-appearance.ts';
import type { LookInForce } from '../../app/operations/site-look.ts';
import { type Accent, accentOf, type ThemeAccent } from '../../core/accent.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { ByLanguage } from '../../core/site-appearance.ts';
import { principalOf, staffWith, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  PUBLIC_BODY_ERRORS,
  STAFF_BODY_ERRORS,
  STAFF_ERRORS,
} from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import {
  AccentQuery,
  AccentReply,
  AppearanceReply,
  LogoPath,
  NewAppearance,
} from './appearance-schema.ts';
import { shownLogo, shownTexts } from './appearance-views.ts';

const tags = ['Admin: site'];
const security = [{ bearer: [] }];
/** The name of a logo is the hash of its bytes, so it can be kept for ever. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** The site's own name, logo, colours and texts. */
export function appearanceRoutes(api: Api, context: Context): void {
  api.get('/api/admin/site/', {
    config: staffWith('operations:read'),
    schema: {
      tags,
      security,
      summary: 'Read the appearance of this site; superusers only',
      response: { 200: AppearanceReply, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      requireSuperuser(request);
      await context.look.refresh();
      return shown(context, context.look.inForce);
    },
  });

  api.put('/api/admin/site/', {
    // Whoever names a site and links to its terms speaks for the operator.
    config: staffWith('signed_in_only'),
    schema: {
      tags,
      security,
      summary: 'Replace the appearance of this site; superusers only',
      body: NewAppearance,
      response: {
        200: AppearanceReply,
        409: detailed('Somebody else has changed it since it was read; nothing was changed.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      requireSuperuser(request);
      const { changed_at: changedAt } = request.body;
      const look = await changeAppearance(context, principalOf(request), {
        wanted: wantedIn(request.body),
        ...(changedAt == null ? {} : { changedAtMs: Date.parse(changedAt) }),
      });
      return shown(context, look);
    },
  });

  api.get('/api/admin/site/accent/', {
    config: staffWith('operations:read'),
    schema: {
      tags,
      security,
      summary: 'Show what a colour becomes in both themes, so that it can be read',
      querystring: AccentQuery,
      response: { 200: AccentReply, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const accent = accentOf(request.query.color);
      if (!accent) throw invalidField('color', 'Must be a colour.', { code: 'invalid' });
      return shownAccent(accent);
    },
  });

  api.get('/api/site/logo/:hash/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'The logo of this site',
      params: LogoPath,
      response: {
        200: Type.Any({ description: 'The picture.' }),
        404: detailed('This is not the logo.'),
        ...PUBLIC_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const logo = await context.siteAppearance.logo(request.params.hash);
      if (!logo) throw new ChitError('not_found', undefined);
      reply.header('cache-control', FOR_EVER).type(logo.mediaType);
      return reply.send(Buffer.from(logo.bytes));
    },
  });
}

function requireSuperuser(request: FastifyRequest): void {
  if (!userOf(request).isSuperuser) throw new ChitError('permission_denied', undefined);
}

/** What is missing, null or empty is as the program has it. */
function wantedIn(body: Static<typeof NewAppearance>): WantedAppearance {
  const { welcome, starters } = body;
  const texts = byLanguage(welcome?.en?.trim(), welcome?.de?.trim());
  const lists = byLanguage(listIn(starters?.en), listIn(starters?.de));
  const wanted = {
    name: body.name?.trim(),
    accent: body.accent?.toLowerCase(),
    logo: body.logo,
    welcome: texts,
    starters: lists,
    termsUrl: body.terms_url?.trim(),
    privacyUrl: body.privacy_url?.trim(),
    contact: body.contact?.trim(),
  };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

function listIn(texts: readonly string[] | undefined): readonly string[] | undefined {
  const list = [...new Set(texts?.map((it) => it.trim()))];
  return list.length === 0 ? undefined : list;
}

function byLanguage<T>(en: T | undefined, de: T | undefined): ByLanguage<T> | undefined {
  if (en === undefined && de === undefined) return undefined;
  return { ...(en === undefined ? {} : { en }), ...(de === undefined ? {} : { de }) };
}

function shown({ policy }: Context, look: LookInForce) {
  const { appearance, accent, changedAtMs } = look;
  return {
    name: appearance.name ?? null,
    accent: appearance.accent ?? null,
    colors: accent ? shownAccent(accent) : null,
    logo: shownLogo(appearance.logo),
    ...shownTexts(look),
    terms_url: appearance.termsUrl ?? null,
    privacy_url: appearance.privacyUrl ?? null,
    contact: appearance.contact ?? null,
    contact_setting: policy.contact ?? null,
    changed_at: isoTime(changedAtMs),
  };
}

function shownAccent({ light, dark }: Accent) {
  return { light: shownColors(light), dark: shownColors(dark) };
}

function shownColors({ accent, ground, edge, isAdjusted }: ThemeAccent) {
  return { accent, ground, edge, is_adjusted: isAdjusted };
}
