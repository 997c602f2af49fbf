/**
 * Default deny: what a request under `/v1/` can cost is told by its members, before anything is
 * held and before anybody is asked. What is in no table is refused, or passes by a setting.
 */
import { ChitError } from '../../core/errors.ts';
import type { Unit } from '../../core/units.ts';
import type { Counts } from '../../core/usage.ts';
import type { ProviderApi } from '../provider-apis/provider-api.ts';
import { type Concern, Inspection } from './inspection.ts';
import { repeatedMember } from './repeated-members.ts';

/** Units that tools use once a call. */
const ONE_BY_ONE: readonly Unit[] = ['search', 'image'];
/** Calls of tools where a request does not limit them: more are the operator's. */
const USUAL_CALLS = 10;

/** What a request asks for, and what it can cost beyond the input and output that are seen. */
export interface InspectedRequest {
  /** Units that its usage may have beside those of text, such as `search`. */
  readonly units: ReadonlySet<Unit>;
  /**
   * The first member that stands for input which is not in the body: up to the model's context
   * window. Files that cannot be seen are not meant.
   */
  readonly unseen: string | undefined;
  /** Whether the provider runs tools: between their calls the model reads its input again. */
  readonly hasServerTools: boolean;
  /** The most that it can use of what is not counted in tokens, such as searches. */
  readonly others: Counts;
  /** Service tiers beyond the usual one. */
  readonly tiers: readonly string[];
  /** How many answers to the same input are wanted, at least 1. */
  readonly answers: number;
  /** The most tokens per answer; undefined if the request does not limit them. */
  readonly outputLimit: number | undefined;
  /** The lowest limit that the provider accepts: it must be larger than the thinking budget. */
  readonly leastOutput: number;
  /** Tokens of thinking within the output; undefined if the request does not limit them. */
  readonly thinking: { readonly member: string; readonly budget: number } | undefined;
  readonly isStream: boolean;
  /** What has to be allowed; see `refusalOf`. */
  readonly concerns: readonly Concern[];
}

/**
 * Reads the body of a request, in time linear in its length.
 * @param body as the client sent it, and parsed, perhaps with its pictures cut short
 * @throws ChitError `member_invalid` for a member of the wrong type, or with a value that no
 *   provider takes; `member_repeated` for one that is given twice, or under a name that some
 *   parsers take for another
 */
export function inspectRequest(
  api: ProviderApi,
  body: { readonly json: Buffer; readonly value: Readonly<Record<string, unknown>> },
): InspectedRequest {
  const repeated = repeatedMember(body.json);
  if (repeated !== undefined) {
    throw new ChitError('member_repeated', { member: repeated, readAs: repeated });
  }
  const inspection = new Inspection();
  api.table(body.value, inspection);
  const { concerns, thinking, hasServerTools, serverToolCalls, unseen } = inspection;
  const { outputLimit, answers, isStream } = api.wanted(body.value);
  const least = (thinking?.budget ?? 0) + 1;
  const units = new Set(concerns.flatMap(({ need }) => (isUnits(need) ? need.units : [])));
  const others: Partial<Record<Unit, number>> = {};
  for (const unit of ONE_BY_ONE) {
    if (units.has(unit)) others[unit] = serverToolCalls || USUAL_CALLS;
  }
  return {
    units,
    unseen,
    hasServerTools,
    others,
    tiers: concerns.flatMap(({ need }) => (isTier(need) ? [need.tier] : [])),
    answers: Math.max(1, answers),
    outputLimit,
    // With less than its budget the request is the client's mistake, and the provider says so.
    leastOutput: Math.min(least, outputLimit ?? least),
    thinking,
    isStream,
    concerns,
  };
}

/** What the deployment allows for one model. */
export interface GuardRules {
  /** Units that have a rate, `"free"` included. */
  readonly pricedUnits: ReadonlySet<Unit>;
  readonly pricedTiers: ReadonlySet<string>;
  /** Features that may cost more than is charged. */
  readonly allowUnpriced: readonly string[];
  /** Members of which Chit has never heard. */
  readonly unknownMembers: 'pass' | 'refuse';
  /** Whether the provider may fetch URLs that clients send. */
  readonly fetchesUrls: boolean;
}

/** Why a model may not be asked; undefined if it may. */
export function refusalOf(
  { concerns }: InspectedRequest,
  rules: GuardRules,
): ChitError<'member_unpriced' | 'member_unknown' | 'url_not_fetched'> | undefined {
  const concern = concerns.find((it) => !isAllowed(it, rules));
  if (!concern) return undefined;
  const { member, need, feature } = concern;
  if (need === 'unknown') return new ChitError('member_unknown', { member });
  if (need === 'url') return new ChitError('url_not_fetched', { member });
  const permission = `"allowUnpriced": [${JSON.stringify(feature)}]`;
  const price =
    need === 'unmetered'
      ? undefined
      : isTier(need)
        ? `a price for the tier "${need.tier}"`
        : `a price for "${need.units[0]}"`;
  const remedy = price === undefined ? permission : `${price} or ${permission}`;
  return new ChitError('member_unpriced', { member, remedy });
}

function isAllowed({ need, feature }: Concern, rules: GuardRules): boolean {
  if (need === 'unknown') return rules.unknownMembers === 'pass';
  if (need === 'url') return rules.fetchesUrls;
  if (rules.allowUnpriced.includes(feature)) return true;
  if (need === 'unmetered') return false;
  if (isTier(need)) return rules.pricedTiers.has(need.tier);
  return need.units.some((unit) => rules.pricedUnits.has(unit));
}

function isTier(need: Concern['need']): need is { readonly tier: string } {
  return typeof need === 'object' && 'tier' in need;
}

function isUnits(need: Concern['need']): need is { readonly units: readonly [Unit, ...Unit[]] } {
  return typeof need === 'object' && 'units' in need;
}
