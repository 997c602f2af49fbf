/** A TCP proxy for tests of network faults: it stands between a client and a real server. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * What becomes of the bytes that a client sends:
 * - `forward`: they reach the server, and so does its answer the client;
 * - `silence`: they are dropped, and the connection stays open without another byte in either
 *   direction, as when a firewall forgets it or the other machine loses its power (half-open);
 * - `lose answer`: they reach the server, but its answer does not come back: both sides are cut
 *   when it arrives;
 * - `silence answer`: they reach the server, and then the connection is silent as above;
 * - `cut`: they are dropped and both sides are cut;
 * - `answer`: they are dropped, the client gets this answer, and both sides are cut.
 */
export type Fate =
  | 'forward'
  | 'silence'
  | 'lose answer'
  | 'silence answer'
  | 'cut'
  | { readonly answer: Buffer };

export interface TcpProxy {
  readonly port: number;
  /** A URL with the address of this proxy in place of its own. */
  through(url: string): string;
  /** How many connections clients have made in all. */
  readonly accepted: number;
  /** How many connections are open now, silent ones too. */
  readonly open: number;
  /** How many answers were lost, cut or silenced. */
  readonly lostAnswers: number;
  /** Decides the fate of each chunk that a client sends from now on; by default all go through. */
  decide(fateOf: (chunk: Buffer) => Fate): void;
  /**
   * Silences all connections that are open now. New ones work, unless `andNew`: then they are
   * accepted and silent too, until `resume`.
   */
  stall(options?: { readonly andNew: boolean }): void;
  /** New connections work again, and all is forwarded again; silent connections stay silent. */
  resume(): void;
  /** Cuts all connections that are open now; new ones work. */
  cut(): void;
  /** Cuts everything and refuses new connections. */
  stop(): Promise<void>;
}

/** One connection through the proxy. */
class Link {
  readonly client: Socket;
  readonly server: Socket;
  isSilent = false;
  losesAnswer = false;

  constructor(client: Socket, server: Socket) {
    this.client = client;
    this.server = server;
  }

  cut(): void {
    this.client.destroy();
    this.server.destroy();
  }
}

/**
 * Starts a proxy on a free port of this machine.
 * @param target the port on 127.0.0.1 that it forwards to; or a function, if that may change
 */
export async function startTcpProxy(target: number | (() => number)): Promise<TcpProxy> {
  const links = new Set<Link>();
  let accepted = 0;
  let lostAnswers = 0;
  let areNewSilent = false;
  let fateOf: (chunk: Buffer) => Fate = () => 'forward';

  const fromClient = (link: Link, chunk: Buffer) => {
    if (link.isSilent) return;
    const fate = fateOf(chunk);
    if (typeof fate === 'object') {
      link.client.end(fate.answer);
      link.server.destroy();
      return;
    }
    if (fate === 'cut') link.cut();
    if (fate === 'silence') link.isSilent = true;
    if (fate === 'lose answer') link.losesAnswer = true;
    if (fate !== 'cut' && fate !== 'silence') link.server.write(chunk);
    if (fate === 'silence answer') {
      link.isSilent = true;
      lostAnswers += 1;
    }
  };
  const fromServer = (link: Link, chunk: Buffer) => {
    if (link.isSilent) return;
    if (!link.losesAnswer) {
      link.client.write(chunk);
      return;
    }
    // The answer has arrived, so the server has done what was asked.
    lostAnswers += 1;
    link.cut();
  };
  const listener = createServer((client) => {
    accepted += 1;
    const port = typeof target === 'number' ? target : target();
    const link = new Link(client, connect(port, '127.0.0.1'));
    link.isSilent = areNewSilent;
    links.add(link);
    client.on('data', (chunk: Buffer) => fromClient(link, chunk));
    link.server.on('data', (chunk: Buffer) => fromServer(link, chunk));
    client.on('error', () => link.cut());
    client.on('close', () => {
      links.delete(link);
      link.server.destroy();
    });
    link.server.on('error', () => undefined);
    // On a silent connection, neither side learns that the other has gone.
    link.server.on('close', () => {
      if (!link.isSilent && !client.writableEnded) client.destroy();
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;

  return {
    port,
    through: (url) => Object.assign(new URL(url), { hostname: '127.0.0.1', port }).href,
    get accepted() {
      return accepted;
    },
    get open() {
      return links.size;
    },
    get lostAnswers() {
      return lostAnswers;
    },
    decide: (decision) => {
      fateOf = decision;
    },
    stall: ({ andNew } = { andNew: false }) => {
      areNewSilent = andNew;
      for (const link of links) link.isSilent = true;
    },
    resume: () => {
      areNewSilent = false;
      fateOf = () => 'forward';
    },
    cut: () => {
      for (const link of links) link.cut();
    },
    stop: async () => {
      const closed = once(listener, 'close');
      listener.close();
      for (const link of links) link.cut();
      await closed;
    },
  };
}
