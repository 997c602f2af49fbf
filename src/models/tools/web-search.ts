/**
 * Search of the web by an engine with answers in JSON: SearXNG
 * (https://docs.searxng.org/dev/search_api.html) or Brave
 * (https://api-dashboard.search.brave.com/app/documentation/web-search).
 */
import type { ToolSettings } from '../../core/tools.ts';
import { type GuardedFetch, guardedFetch } from './guarded-fetch.ts';
import { resultText } from './result-text.ts';
import { type Tool, type ToolAnswer, ToolFailure, type ToolFunction } from './tool.ts';

const RESULTS = 8;
const MOST_QUERY_CHARACTERS = 400;

const SEARCH: ToolFunction = {
  name: 'search',
  description: 'Searches the web. Answers with titles, addresses and excerpts of pages.',
  parameters: {
    type: 'object',
    properties: { query: { type: 'string', description: 'What to search for.' } },
    required: ['query'],
  },
};

interface FoundPage {
  readonly title?: unknown;
  readonly url?: unknown;
  /** The excerpt, by the name of each engine. */
  readonly content?: unknown;
  readonly description?: unknown;
}

/** A search engine. */
export class WebSearch implements Tool {
  readonly settings: ToolSettings;
  readonly #http: GuardedFetch;

  constructor(settings: ToolSettings) {
    this.settings = settings;
    this.#http = guardedFetch(settings);
  }

  async functions(): Promise<readonly ToolFunction[]> {
    return [SEARCH];
  }

  async call(
    _name: string,
    { query }: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<ToolAnswer> {
    if (typeof query !== 'string' || query.trim() === '') {
      throw new ToolFailure('"query" must be a text.');
    }
    const { headers, timeoutMs } = this.settings;
    const asked = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const response = await this.#http.fetch(this.#addressFor(query), {
        headers: { ...headers, accept: 'application/json' },
        signal: asked,
        redirect: 'error',
      });
      if (!response.ok) throw new ToolFailure(`The search answered with ${response.status}.`);
      return { text: resultText(pagesText(await response.json())), isError: false };
    } catch (error) {
      const { cause = error } = error as Error;
      if (cause instanceof ToolFailure) throw cause;
      throw new ToolFailure(`The search did not answer: ${(error as Error).message}`, { cause });
    }
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  #addressFor(query: string): URL {
    const { kind, url } = this.settings;
    const address = new URL(url);
    const base = address.pathname.replace(/\/+$/, '');
    if (kind === 'searxng') {
      address.pathname = base.endsWith('/search') ? base : `${base}/search`;
      address.searchParams.set('format', 'json');
    } else {
      address.pathname = base === '' ? '/res/v1/web/search' : base;
      address.searchParams.set('count', String(RESULTS));
    }
    address.searchParams.set('q', query.slice(0, MOST_QUERY_CHARACTERS));
    return address;
  }
}

function pagesText(answer: unknown): string {
  const { results, web } = (answer ?? {}) as { results?: unknown; web?: { results?: unknown } };
  const pages = Array.isArray(results) ? results : web?.results;
  if (!Array.isArray(pages) || pages.length === 0) return 'Nothing was found.';
  return (pages as FoundPage[])
    .slice(0, RESULTS)
    .map(({ title, url, content, description }, index) => {
      const excerpt = typeof content === 'string' ? content : description;
      return `${index + 1}. ${textOf(title)}\n${textOf(url)}\n${textOf(excerpt)}`;
    })
    .join('\n\n');
}

function textOf(value: unknown): string {
  // Brave marks the words that were found.
  return typeof value === 'string' ? value.replace(/<\/?strong>/g, '') : '';
}
