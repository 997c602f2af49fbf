import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Notices a proxy that `CHIT_TRUSTED_PROXIES` does not name. */
export class ProxyWatch {
  #address: string | undefined;

  /** The address of the first such proxy since the start; undefined if there was none. */
  get address(): string | undefined {
    return this.#address;
  }

  /** Looks at every request until it has found one. */
  register(app: FastifyInstance): void {
    app.addHook('onRequest', (request, _reply, done) => {
      if (this.#address === undefined && isForwardedByStranger(request)) this.#warn(request);
      done();
    });
  }

  #warn(request: FastifyRequest): void {
    const address = request.socket.remoteAddress ?? '';
    this.#address = address;
    request.log.warn(
      { address },
      'A request was forwarded by a proxy that CHIT_TRUSTED_PROXIES does not name. If it is ' +
        'yours, name its address there: until then all of its clients count as one address, ' +
        'so that failed sign-ins of one of them lock out the others.',
    );
  }
}

/**
 * Whether a proxy that is not named has forwarded a request. Proxies say for whom they ask by the
 * usual headers, or by that of RFC 7239.
 */
export function isForwardedByStranger(request: FastifyRequest): boolean {
  const { headers } = request;
  const hasAddress = headers['x-forwarded-for'] !== undefined;
  const isForwarded =
    hasAddress || headers['x-forwarded-proto'] !== undefined || headers.forwarded !== undefined;
  if (!isForwarded) return false;
  // The first of `ips` is the peer; there are more of them only if the peer is trusted. Without any
  // proxy declared there are none.
  const { ips } = request;
  return ips === undefined || (hasAddress && ips.length < 2);
}
