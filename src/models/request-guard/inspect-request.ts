/**
 * Default deny: what a request under `/v1/` can cost is told by its members, before anything is
 * held and before anybody is asked. What is in no table is refused, or passes by a setting.
 */
import { ChitError } from '../../core/errors.ts';
import type { PricedUnit } from '../../core/pricing.ts';
import { OPEN_REGIONS, OPEN_TIERS } from '../../core/quote.ts';
import type { Unit } from '../../core/units.ts';
import type { Counts } from '../../core/usage.ts';
import { NAME_OF_RATE } from '../prices/rate-names.ts';
import type { ProviderApi } from '../provider-apis/provider-api.ts';
import { type Concern, Inspection, type Need, REGION_FEATURE } from './inspection.ts';
import { repeatedMember } from './repeated-members.ts';

/** Units that tools use once a call. */
const ONE_BY_ONE: readonly Unit[] = ['search', 'image'];
/** Calls of tools where neither the request nor its API limits them. */
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
  /** Whether the input is in the body when the model reads it for the first time. */
  readonly isSeen: boolean;
  /**
   * How often the model reads all of its input again, with what has been added to it: after each
   * call of a tool that the provider runs, and for a summary.
   */
  readonly rereads: number;
  /** The limit of calls to set, where the API has one and the request does not give it. */
  readonly toolCalls: number | undefined;
  /** The most that it can use of what is not counted in tokens, such as searches. */
  readonly others: Counts;
  /** Service tiers beyond the usual one by which it may be answered, asked for or not. */
  readonly tiers: readonly string[];
  /** Regions beyond the usual one in which it may be answered. */
  readonly regions: readonly string[];
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
  const { thinking, rereading, unseen } = inspection;
  const concerns = inspection.concerns.concat(loopConcerns(api, inspection));
  const { calls, rereads } = callsOf(api, inspection);
  const { outputLimit, answers, isStream } = api.wanted(body.value);
  const least = (thinking?.budget ?? 0) + 1;
  const units = new Set(concerns.flatMap(({ need }) => (isUnits(need) ? need.units : [])));
  const others: Partial<Record<Unit, number>> = {};
  for (const unit of ONE_BY_ONE) {
    const most = inspection.searchesFreely ? Math.max(calls, USUAL_CALLS) : calls;
    if (units.has(unit) && !api.extent) others[unit] = most || USUAL_CALLS;
  }
  return {
    units,
    unseen: unseen ?? rereading,
    isSeen: unseen === undefined,
    rereads,
    toolCalls: isUnlimited(inspection) && api.toolLoop === 'limited' ? USUAL_CALLS : undefined,
    others,
    tiers: tiersOf(concerns, inspection.isTierOpen && api.hasText),
    regions: regionsIn(concerns) ?? OPEN_REGIONS,
    answers: Math.max(1, answers),
    outputLimit,
    // With less than its budget the request is the client's mistake, and the provider says so.
    leastOutput: Math.min(least, outputLimit ?? least),
    thinking,
    isStream,
    concerns,
  };
}

/** The tiers that were asked for, and if that leaves any open, those too. */
function tiersOf(concerns: readonly Concern[], isOpen: boolean): readonly string[] {
  const asked = concerns.flatMap(({ need, feature }) =>
    isTier(need) && feature !== REGION_FEATURE ? [need.tier] : [],
  );
  if (!isOpen) return asked;
  return asked.length === 0 ? OPEN_TIERS : [...asked, ...OPEN_TIERS];
}

/** The region that was asked for; undefined if none was. */
function regionsIn(concerns: readonly Concern[]): string[] | undefined {
  const need = concerns.find(({ feature }) => feature === REGION_FEATURE)?.need;
  return need && isTier(need) ? [need.tier] : undefined;
}

function isUnlimited({ unlimitedTool, toolCallLimit }: Inspection): boolean {
  return unlimitedTool !== undefined && toolCallLimit === undefined;
}

/** The most calls of tools that the provider runs, and how often the input is read for them. */
function callsOf({ toolLoop }: ProviderApi, inspection: Inspection) {
  const { limitedCalls, unlimitedTool, toolCallLimit, summaries } = inspection;
  const limit = toolCallLimit ?? Number.POSITIVE_INFINITY;
  const usual = Math.max(limitedCalls, USUAL_CALLS);
  const calls =
    unlimitedTool === undefined ? Math.min(limitedCalls, limit) : (toolCallLimit ?? usual);
  // A call beyond `max_uses` is answered with an error, which the model reads as well.
  const rounds =
    toolLoop === undefined || toolLoop === 'limited' || calls === 0
      ? calls
      : Math.min(unlimitedTool === undefined ? calls + 1 : toolLoop, toolLoop);
  return { calls, rereads: rounds + summaries };
}

/** Tools that the provider runs as often as the model likes, as far as is known. */
function loopConcerns({ toolLoop }: ProviderApi, { unlimitedTool }: Inspection): Concern[] {
  if (unlimitedTool === undefined || typeof toolLoop === 'number') return [];
  const need = toolLoop === 'limited' ? 'tool_calls' : 'unmetered';
  return [{ member: unlimitedTool, feature: 'tool_calls', need }];
}

/** What the deployment allows for one model. */
export interface GuardRules {
  /** Units that have a rate, `"free"` included. */
  readonly pricedUnits: ReadonlySet<Unit>;
  readonly pricedTiers: ReadonlySet<string>;
  /** Units that the price itself names. */
  readonly namedUnits?: ReadonlySet<PricedUnit>;
  /** Features that may cost more than is charged. */
  readonly allowUnpriced: readonly string[];
  /** Members of which Chit has never heard. */
  readonly unknownMembers: 'pass' | 'refuse';
  /** Whether the provider may fetch URLs that clients send. */
  readonly fetchesUrls: boolean;
  /** Whether it keeps to `max_tool_calls`. */
  readonly limitsToolCalls: boolean;
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
    need === 'unmetered' || need === 'tool_calls'
      ? undefined
      : isTier(need)
        ? `"${need.tier}" in the "tiers" of its price`
        : `${need.units.map(rateNameOf).join(' or ')} in its price`;
  const remedy = price === undefined ? permission : `${price} or ${permission}`;
  return new ChitError('member_unpriced', { member, remedy });
}

function rateNameOf(unit: Unit): string {
  return JSON.stringify(NAME_OF_RATE[unit]);
}

function isAllowed({ need, feature }: Concern, rules: GuardRules): boolean {
  if (need === 'unknown') return rules.unknownMembers === 'pass';
  if (need === 'url') return rules.fetchesUrls;
  if (rules.allowUnpriced.includes(feature)) return true;
  if (need === 'tool_calls') return rules.limitsToolCalls;
  if (need === 'unmetered') return false;
  if (isTier(need)) {
    const isTold = need.unless !== undefined && rules.namedUnits?.has(need.unless) === true;
    return isTold || rules.pricedTiers.has(need.tier);
  }
  return need.units.some((unit) => rules.pricedUnits.has(unit));
}

function isTier(need: Concern['need']): need is Extract<Need, { readonly tier: string }> {
  return typeof need === 'object' && 'tier' in need;
}

function isUnits(need: Concern['need']): need is { readonly units: readonly [Unit, ...Unit[]] } {
  return typeof need === 'object' && 'units' in need;
}
