import { Type } from 'typebox';
import {
  MAX_CONTACT_CHARACTERS,
  MAX_LINK_CHARACTERS,
  MAX_LOGO_BYTES,
  MAX_SITE_NAME_CHARACTERS,
  MAX_STARTER_CHARACTERS,
  MAX_STARTERS,
  MAX_WELCOME_CHARACTERS,
} from '../../core/site-appearance.ts';
import { NullableString, text } from '../framework/common-schema.ts';

const nullable = (maxLength: number, description: string) =>
  Type.Optional(Type.Union([text({ maxLength, description }), Type.Null()]));
const Welcome = nullable(MAX_WELCOME_CHARACTERS, 'Plain text.');
const Starters = Type.Optional(
  Type.Array(text({ maxLength: MAX_STARTER_CHARACTERS, description: 'Text for the composer.' }), {
    maxItems: MAX_STARTERS,
    description: `Up to ${MAX_STARTERS}; none for those of Chit.`,
  }),
);

/** Base64 has four characters for three bytes. */
const MAX_BASE64_CHARACTERS = Math.ceil(MAX_LOGO_BYTES / 3) * 4;

export const NewAppearance = Type.Object({
  name: nullable(MAX_SITE_NAME_CHARACTERS, 'What the site is called.'),
  accent: nullable(7, 'A colour such as `#a04a20`.'),
  logo: Type.Optional(
    Type.Union(
      [
        Type.String({
          maxLength: MAX_BASE64_CHARACTERS,
          description: 'A PNG, JPEG or WebP picture in base64, up to 256 KB and 2,048 pixels.',
        }),
        Type.Null(),
      ],
      { description: 'Null takes it away; without the field it stays.' },
    ),
  ),
  welcome: Type.Optional(Type.Object({ en: Welcome, de: Welcome })),
  starters: Type.Optional(Type.Object({ en: Starters, de: Starters })),
  terms_url: nullable(MAX_LINK_CHARACTERS, 'An https address.'),
  privacy_url: nullable(MAX_LINK_CHARACTERS, 'An https address.'),
  contact: nullable(MAX_CONTACT_CHARACTERS, 'Whom to ask; comes before `CHIT_CONTACT`.'),
  changed_at: Type.Optional(
    Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'As it was read; it is refused if somebody else has changed it since.',
    }),
  ),
});

export const Logo = Type.Union([
  Type.Object({
    path: Type.String({ description: 'Its path within the site.' }),
    width: Type.Integer(),
    height: Type.Integer(),
  }),
  Type.Null(),
]);

const ThemeColors = Type.Object({
  accent: Type.String(),
  ground: Type.String({ description: 'A tint, on which text stands.' }),
  edge: Type.String({ description: 'Of the ticket with the balance.' }),
  is_adjusted: Type.Boolean({
    description: 'Whether it had to become darker or lighter to be read.',
  }),
});

export const AccentReply = Type.Object(
  { light: ThemeColors, dark: ThemeColors },
  { description: 'The colours of both themes.' },
);

export const AccentQuery = Type.Object({
  color: Type.String({ pattern: '^#[0-9A-Fa-f]{6}$', description: 'Such as `#a04a20`.' }),
});

export const AppearanceReply = Type.Object(
  {
    name: NullableString,
    accent: NullableString,
    colors: Type.Union([Type.Object({ light: ThemeColors, dark: ThemeColors }), Type.Null()]),
    logo: Logo,
    welcome: Type.Object({ en: NullableString, de: NullableString }),
    starters: Type.Object({ en: Type.Array(Type.String()), de: Type.Array(Type.String()) }),
    terms_url: NullableString,
    privacy_url: NullableString,
    contact: NullableString,
    contact_setting: { ...NullableString, description: 'What `CHIT_CONTACT` says.' },
    changed_at: NullableString,
  },
  { description: 'What was set; null and empty lists are as Chit has it.' },
);

export const LogoPath = Type.Object({ hash: Type.String({ pattern: '^[0-9a-f]{64}$' }) });

/** What the page shows from the first moment on; it stands in its HTML as well. */
export const PublicAppearance = Type.Union(
  [
    Type.Object({
      name: NullableString,
      logo: Logo,
      colors: Type.Union([
        Type.Object({
          light: Type.Array(Type.String(), { minItems: 3, maxItems: 3 }),
          dark: Type.Array(Type.String(), { minItems: 3, maxItems: 3 }),
        }),
        Type.Null(),
      ]),
      welcome: Type.Object({ en: NullableString, de: NullableString }),
      starters: Type.Object({ en: Type.Array(Type.String()), de: Type.Array(Type.String()) }),
      terms_url: NullableString,
      privacy_url: NullableString,
    }),
    Type.Null(),
  ],
  { description: 'The name, colours and texts of the site; null where nothing was set.' },
);
