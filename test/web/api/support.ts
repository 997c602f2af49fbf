/** A server for tests of the page's requests: it answers `fetch` in the test's own process. */

/** What the page requested. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: unknown;
}

type Answer = (request: Request) => Response | Promise<Response>;

/** Answers requests by method and path until it is closed. */
export class FakeServer {
  readonly requests: Request[] = [];
  readonly #answers = new Map<string, Answer>();
  readonly #fetch = globalThis.fetch;

  constructor() {
    globalThis.fetch = async (input, init = {}) => {
      const request: Request = {
        method: init.method ?? 'GET',
        path: String(input),
        headers: new Headers(init.headers),
        body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
      };
      this.requests.push(request);
      const answer = this.#answers.get(`${request.method} ${request.path}`);
      // As `fetch` does when there is no server.
      if (!answer) throw new TypeError('fetch failed');
      return answer(request);
    };
  }

  /** Sets the answer to requests with this method and path. */
  on(methodAndPath: string, answer: Answer): void {
    this.#answers.set(methodAndPath, answer);
  }

  /** How often this was requested. */
  count(methodAndPath: string): number {
    return this.requests.filter(({ method, path }) => `${method} ${path}` === methodAndPath).length;
  }

  close(): void {
    globalThis.fetch = this.#fetch;
  }
}

/** A refusal as the server sends it. */
export function refusal(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response {
  return Response.json(body, { status, headers });
}

/** An access token of a user, not signed. */
export function tokenOf(user: number, serial = 0): string {
  const payload = btoa(JSON.stringify({ user_id: user, serial }));
  return `head.${payload}.signature`;
}

/** A response whose body comes in these pieces, and then ends or breaks off. */
export function streamOf(pieces: readonly string[], isCutOff = false): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece));
      if (isCutOff) setTimeout(() => controller.error(new TypeError('network error')), 5);
      else controller.close();
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

/** Gives the process the storage that a browser has. */
export function provideStorage(): Storage {
  const items = new Map<string, string>();
  const storage = {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, text: string) => void items.set(name, text),
    removeItem: (name: string) => void items.delete(name),
    clear: () => items.clear(),
  };
  Object.defineProperty(globalThis, 'localStorage', { value: storage, configurable: true });
  return storage as Storage;
}
