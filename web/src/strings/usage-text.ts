import type { Booking } from '../api/types.ts';
import { number, strings } from './strings.ts';

/** The name of a unit of usage, or of `tier:NAME`. */
export function unitName(unit: string): string {
  const { units, tier } = strings.value;
  const [, name] = unit.split('tier:');
  return name === undefined ? (units[unit] ?? unit.replaceAll('_', ' ')) : tier(name);
}

/** What a charge is for, in words; empty if its price does not depend on that. */
export function usageText(usage: Booking['usage']): string {
  if (!usage) return '';
  const { units, tier, unpriced, input, cached_input: cached, output } = usage;
  const text = { input: (input ?? 0) - (cached ?? 0), cached_input: cached, output };
  return [
    countsText(units ?? text),
    tier && strings.value.tier(tier),
    unpriced && strings.value.notCharged(Object.keys(unpriced).map(unitName).join(', ')),
  ]
    .filter(Boolean)
    .join(' · ');
}

function countsText(counts: Readonly<Record<string, number | null>>): string {
  return Object.entries(counts)
    .flatMap(([unit, count]) => (count ? `${unitName(unit)}: ${number(count)}` : []))
    .join(' · ');
}
