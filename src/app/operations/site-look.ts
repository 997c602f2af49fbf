import { type Accent, accentOf } from '../../core/accent.ts';
import { DEFAULT_SITE_NAME, type SiteAppearance } from '../../core/site-appearance.ts';
import type { SiteAppearanceStore } from '../../store/operations/site-appearance.ts';

/** The appearance in force, with what follows from it. */
export interface LookInForce {
  readonly appearance: SiteAppearance;
  /** When it was changed last; undefined if nothing was ever set. */
  readonly changedAtMs: number | undefined;
  /** The colours of both themes; undefined for those of the program. */
  readonly accent: Accent | undefined;
}

const UNSET: LookInForce = { appearance: {}, changedAtMs: undefined, accent: undefined };

/**
 * What the site is called and looks like, in memory: pages and mail ask for it at once.
 * `BackgroundJobs` refreshes it every second, so that all servers have a change within that time.
 */
export class SiteLook {
  readonly #store: SiteAppearanceStore;
  #inForce: LookInForce = UNSET;

  constructor(store: SiteAppearanceStore) {
    this.#store = store;
  }

  /** The same object until something has changed. */
  get inForce(): LookInForce {
    return this.#inForce;
  }

  /** What the site is called, for the page, printed sheets and mail. */
  get name(): string {
    return this.#inForce.appearance.name ?? DEFAULT_SITE_NAME;
  }

  /** The name, if somebody has named the site. */
  get ownName(): string | undefined {
    return this.#inForce.appearance.name;
  }

  /** Reads it again. */
  async refresh(): Promise<void> {
    const stored = await this.#store.read();
    if (stored?.changedAtMs === this.#inForce.changedAtMs) return;
    const { appearance = {}, changedAtMs } = stored ?? {};
    const { accent } = appearance;
    this.#inForce = { appearance, changedAtMs, accent: accent ? accentOf(accent) : undefined };
  }
}
