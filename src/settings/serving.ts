/** What a server listens on, whom it answers, and how it stops. */
import {
  listenHost,
  listOf,
  oneOf,
  origin,
  proxyAddress,
  publicUrl,
  wholeNumber,
} from './parsers.ts';
import { setting } from './setting.ts';

export const SERVING = {
  host: setting({
    name: 'CHIT_HOST',
    fallback: '127.0.0.1',
    doc: 'Address to listen on. `0.0.0.0` for every network; `unix:PATH` for a Unix socket.',
    parse: listenHost,
  }),
  port: setting({
    name: 'CHIT_PORT',
    fallback: '8000',
    doc: 'Port to listen on. 0 takes any free one.',
    parse: wholeNumber({ from: 0, to: 65_535 }),
  }),
  workers: setting({
    name: 'CHIT_WORKERS',
    fallback: '1',
    doc: 'Processes that share the port. More than 1 needs PostgreSQL.',
    parse: wholeNumber({ from: 1, to: 256 }),
  }),
  handover: setting({
    name: 'CHIT_HANDOVER',
    fallback: '0',
    doc: 'With 1, a server can start beside one that runs, on its port, and take over from it.',
    parse: (text) => oneOf('0', '1')(text) === '1',
  }),
  stopDelaySeconds: setting({
    name: 'CHIT_STOP_DELAY_SECONDS',
    fallback: '0',
    doc: 'How long a server that is told to stop takes requests still, with `/readyz` at 503.',
    parse: wholeNumber({ from: 0, to: 3_600 }),
  }),
  stopSeconds: setting({
    name: 'CHIT_STOP_SECONDS',
    fallback: '25',
    doc: 'How long replies may go on after that. Then they end with what was delivered.',
    parse: wholeNumber({ from: 0, to: 86_400 }),
  }),
  corsOrigins: setting({
    name: 'CHIT_CORS_ORIGINS',
    fallback: '',
    fallbackNote: 'none',
    doc: 'Origins of other sites whose pages may call `/api/`, separated by commas.',
    parse: listOf(origin),
  }),
  trustedProxies: setting({
    name: 'CHIT_TRUSTED_PROXIES',
    fallback: '',
    fallbackNote: 'none',
    doc: 'Addresses of reverse proxies whose `X-Forwarded-For` is trusted.',
    parse: listOf(proxyAddress),
  }),
  publicUrl: setting({
    name: 'CHIT_PUBLIC_URL',
    fallback: '',
    fallbackNote: 'none',
    doc: 'Address of the site, such as `https://example.org/chat/`: for links and cookies.',
    parse: publicUrl,
  }),
  bodyLimitBytes: setting({
    name: 'CHIT_BODY_LIMIT_BYTES',
    fallback: '1048576',
    doc: 'Largest request body.',
    parse: wholeNumber({ from: 1_024, to: 1_073_741_824 }),
  }),
  gatewayBodyLimitBytes: setting({
    name: 'CHIT_GATEWAY_BODY_LIMIT_BYTES',
    fallback: '33554432',
    doc: 'Largest request body under `/v1/`, where bodies contain images and documents.',
    parse: wholeNumber({ from: 1_024, to: 1_073_741_824 }),
  }),
  requestTimeoutSeconds: setting({
    name: 'CHIT_REQUEST_TIMEOUT_SECONDS',
    fallback: '30',
    doc:
      'How long a client may take to send a request; files and bodies under `/v1/` take longer ' +
      'while 16 KB a second keep coming.',
    parse: wholeNumber({ from: 1, to: 3_600 }),
  }),
  readerTimeoutSeconds: setting({
    name: 'CHIT_READER_TIMEOUT_SECONDS',
    fallback: '60',
    doc: 'How long a client may read nothing of its stream under `/v1/` before it is cut off.',
    parse: wholeNumber({ from: 1, to: 3_600 }),
  }),
  logLevel: setting({
    name: 'CHIT_LOG_LEVEL',
    fallback: 'info',
    doc: 'One of `fatal`, `error`, `warn`, `info`, `debug`, `trace`, `silent`.',
    parse: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
  }),
};
