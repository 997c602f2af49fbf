import { counted } from './plurals.ts';

/** Texts about models, providers and settings. */
export const enOperations = {
  provider: 'Provider',
  providers: 'Providers',
  price: 'Price',
  providerPrice: 'Provider’s price',
  perMessage: (tokens: string) => `${tokens} per message`,
  ratePerMillion: (unit: string, tokens: string) => `${unit}: ${tokens} per\u{A0}1M`,
  rateEach: (unit: string, tokens: string) => `${unit}: ${tokens} each`,
  ratesAbove: (tokens: string) => `If there are more input tokens than ${tokens}:`,
  tierFactor: (tier: string, factor: string) => `tier ${tier}: × ${factor}`,
  unpriced: 'Used without a price in the last 7 days:',
  unpricedUnit: (unit: string, count: string, charges: number) =>
    `${unit}: ${count} in ${counted(charges, 'charge')}`,
  availableTo: 'Available to',
  audiences: { everyone: 'everyone', staff: 'staff' },
  fallbacks: 'Falls back to',
  health: 'Health, last hour',
  healthStates: { answering: 'healthy', failing: 'failing', quiet: 'idle' },
  failedOf: (failed: string, all: string) => `${failed} of ${all} failed`,
  byFallback: (replies: string) => `${replies} answered by a fallback`,
  byDearerFallback: (replies: string) => `${replies} of these at a higher price`,
  endpoint: (position: string) => `Endpoint ${position}`,
  restReasons: {
    account: 'Key or account refused: please check them with the provider',
    limited: 'Rate limit reached',
    failing: 'No answer',
  },
  restsFor: (time: string) => `resting for ${time}`,
  builtIn: 'built in',
  noProviders: 'No providers are configured: only the models built into Chit.',
  tryModel: 'Try a model',
  tryModelText: 'Sends a message as you, paid from your balance.',
  replyCost: (tokens: number, time: string) => `${counted(tokens, 'token')} · ${time}`,

  configurationFile: 'Configuration file',
  fileReadAt: (file: string, when: string) => `${file}, read ${when}`,
  noFile: (when: string) =>
    `There is no chit.json: the models on offer follow from the settings, read ${when}.`,
  rereadRefused: (when: string) =>
    `The file was read again ${when} and has errors. The previous configuration stays in effect.`,
  fileFaults: (count: number) =>
    `The file has ${counted(count, 'error')}. The previous configuration stays in effect.`,
  checkFile: 'Check for changes',
  fileUnchanged: 'The file matches the configuration in effect.',
  fileChanges: (count: number) => `The file would change ${counted(count, 'value')}.`,
  applyFile: 'Apply',
  fileApplied: 'Applied. Answers in progress keep their prices.',
  entry: 'Entry',
  aliases: 'Aliases',
  rateLimits: 'Rate limits',
  limit: 'Limit',
  limitScopes: { account: 'each account', key: 'each API key' },
  limitNames: {
    requests_per_minute: 'requests per minute',
    concurrent_generations: 'answers at the same time',
    usage_tokens_per_minute: 'model tokens per minute',
  },
  unlimited: 'no limit',
  limitSources: { file: 'configuration file', none: 'not set' },

  undeclaredProxy: (address: string) =>
    `Requests arrive through a proxy (${address}) that CHIT_TRUSTED_PROXIES does not name. ` +
    'All of its clients count as one address, so failed sign-ins of one lock out the others.',
  setting: 'Setting',
  value: 'Value',
  source: 'Source',
  hidden: 'hidden',
  sources: { default: 'default', environment: 'environment', '.env': '.env' },
  /** A note where the descriptions of settings are in another language; empty if they are not. */
  descriptionsNote: '',
  display: 'Display',
  noSettings: 'No settings match.',

  servers: 'Servers',
  server: 'Server',
  thisServer: 'this one',
  version: 'Version',
  runsSince: 'Running since',
  differences: 'Differences',
  noDifferences: 'none',
  differencesOf: {
    secret_key: 'Another secret key: sign-ins and voucher codes of one are refused by the other.',
    deployment: 'Other models, prices or limits: the same request may cost more on one of them.',
  },
  clockAhead: (seconds: string) => `Its clock is ${seconds}\u{A0}s ahead of the database’s.`,
  clockBehind: (seconds: string) => `Its clock is ${seconds}\u{A0}s behind the database’s.`,
  limitsNotShared:
    'The database cannot be asked at present: each server counts requests for itself.',
};
