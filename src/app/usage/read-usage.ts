/** Usage, for charts and tables. */
import type { Credits } from '../../core/credits.ts';
import { costOf } from '../../core/pricing.ts';
import { textUsage } from '../../core/usage.ts';
import {
  addModelSums,
  addUserSums,
  type Granularity,
  type ModelSums,
  NO_MODEL_SUMS,
  NO_USER_SUMS,
  type UserSums,
} from '../../core/usage-sums.ts';
import type { Context } from '../context.ts';
import { periodsBetween } from './periods.ts';
import { type RecentUsage, readingSums } from './roll-up.ts';

/** The usage of a period. */
export interface UsagePoint {
  readonly period: string;
  readonly sums: ModelSums;
  /** How many users were active; undefined if the query is for one model. */
  readonly users: number | undefined;
}

/** The usage of a model. */
export interface ModelUsage {
  readonly model: string;
  readonly sums: ModelSums;
  /**
   * About what its provider charged, in credits, by the rates of text for requests of usual size;
   * undefined if the provider's price is not known.
   */
  readonly costCredits: number | undefined;
}

/** The usage of a model in each period of `UsageReport.points`, in that order. */
export interface ModelSeries {
  readonly model: string;
  readonly messages: readonly number[];
  readonly charged: readonly Credits[];
}

/** Usage, and the time up to which it is complete. */
export interface UsageReport {
  readonly points: UsagePoint[];
  /** Those with the highest charges first. */
  readonly models: ModelUsage[];
  /** Series of the first models, and of the requested one. */
  readonly courses: ModelSeries[];
  readonly asOfMs: number;
}

/** More lines could not be told apart in one chart. */
const MAX_SERIES = 4;

/** Which usage to read. */
export interface UsageQuery {
  readonly step: Granularity;
  readonly fromMs: number;
  readonly toMs: number;
  /** Limits the points to one model. */
  readonly model: string | undefined;
}

/** Usage of all models or of one, by period and by model, up to the latest charge. */
export function readUsage(context: Context, query: UsageQuery): Promise<UsageReport> {
  return readingSums(context, (fresh) => readWith(context, query, fresh));
}

async function readWith(
  context: Context,
  { step, fromMs, toMs, model }: UsageQuery,
  { sums: fresh, asOfMs }: RecentUsage,
): Promise<UsageReport> {
  const periods = periodsBetween(step, fromMs, toMs);
  const span = { from: periods[0] ?? '', to: periods.at(-1) ?? '' };
  const freshModels = fresh.models.filter((it) => it.step === step);
  const stored = await context.usage.models(step, span);
  const active = await context.usage.active(periods);
  const all = [...stored, ...freshModels].filter(
    (it) => it.period >= span.from && it.period <= span.to,
  );
  const byPeriod = new Map<string, ModelSums>();
  const byModel = new Map<string, Map<string, ModelSums>>();
  for (const it of all) {
    const series = byModel.get(it.model) ?? new Map<string, ModelSums>();
    byModel.set(it.model, series);
    addTo(series, it.period, it.sums);
    if (model === undefined || it.model === model) addTo(byPeriod, it.period, it.sums);
  }
  const newUsers = model === undefined ? await newlyActive(context, fresh.users) : new Map();
  const points = periods.map((period) => ({
    period,
    sums: byPeriod.get(period) ?? NO_MODEL_SUMS,
    users:
      model === undefined
        ? (active.get(period) ?? 0) + ((newUsers.get(period) as number | undefined) ?? 0)
        : undefined,
  }));
  const models = [...byModel]
    .map(([name, series]) => {
      const sums = [...series.values()].reduce(addModelSums, NO_MODEL_SUMS);
      return { model: name, sums, costCredits: costTo(context, name, sums) };
    })
    .toSorted(byCharges);
  const courses = models
    .filter((it, index) => index < MAX_SERIES || it.model === model)
    .map(({ model: name }) => seriesOf(name, byModel.get(name), periods));
  return { points, models, courses, asOfMs };
}

function addTo(sums: Map<string, ModelSums>, period: string, added: ModelSums): void {
  sums.set(period, addModelSums(sums.get(period) ?? NO_MODEL_SUMS, added));
}

/** Highest charges first; free models by their number of messages. */
function byCharges(a: ModelUsage, b: ModelUsage): number {
  return (
    b.sums.charged - a.sums.charged ||
    b.sums.messages - a.sums.messages ||
    (a.model < b.model ? -1 : 1)
  );
}

function seriesOf(
  model: string,
  sums: ReadonlyMap<string, ModelSums> | undefined,
  periods: readonly string[],
): ModelSeries {
  const valuesOf = (pick: (of: ModelSums) => number) =>
    periods.map((period) => pick(sums?.get(period) ?? NO_MODEL_SUMS));
  return { model, messages: valuesOf((it) => it.messages), charged: valuesOf((it) => it.charged) };
}

/** The number of active users who are in no stored sum yet, by period. */
async function newlyActive(
  { usage }: Context,
  fresh: readonly { readonly period: string; readonly userId: number }[],
): Promise<Map<string, number>> {
  const idsByPeriod = new Map<string, number[]>();
  for (const { period, userId } of fresh) {
    idsByPeriod.set(period, [...(idsByPeriod.get(period) ?? []), userId]);
  }
  const counts = new Map<string, number>();
  for (const [period, ids] of idsByPeriod) {
    const known = await usage.ofUsers(period, ids);
    counts.set(period, ids.length - known.length);
  }
  return counts;
}

function costTo({ catalogue }: Context, name: string, sums: ModelSums): number | undefined {
  // A name of the past may be an alias of another model by now.
  const price = catalogue.all.find((it) => it.name === name)?.providerPrice;
  if (!price) return undefined;
  const { input, cachedInput, output, messages } = sums;
  // The steps are for the input of one request; all of them together would be above each.
  const { rates } = price;
  return costOf({ rates }, { ...textUsage({ input, cachedInput, output }), answers: messages });
}

/** The usage of one user, by day or month. */
export function readUserUsage(
  context: Context,
  userId: number,
  { step, fromMs, toMs }: Omit<UsageQuery, 'model'>,
): Promise<{ readonly period: string; readonly sums: UserSums }[]> {
  const periods = periodsBetween(step, fromMs, toMs);
  return readingSums(context, async ({ sums: { users } }) => {
    const fresh = users.filter((it) => it.userId === userId);
    const stored = await context.usage.ofUser(userId, periods);
    const sums = new Map<string, UserSums>();
    for (const it of [...stored, ...fresh]) {
      sums.set(it.period, addUserSums(sums.get(it.period) ?? NO_USER_SUMS, it.sums));
    }
    return periods.map((period) => ({ period, sums: sums.get(period) ?? NO_USER_SUMS }));
  });
}

/** The users with the highest charges of a day or a month, with their names. */
export async function readTopUsers(
  context: Context,
  period: string,
  limit: number,
): Promise<{ userId: number; username: string | undefined; sums: UserSums }[]> {
  const sums = await readingSums(context, async ({ sums: { users } }) => {
    const fresh = users.filter((it) => it.period === period);
    const top = await context.usage.top(period, limit);
    const others = fresh
      .map(({ userId }) => userId)
      .filter((id) => !top.some((it) => it.userId === id));
    const all = new Map<number, UserSums>();
    for (const it of [...top, ...(await context.usage.ofUsers(period, others)), ...fresh]) {
      all.set(it.userId, addUserSums(all.get(it.userId) ?? NO_USER_SUMS, it.sums));
    }
    return all;
  });
  const sorted = [...sums].toSorted(([, a], [, b]) => b.charged - a.charged).slice(0, limit);
  const users = await context.users.among({ usernames: [], ids: sorted.map(([id]) => id) });
  const names = new Map(users.map(({ id, username }) => [id, username]));
  return sorted.map(([userId, it]) => ({ userId, username: names.get(userId), sums: it }));
}
