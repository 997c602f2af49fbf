import { type Page, pageOf, rowsForPage } from '../../core/page.ts';
import {
  hasAllWords,
  type SearchWords,
  type Snippet,
  searchWords,
  snippetOf,
} from '../../core/search-words.ts';
import type { Candidate, MessageText, SearchScope } from '../../store/chat/conversation-search.ts';
import type { Conversation, ConversationCursor } from '../../store/chat/conversations.ts';
import type { Context } from '../context.ts';
import { momentOf } from '../ids.ts';
import { adoptOrphans } from './conversations.ts';

/** Where a conversation has the words of a search. */
export interface Match extends Snippet {
  readonly where: 'title' | 'message' | 'reply';
  /** The message; undefined if only the title has them. */
  readonly messageId: string | undefined;
}

/** A conversation that was found. */
export interface FoundConversation {
  readonly conversation: Conversation;
  readonly match: Match;
}

/** Texts that are compared together. */
const BYTES_AT_ONCE = 1_000_000;
/** Text, times the words that are looked for in it, that is compared in some milliseconds. */
const BYTES_AT_A_TURN = 2_000_000;
/** Candidates that are compared for one page; the next page goes on behind them. */
const MOST_COMPARED = 1_000;
/** Conversations of a page whose older messages are looked at, if the newest one did not match. */
const MOST_LOOKED_INTO = 20;

/**
 * Searches the conversations of a user: all words in the title, or in one message and its reply.
 * @throws ChitError what `HeavyReads` throws, and `read_too_long`
 */
export async function searchConversations(
  context: Context,
  userId: number,
  page: {
    readonly search: string;
    readonly after: ConversationCursor | undefined;
    readonly limit: number;
  },
): Promise<Page<FoundConversation>> {
  if (!page.after) await adoptOrphans(context, userId);
  const words = searchWords(page.search);
  const mark = await context.searchIndex.mark();
  const scope = { userId, words, mark, markMs: mark === '' ? 0 : momentOf(mark) };
  const wanted = rowsForPage(page.limit);
  const found: FoundConversation[] = [];
  let { after } = page;
  let compared = 0;
  let since = 0;
  const budget = { left: MOST_LOOKED_INTO };
  for (let isNext = false; ; isNext = true) {
    const from = after;
    const read = () => candidatesOf(context, scope, from, wanted);
    const candidates = await context.heavyReads.run(`user:${userId}`, read, isNext);
    for (const { candidate, text } of candidates) {
      // All texts of a page could be long.
      since += candidate.bytes * words.words.length;
      if (since > BYTES_AT_A_TURN) {
        await new Promise(setImmediate);
        since = 0;
      }
      const match = await matchOf(context, { scope, budget }, candidate, text);
      if (match) found.push({ conversation: candidate.conversation, match });
      if (found.length === wanted) return pageOf(found, page.limit);
    }
    compared += candidates.length;
    const last = candidates.at(-1)?.candidate.conversation;
    if (!last || candidates.length < wanted) return pageOf(found, page.limit);
    after = last;
    const end = found.at(-1);
    if (compared > MOST_COMPARED && end) return { items: found, last: end };
  }
}

/** Candidates with their texts, as far as one slice goes. */
async function candidatesOf(
  { conversationSearch }: Context,
  scope: SearchScope,
  after: ConversationCursor | undefined,
  limit: number,
): Promise<{ readonly candidate: Candidate; readonly text: MessageText | undefined }[]> {
  const candidates = await conversationSearch.candidates(scope, { after, limit });
  const texts = new Map<string, MessageText>();
  let batch: string[] = [];
  let bytes = 0;
  const readBatch = async () => {
    for (const [id, text] of await conversationSearch.texts(scope.userId, batch)) {
      texts.set(id, text);
    }
    batch = [];
    bytes = 0;
  };
  for (const { messageId, bytes: more } of candidates) {
    if (messageId === undefined) continue;
    if (batch.length > 0 && bytes + more > BYTES_AT_ONCE) await readBatch();
    batch.push(messageId);
    bytes += more;
  }
  await readBatch();
  return candidates.map((candidate) => ({
    candidate,
    text: texts.get(candidate.messageId ?? ''),
  }));
}

async function matchOf(
  { conversationSearch }: Context,
  search: { readonly scope: SearchScope; readonly budget: { left: number } },
  { conversation, messageId }: Candidate,
  text: MessageText | undefined,
): Promise<Match | undefined> {
  const { scope, budget } = search;
  const { words, userId } = scope;
  const here = text && matchIn(text, words);
  if (here) return here;
  if (hasAllWords([conversation.title], words)) {
    const snippet = snippetOf(conversation.title, words);
    if (snippet) return { ...snippet, where: 'title', messageId: undefined };
  }
  if (messageId === undefined || budget.left === 0) return undefined;
  budget.left -= 1;
  for (const id of await conversationSearch.olderIn(scope, conversation.id, messageId)) {
    const older = (await conversationSearch.texts(userId, [id])).get(id);
    const match = older && matchIn(older, words);
    if (match) return match;
  }
  return undefined;
}

/** The part of a message with the most of the words, if it has all of them. */
function matchIn({ id, content, reply }: MessageText, words: SearchWords): Match | undefined {
  if (!hasAllWords([content, reply], words)) return undefined;
  const inMessage = snippetOf(content, words);
  const inReply = snippetOf(reply, words);
  const isReply = (inReply?.ranges.length ?? 0) > (inMessage?.ranges.length ?? 0);
  const snippet = isReply ? inReply : inMessage;
  return snippet && { ...snippet, where: isReply ? 'reply' : 'message', messageId: id };
}
