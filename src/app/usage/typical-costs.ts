import type { Credits } from '../../core/credits.ts';
import { type TypicalCost, typicalCost } from '../../core/typical-cost.ts';
import type { Model } from '../../models/catalogue.ts';
import type { RecentCost, RecentCostStore } from '../../store/usage/recent-costs.ts';

const USER_MS = 60_000;
const SITE_MS = 600_000;
const MOST_USERS = 2_000;

/** Costs by model, until they are read again. */
interface Known {
  readonly costs: Promise<ReadonlyMap<string, readonly Credits[]>>;
  readonly untilMs: number;
}

/**
 * What messages usually cost, by model. It is read at most once a minute for each user who looks at
 * the models, and every ten minutes for the site; sending a message reads nothing.
 */
export class TypicalCosts {
  readonly #store: Pick<RecentCostStore, 'ofUser' | 'ofSite'>;
  readonly #now: () => number;
  /** By user, the ones read last at the end. */
  readonly #users = new Map<number, Known>();
  #site: Known | undefined;

  constructor(store: Pick<RecentCostStore, 'ofUser' | 'ofSite'>, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** What a message to each of these models usually costs a user, in their order. */
  async of(userId: number, models: readonly Model[]): Promise<TypicalCost[]> {
    const [ofUser, ofSite] = await Promise.all([this.#ofUser(userId), this.#ofSite()]);
    return models.map((model) =>
      typicalCost(model, ofUser.get(model.name) ?? [], ofSite.get(model.name) ?? []),
    );
  }

  #ofUser(userId: number): Known['costs'] {
    const known = this.#users.get(userId);
    if (known && known.untilMs > this.#now()) return known.costs;
    const costs = byModel(this.#store.ofUser(userId));
    this.#users.delete(userId);
    this.#users.set(userId, { costs, untilMs: this.#now() + USER_MS });
    const [oldest] = this.#users.keys();
    if (this.#users.size > MOST_USERS && oldest !== undefined) this.#users.delete(oldest);
    return costs;
  }

  #ofSite(): Known['costs'] {
    if (this.#site && this.#site.untilMs > this.#now()) return this.#site.costs;
    const costs = byModel(this.#store.ofSite());
    this.#site = { costs, untilMs: this.#now() + SITE_MS };
    return costs;
  }
}

/** The list of models is there also where this cannot be read. */
async function byModel(
  reading: Promise<readonly RecentCost[]>,
): Promise<ReadonlyMap<string, readonly Credits[]>> {
  const costs = new Map<string, Credits[]>();
  for (const { model, credits } of await reading.catch(() => [])) {
    const known = costs.get(model);
    if (known) known.push(credits);
    else costs.set(model, [credits]);
  }
  return costs;
}
