/** Ids of requests, by which log lines, responses and traces are found again. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';

/** What a proxy may call a request: a UUID, a number, the id of a load balancer. */
const USABLE_ID = /^[\w.:=+/@-]{1,128}$/;
/** https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}/;

/** The proxies whose headers are believed. */
export class TrustedPeers {
  readonly #list = new BlockList();
  readonly #hasAny: boolean;

  /** @param addresses and CIDR ranges, as `CHIT_TRUSTED_PROXIES` has them */
  constructor(addresses: readonly string[]) {
    this.#hasAny = addresses.length > 0;
    for (const it of addresses) {
      const [address = '', bits] = it.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(bits), family);
    }
  }

  /** Whether one of them sends a request itself. */
  sent({ socket }: IncomingMessage): boolean {
    const { remoteAddress } = socket;
    if (!this.#hasAny || remoteAddress === undefined) return false;
    return this.#list.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4');
  }
}

/**
 * Names requests: as a trusted proxy does, by `X-Request-Id` or by the trace id of `traceparent`,
 * else by a random word for each start and a number.
 */
export function requestIds(peers: TrustedPeers): (request: IncomingMessage) => string {
  const run = randomBytes(4).toString('hex');
  let requests = 0;
  return (request) => {
    const given = peers.sent(request) ? idIn(request) : undefined;
    if (given !== undefined) return given;
    requests += 1;
    return `${run}-${requests.toString(36)}`;
  };
}

function idIn({ headers }: IncomingMessage): string | undefined {
  const id = headers['x-request-id'];
  if (typeof id === 'string' && USABLE_ID.test(id)) return id;
  const { traceparent } = headers;
  return typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent)?.[1] : undefined;
}
