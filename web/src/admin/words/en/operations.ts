import { counted } from './plurals.ts';

/** Texts about models, providers and settings. */
export const enOperations = {
  provider: 'Provider',
  providers: 'Providers',
  price: 'Price',
  providerPrice: 'Provider’s price',
  perMessage: (tokens: string) => `${tokens} per message`,
  perMillionInput: (tokens: string) => `${tokens} per 1M input`,
  perMillionOutput: (tokens: string) => `${tokens} per 1M output`,
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
  appearance: 'Appearance',
  noSettings: 'No settings match.',
};
