import type { CheckoutSpeed } from '../measure/against.ts';
import { comparisonCells, comparisonHead, type Section } from './parts.ts';

/** How far from 1 a ratio may be for two checkouts to count as equally fast. */
const TOLERANCE = 0.03;

/** Two checkouts, side by side. */
export function againstSection(speeds: readonly CheckoutSpeed[]): Section {
  const rows = speeds.map((it) => [it.what, ...comparisonCells(it), verdictOf(it)]);
  const lines = speeds.map(
    (it) => `${it.what}: ratio of the medians ${ratioOfMedians(it).toFixed(3)}`,
  );
  return {
    title: `This checkout and ${speeds[0]?.other}`,
    table: { head: ['', ...comparisonHead('this', 'other')], rows },
    lines,
  };
}

function ratioOfMedians({ first, second }: CheckoutSpeed): number {
  return first.perSecond / second.perSecond;
}

function verdictOf(speed: CheckoutSpeed): string {
  const percent = (ratioOfMedians(speed) - 1) * 100;
  const isWithin = Math.abs(percent) <= TOLERANCE * 100;
  return `within ${TOLERANCE * 100} %: ${isWithin ? 'yes' : 'no'} (${percent.toFixed(1)} %)`;
}
