/** A connection to an LDAP server for one sign-in. */
import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectSecurely } from 'node:tls';
import type { Client } from 'ldapts';
import type { LdapSettings } from '../../core/ldap.ts';

/** What is done with a connection; a test can script it. */
export interface LdapConnection {
  /** @returns false if the server does not take the name with this password */
  bind(dn: string, password: string): Promise<boolean>;
  /** Entries in no order; more than `limit` are an error. */
  search(base: string, search: LdapSearch): Promise<LdapEntry[]>;
  close(): Promise<void>;
}

/** What is looked for. */
export interface LdapSearch {
  readonly filter: string;
  readonly scope: 'base' | 'sub';
  readonly attributes: readonly string[];
  readonly limit: number;
}

/** An entry: values by the name of the attribute in lower case. Binary ones are in hexadecimal. */
export interface LdapEntry {
  readonly dn: string;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** The id of an entry of Active Directory. */
const BINARY = ['objectGUID'];
/** Result codes that say nothing of a password (RFC 4511, appendix A): the server cannot answer. */
const CANNOT_ANSWER: ReadonlySet<number> = new Set([1, 2, 3, 8, 13, 51, 52, 80]);

/**
 * Connects to a server; the certificate is always checked, and nothing is sent in the clear unless
 * the URL and the settings say so.
 * @throws Error if there is no connection within the time limit
 */
export async function connectToLdap(url: string, settings: LdapSettings): Promise<LdapConnection> {
  // Only a server with LDAP needs it.
  const { Client, ResultCodeError } = await import('ldapts');
  const { startTls, ca, timeoutMs } = settings;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const tls: ConnectionOptions = {
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  };
  const sockets = new Sockets();
  const client = new Client({
    url,
    timeout: timeoutMs,
    connectTimeout: timeoutMs,
    strictDN: false,
    ...(url.startsWith('ldaps:') ? { tlsOptions: tls } : {}),
    createConnection: sockets.once('plain', connect),
    createSecureConnection: sockets.once('secure', connectSecurely),
  });
  const within = <T>(work: Promise<T>) => deadline(work, timeoutMs, () => sockets.destroy());
  try {
    if (startTls) await within(client.startTLS(tls));
  } catch (error) {
    sockets.destroy();
    throw error;
  }
  return {
    bind: async (dn, password) => {
      try {
        await within(client.bind(dn, password));
        return true;
      } catch (error) {
        const isAnswer = error instanceof ResultCodeError && !CANNOT_ANSWER.has(error.code);
        if (isAnswer) return false;
        throw error;
      }
    },
    search: (base, search) => within(entriesOf(client, base, search)),
    close: async () => {
      await client.unbind().catch(() => undefined);
      sockets.destroy();
    },
  };
}

async function entriesOf(
  client: Client,
  base: string,
  { filter, scope, attributes, limit }: LdapSearch,
): Promise<LdapEntry[]> {
  const { searchEntries } = await client.search(base, {
    filter,
    scope,
    attributes: [...attributes],
    sizeLimit: limit,
    explicitBufferAttributes: BINARY,
  });
  return searchEntries.map(({ dn, ...attributes }) => ({
    dn,
    values: new Map(
      Object.entries(attributes).map(([name, value]) => {
        const all = [value].flat().map((it) => (typeof it === 'string' ? it : it.toString('hex')));
        return [name.toLowerCase(), all.filter((it) => it !== '')];
      }),
    ),
  }));
}

/**
 * The sockets of one connection. The client connects again by itself when a connection was lost,
 * and would then send a password without TLS where that was begun by StartTLS: so each kind of
 * socket is made once.
 */
class Sockets {
  readonly #made = new Map<string, Socket>();

  once<Arguments extends unknown[], S extends Socket>(
    kind: string,
    make: (...all: Arguments) => S,
  ): never {
    const made = (...all: Arguments): S => {
      if (this.#made.has(kind)) throw new Error('The connection to the LDAP server was lost.');
      const socket = make(...all);
      this.#made.set(kind, socket);
      return socket;
    };
    // The overloads of Node's functions cannot be written down as one type.
    return made as never;
  }

  destroy(): void {
    for (const socket of this.#made.values()) socket.destroy();
  }
}

async function deadline<T>(work: Promise<T>, ms: number, onLate: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`The LDAP server did not answer within ${ms} ms.`));
      onLate();
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
