/**
 * The rerank API that Cohere (https://docs.cohere.com/reference/rerank), Jina
 * (https://jina.ai/reranker), Voyage (https://docs.voyageai.com/reference/reranker-api), vLLM and
 * llama.cpp have: a query and documents in, an order of them out.
 */
import { UNKNOWN_USAGE } from '../../core/usage.ts';
import { RERANK_TABLE } from '../request-guard/tables/rerank.ts';
import {
  countAt,
  EMPTY_CHUNK,
  type JsonObject,
  objectAt,
  type ProviderApi,
  textAt,
  WHOLE_ANSWER,
} from './provider-api.ts';
import { usageMember } from './usage-dialects.ts';

/** Cohere bills a query with so many documents as one search (https://cohere.com/pricing). */
const DOCUMENTS_PER_SEARCH = 100;
/**
 * Cohere splits what is longer, query included, into several documents. A token has at least one
 * byte, and a query longer than half of it is cut short.
 */
const CHUNK_TOKENS = 500;
/** What models put between the query and a document. */
const SEPARATOR_TOKENS = 4;

export const RERANK: ProviderApi = {
  ...WHOLE_ANSWER,
  path: '/rerank',
  table: RERANK_TABLE,
  readsInPieces: () => true,

  extent(body) {
    const documents = documentsIn(body);
    const queryBytes = Buffer.byteLength(textAt(body, 'query'));
    const room = Math.max(CHUNK_TOKENS / 2, CHUNK_TOKENS - queryBytes);
    let chunks = 0;
    for (const document of documents) chunks += Math.max(1, Math.ceil(bytesOf(document) / room));
    return {
      most: { rerank: searches(chunks) },
      likely: { counts: { rerank: searches(documents.length) } },
      // Whoever bills tokens reads the query with each document.
      addedInput: chunks * (queryBytes + SEPARATOR_TOKENS),
    };
  },

  readResponse(response, likely = UNKNOWN_USAGE) {
    const billed = objectAt(objectAt(response, 'meta'), 'billed_units');
    const rerank = countAt(billed, 'search_units') ?? likely.counts.rerank ?? 1;
    const usage = usageMember(response) ?? {};
    const input = countAt(usage, 'total_tokens') ?? countAt(billed, 'total_tokens');
    const counts = { rerank, ...(input === undefined ? {} : { input }) };
    return { ...EMPTY_CHUNK, usage: { counts } };
  },
};

function documentsIn({ documents }: JsonObject): readonly unknown[] {
  return Array.isArray(documents) ? documents : [];
}

function bytesOf(document: unknown): number {
  return Buffer.byteLength(typeof document === 'string' ? document : JSON.stringify(document));
}

function searches(documents: number): number {
  return Math.max(1, Math.ceil(documents / DOCUMENTS_PER_SEARCH));
}
