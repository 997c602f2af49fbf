/** What an operator's site looks like and says: in the panel, rather than in the settings. */

/** Texts by language; where one is missing, the other stands for both. */
export interface ByLanguage<Text> {
  readonly en?: Text;
  readonly de?: Text;
}

/** The picture beside the name. Its bytes are stored apart, by their hash. */
export interface SiteLogo {
  /** SHA-256, in hexadecimal. */
  readonly hash: string;
  readonly mediaType: string;
  readonly width: number;
  readonly height: number;
}

/** Everything that an operator can set; what is missing is as the program has it. */
export interface SiteAppearance {
  readonly name?: string;
  readonly logo?: SiteLogo;
  /** The colour that was chosen, such as `#a04a20`; see `accent.ts` for what becomes of it. */
  readonly accent?: string;
  readonly welcome?: ByLanguage<string>;
  /** What one can begin a chat with. */
  readonly starters?: ByLanguage<readonly string[]>;
  readonly termsUrl?: string;
  readonly privacyUrl?: string;
  /** Whom to ask for an account or for tokens. */
  readonly contact?: string;
}

/** What a site is called where nobody has named it. */
export const DEFAULT_SITE_NAME = 'Chit';

export const MAX_SITE_NAME_CHARACTERS = 40;
export const MAX_WELCOME_CHARACTERS = 500;
export const MAX_STARTERS = 6;
export const MAX_STARTER_CHARACTERS = 100;
export const MAX_LINK_CHARACTERS = 500;
export const MAX_CONTACT_CHARACTERS = 200;
export const MAX_LOGO_BYTES = 262_144;
export const MAX_LOGO_PIXELS = 2_048;

/** Formats that browsers decode and that cannot have scripts in them, as SVG can. */
export const LOGO_TYPES: readonly string[] = ['image/png', 'image/jpeg', 'image/webp'];
