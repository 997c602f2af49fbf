/** Rerank: https://docs.cohere.com/reference/rerank, and others' with the same members. */
import type { JsonObject } from '../../provider-apis/provider-api.ts';
import type { Rule } from '../inspection.ts';
import { closed, each, free, list, notStreamed, open, text, unmetered } from '../rules.ts';
import { OTHER_SERVERS } from './other-servers.ts';

/** Documents may be objects with fields of the client's own; Jina takes pictures. */
const FIELDS = open(each(unmetered('rerank_pictures'), 'image image_url url video content'));

const document: Rule = (value, inspection) => {
  if (typeof value !== 'string') FIELDS(value, inspection);
};

const MEMBERS = closed({
  ...OTHER_SERVERS,
  model: text,
  query: text,
  documents: list(document),
  stream: notStreamed,
  ...each(
    free,
    'top_n top_k return_documents rank_fields max_chunks_per_doc max_tokens_per_doc truncation ' +
      'truncate overlap return_embeddings user raw_scores',
  ),
});

/** A rerank is billed by the search, or by the tokens that were read. */
export const RERANK_TABLE: Rule = (value, inspection) => {
  MEMBERS(value, inspection);
  inspection.at('documents', (value as JsonObject).documents, () =>
    inspection.needs({ units: ['rerank', 'input'] }, 'rerank'),
  );
};
