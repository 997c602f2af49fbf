import { randomBytes } from 'node:crypto';
import { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify';

type LoggingOptions = Pick<
  FastifyServerOptions,
  'logger' | 'logController' | 'genReqId' | 'requestIdHeader'
>;

/**
 * Logs one line for each request, after the response. It has the path without the query, and no
 * headers or bodies, so that there are no tokens and passwords to redact.
 */
export function loggingOptions(level: string): LoggingOptions {
  const run = randomBytes(4).toString('hex');
  let requests = 0;
  return {
    logger: { level, serializers: { err: describeError }, stream: new LogStream() },
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    genReqId: () => {
      requests += 1;
      return `${run}-${requests.toString(36)}`;
    },
  };
}

/**
 * Writes the lines of one turn of the event loop at once, since a system call for each line would
 * cost more than producing it.
 */
class LogStream {
  #lines = '';

  write(line: string): void {
    if (this.#lines === '') setImmediate(() => this.#flush());
    this.#lines += line;
  }

  #flush(): void {
    process.stdout.write(this.#lines);
    this.#lines = '';
  }
}

/** Logs every request, and sends its id to the client, to be quoted in bug reports. */
export function registerRequestLog(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { method, url, user } = request;
    const query = url.indexOf('?');
    request.log.info(
      {
        method,
        path: query === -1 ? url : url.slice(0, query),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        user: user?.id,
      },
      'request',
    );
    done();
  });
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
