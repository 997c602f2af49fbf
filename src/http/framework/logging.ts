import { type FastifyServerOptions, LogController } from 'fastify';
import { requestIds, type TrustedPeers } from './request-id.ts';

type LoggingOptions = Pick<
  FastifyServerOptions,
  'logger' | 'logController' | 'genReqId' | 'requestIdHeader'
>;

/** How the server logs: lines of JSON on stdout. Those of requests are in `watching.ts`. */
export function loggingOptions(level: string, peers: TrustedPeers): LoggingOptions {
  return {
    logger: { level, serializers: { err: describeError }, stream: new LogStream() },
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    genReqId: requestIds(peers),
  };
}

/**
 * Writes the lines of one turn of the event loop at once, since a system call for each line would
 * cost more than producing it.
 */
class LogStream {
  #lines = '';

  constructor() {
    // The last words of a process that ends at once.
    process.on('exit', () => this.#flush());
  }

  write(line: string): void {
    if (this.#lines === '') setImmediate(() => this.#flush());
    this.#lines += line;
  }

  #flush(): void {
    if (this.#lines !== '') process.stdout.write(this.#lines);
    this.#lines = '';
  }
}

interface DescribedError {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  readonly [key: string]: unknown;
}

/** The name, message and stack of an error and of its cause, without other properties. */
function describeError(error: Error): DescribedError {
  const { cause } = error;
  return {
    type: error.name,
    message: error.message,
    stack: error.stack ?? '',
    ...(cause instanceof Error ? { cause: describeError(cause) } : {}),
  };
}
