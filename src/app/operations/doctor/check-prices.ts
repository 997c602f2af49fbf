/** What is charged, beside what the providers take. */
import { type Finding, finding } from '../../../core/doctor.ts';
import { type ComparedModel, type ComparedRate, compareWithCatalogue } from '../compare-prices.ts';
import type { Subject } from './subject.ts';

/** Prices that do not cover what the providers take, now or later; in ms since 1970 UTC. */
export async function checkPrices(
  { deployment }: Pick<Subject, 'deployment'>,
  nowMs: number,
): Promise<Finding[]> {
  if (!deployment) return [];
  // Then there is nothing to compare in dollars, and the catalogue, which takes a fifth of a second
  // to load, need not be read. Who has prices in dollars has it loaded since the start.
  if (deployment.tokenIsWorth === undefined) {
    return [finding('prices_ok', { models: deployment.models.length })];
  }
  const models = await compareWithCatalogue(deployment, nowMs);
  const found = models.flatMap(findingsOf);
  return found.length > 0 ? found : [finding('prices_ok', { models: models.length })];
}

function findingsOf(compared: ComparedModel): Finding[] {
  const { model, provider, isInCatalogue, rates } = compared;
  const isOwn = provider === 'built-in' || provider === 'demo';
  const isUnknown = !isOwn && !isInCatalogue && rates.every((it) => it.provider === undefined);
  return [
    ...rates.flatMap((rate) => rateFindings(model, rate)),
    ...(isUnknown ? [finding('cost_unknown', { model })] : []),
  ];
}

function rateFindings(model: string, rate: ComparedRate): Finding[] {
  const { unit, charged = 0, provider: cost = 0, providerDollars: dollars, coming } = rate;
  const { catalogueDollars: catalogue } = rate;
  const of = { model, unit };
  const isOutdated = catalogue !== undefined && dollars !== undefined;
  return [
    ...(rate.isBelowProvider ? [finding('price_below_cost', { ...of, charged, cost })] : []),
    ...(isOutdated ? [finding('price_outdated', { ...of, dollars, catalogue })] : []),
    ...coming
      .filter(({ isCovered }) => !isCovered)
      .map(({ atMs, dollars: then }) => {
        const at = new Date(atMs).toISOString();
        return finding('price_will_not_cover', { ...of, at, dollars: then });
      }),
  ];
}
