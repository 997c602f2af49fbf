import { number } from './plurals.ts';

/** Texts about usage: charts and tables. */
export const enUsage = {
  timeSpan: 'Time span',
  lastDay: 'Last 24 hours',
  last30Days: 'Last 30 days',
  lastYear: 'Last 12 months',
  byGranularity: { hour: 'By hour', day: 'By day', month: 'By month' },
  allModels: 'All models',
  usageLast30Days: 'Usage, last 30 days',

  charged: 'Tokens charged',
  refundedTokens: 'Refunded',
  input: 'Input tokens',
  output: 'Output tokens',
  inputShort: 'input',
  outputShort: 'output',
  modelTokens: 'Model tokens',
  activeUsers: 'Active users',
  failures: 'Failed',
  responseTime: 'Response time',
  median: 'Median',
  p95: '95th percentile',
  medianApproximate: 'Median (approx.)',
  p95Approximate: '95th percentile (approx.)',
  messagesByModel: 'Messages by model',
  chargedByModel: 'Tokens charged by model',

  chart: 'chart',
  chartHint: 'Use the left and right arrow keys to read the values.',
  total: (count: string) => `${count} in total`,
  peak: (count: string) => `peak ${count}`,
  noneInSpan: 'None in this time span.',
  approximate: (seconds: string) => `about ${seconds}`,
  underShortest: 'under 0.1 s',
  approximateText: 'Accurate to about 10%',
  topModels: (count: number) =>
    `The ${count} models with the highest charges; the table has all of them.`,

  utc: 'Days and hours are in UTC.',
  stillRunning: {
    hour: 'Dashed: the current hour, still running.',
    day: 'Dashed: today, still running.',
    month: 'Dashed: the current month, still running.',
  },
  soFar: 'so far',
  asOf: (when: string) => `As of ${when}; newer data is still being processed.`,

  inNumbers: 'In numbers',
  period: 'Period (UTC)',
  day: 'Day (UTC)',
  byModel: 'By model',
  providerCost: 'Provider cost',
  earned: 'Earned',
  shortfall: 'Uncovered',
  notSpecified: 'not specified',
  earnedText: 'Earned: tokens charged, less refunds and provider cost.',
  byUser: 'By user',
  topUsers: 'Top users',
  usersOfAllModels: 'Usage by user is only available for all models together.',
  noUsageByUser: 'No usage in this period.',
  showRows: (count: number) => `Show all ${number(count)}`,

  noUsage: 'No models were used in this time span.',
  noUsageText:
    'After the first message you will see charts here of messages, tokens, users, failures and ' +
    'response times.',
  showLastYear: 'Show the last 12 months',
};
