import { useMemo } from 'preact/hooks';
import { words } from '../words/words.ts';
import { Chart } from './chart.tsx';
import { startOfPeriod } from './granularity.ts';

/** What was charged in each period. */
export function ChargedChart(props: {
  points: readonly { readonly period: string; readonly charged: number }[];
}) {
  const { points } = props;
  // Memoised, because the chart is redrawn when its arrays change.
  const { charged: label } = words.value;
  const chart = useMemo(
    () => ({
      times: points.map(({ period }) => startOfPeriod(period)),
      series: [{ label, values: points.map(({ charged }) => charged) }],
    }),
    [points, label],
  );
  const total = points.reduce((sum, { charged }) => sum + charged, 0);
  return <Chart title={label} total={total} {...chart} />;
}
