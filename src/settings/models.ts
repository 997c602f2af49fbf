/** What models are offered, and what one account may use of them. */
import { MAX_CREDITS } from '../core/credits.ts';
import { oneOf, wholeNumber } from './parsers.ts';
import { setting } from './setting.ts';

export const MODELS = {
  configFile: setting({
    name: 'CHIT_CONFIG',
    fallback: '',
    fallbackNote: '`chit.json`, if it exists',
    doc: 'File with the providers and models, and their prices.',
    parse: (text) => text,
  }),
  demoModel: setting({
    name: 'CHIT_DEMO_MODEL',
    fallback: '0',
    doc: 'With 1 and without that file, there is a model `demo`, which streams a page of Markdown.',
    parse: (text) => oneOf('0', '1')(text) === '1',
  }),
  messagePrice: setting({
    name: 'CHIT_MESSAGE_PRICE',
    fallback: '100',
    doc: 'Price of a message to the built-in model.',
    parse: wholeNumber({ from: 0, to: MAX_CREDITS }),
  }),
  minOutputTokens: setting({
    name: 'CHIT_MIN_OUTPUT_TOKENS',
    fallback: '16',
    doc: 'A balance must pay for at least this much output, in model tokens.',
    parse: wholeNumber({ from: 1, to: 1_000_000 }),
  }),
  requestsPerMinute: setting({
    name: 'CHIT_REQUESTS_PER_MINUTE',
    fallback: '0',
    doc: 'Requests to models per account and minute. 0 for no limit.',
    parse: wholeNumber({ from: 0, to: 1_000_000_000 }),
  }),
  concurrentGenerations: setting({
    name: 'CHIT_CONCURRENT_GENERATIONS',
    fallback: '0',
    doc: 'Concurrent replies per account. 0 for no limit.',
    parse: wholeNumber({ from: 0, to: 1_000_000_000 }),
  }),
  usageTokensPerMinute: setting({
    name: 'CHIT_USAGE_TOKENS_PER_MINUTE',
    fallback: '0',
    doc: 'Model tokens, input and output, per account and minute. 0 for no limit.',
    parse: wholeNumber({ from: 0, to: 1_000_000_000 }),
  }),
  turnWaitSeconds: setting({
    name: 'CHIT_TURN_WAIT_SECONDS',
    fallback: '30',
    doc: 'How long a request waits for tokens that running requests of the same account hold.',
    parse: wholeNumber({ from: 0, to: 600 }),
  }),
  readOnSeconds: setting({
    name: 'CHIT_READ_ON_SECONDS',
    fallback: '10',
    doc: 'How long a model is still read, for its usage, after its client under `/v1/` has left.',
    parse: wholeNumber({ from: 0, to: 600 }),
  }),
  leaseSeconds: setting({
    name: 'CHIT_LEASE_SECONDS',
    fallback: '10',
    doc: 'How long after a crash of a server other servers settle or release its holds.',
    parse: wholeNumber({ from: 1, to: 3_600 }),
  }),
  messageLimitCharacters: setting({
    name: 'CHIT_MESSAGE_LIMIT_CHARACTERS',
    fallback: '100000',
    doc: 'Longest message of a chat, in characters. Not for `/v1/`.',
    parse: wholeNumber({ from: 1_000, to: 10_000_000 }),
  }),
  filesQuotaMegabytes: setting({
    name: 'CHIT_FILES_QUOTA_MB',
    fallback: '100',
    doc: 'What the files of one user in chats may have together, in megabytes. 0 for no files.',
    parse: wholeNumber({ from: 0, to: 1_000_000 }),
  }),
  sharedFilesQuotaMegabytes: setting({
    name: 'CHIT_SHARED_FILES_QUOTA_MB',
    fallback: '200',
    doc: 'The same of all assistants that are shared with one group, or with everybody.',
    parse: wholeNumber({ from: 0, to: 1_000_000 }),
  }),
  titleModel: setting({
    name: 'CHIT_TITLE_MODEL',
    fallback: '',
    fallbackNote: 'none: titles are first lines',
    doc: 'Model that titles a chat after its first reply, charged like a message to it.',
    parse: (text) => text,
  }),
};
