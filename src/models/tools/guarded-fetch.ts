/**
 * Requests to tools and webhooks: which addresses are connected to, and how much of an answer is
 * read.
 */
import { lookup as resolveName } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, fetch as request } from 'undici';
import { isPrivateAddress } from '../provider-client/private-network.ts';
import { ToolFailure } from './tool.ts';

const CONNECT_MS = 10_000;
/** Of one response, all of its events included. */
const MOST_BYTES = 2_000_000;

/** A fetch with connections of its own, such as for one tool. */
export interface GuardedFetch {
  /** As the global one; bodies of responses end with an error after so many bytes. */
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  close(): Promise<void>;
}

/**
 * A fetch that connects to public addresses only. It is the address itself that is checked, right
 * where the connection is made, so that neither a name that means another address the next moment
 * nor a redirect leads anywhere else.
 */
export function guardedFetch(options: {
  readonly allowPrivate: boolean;
  /** In place of the system's resolver, in tests. */
  readonly resolve?: typeof resolveName;
  /** The error for an address that is refused. */
  readonly refusal?: (name: string) => Error;
}): GuardedFetch {
  const { allowPrivate, resolve = resolveName, refusal = privateAddress } = options;
  const lookup: LookupFunction = (name, how, done) => {
    resolve(name, { ...how, all: true }, (error, found) => {
      const addresses = found ?? [];
      const refused = allowPrivate
        ? undefined
        : addresses.find(({ address }) => isPrivateAddress(address));
      const [first] = addresses;
      if (error) done(error, '', 0);
      else if (refused || !first) done(refusal(name), '', 0);
      else if (how.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
  const connect = buildConnector({ timeout: CONNECT_MS, lookup });
  const agent = new Agent({
    connect: (to, done) => {
      const name = to.hostname.replace(/^\[|\]$/g, '');
      // No name is resolved then.
      const isRefused = !allowPrivate && isIP(name) !== 0 && isPrivateAddress(name);
      if (isRefused) done(refusal(name), null);
      else connect(to, done);
    },
  });
  return {
    fetch: async (url, init) => {
      const all = { ...init, dispatcher: agent } as Parameters<typeof request>[1];
      const response = (await request(url, all)) as unknown as Response;
      return bounded(response);
    },
    close: () => agent.destroy(),
  };
}

function privateAddress(name: string): ToolFailure {
  return new ToolFailure(
    `${name} is an address of a private network. It is allowed by "allowPrivate": true of the ` +
      'tool in chit.json.',
  );
}

/** A response whose body ends with an error once it is too long. */
function bounded(response: Response): Response {
  const { body, status, statusText, headers } = response;
  if (!body) return response;
  let bytes = 0;
  const counted = body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        if (bytes > MOST_BYTES) controller.error(new ToolFailure('The answer is too long.'));
        else controller.enqueue(chunk);
      },
    }),
  );
  // It was decoded on the way.
  const sent = new Headers(headers);
  sent.delete('content-encoding');
  sent.delete('content-length');
  return new Response(counted, { status, statusText, headers: sent });
}
