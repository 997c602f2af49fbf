/** What the site looks like; see `schema.ts`. */

/** One row, or none where nothing was set. */
export interface SiteAppearanceRow {
  id: number;
  /** JSON, a `SiteAppearance`. */
  content: string;
  changed_at: number;
}

export interface SiteLogoRow {
  /** SHA-256 of the data, in hexadecimal. */
  hash: string;
  media_type: string;
  data: Uint8Array;
}
