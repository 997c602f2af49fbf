/** Everything of an account as one archive: its export, the statement, and each chat as a text. */
import { branchOf, conversationsOf, exportAccount } from '../../app/accounts/export-account.ts';
import type { Context } from '../../app/context.ts';
import { readStatement } from '../../app/credits/read-statement.ts';
import { csvLine } from '../../core/csv.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Conversation } from '../../store/chat/conversations.ts';
import { asMarkdown } from '../chat/conversation-views.ts';
import { shownLine } from '../credits/statement-routes.ts';
import { isoTime } from '../framework/iso-time.ts';
import type { ZipEntry } from '../framework/zip.ts';
import { accountJson } from './account-export.ts';

const PAGE = 200;
/** Of a title, in the name of a file. */
const NAME_CHARACTERS = 60;
/** More files are not in it, since an archive cannot have as many. */
const MAX_FILES = 14_000;
/** Of chats beyond these there is no text of their own; `account.json` has them all. */
const MAX_TEXTS = 50_000;

const READ_ME = `What is in this archive

account.json    everything that is stored about the account, for programs: the account itself,
                groups, API keys (without the keys), sessions, vouchers, the statement, what staff
                did to the account, and all chats with every branch
statement.csv   the statement, for a spreadsheet
chats/          each chat as Markdown: the branch that was shown last
files/          the files of messages, each in a folder that is called as its id in account.json
`;

/**
 * The files of the archive, read as they are asked for.
 * @throws ChitError what `HeavyReads` throws, for the first of them, and `read_too_long`
 */
export async function* accountArchive(context: Context, user: User): AsyncGenerator<ZipEntry> {
  const nowMs = context.now();
  yield { path: 'account.json', pieces: accountJson(exportAccount(context, user), nowMs) };
  yield { path: 'README.txt', pieces: [READ_ME] };
  yield { path: 'statement.csv', pieces: statementCsv(context, user.id) };
  let count = 0;
  for await (const conversation of conversationsOf(context, user.id)) {
    count += 1;
    if (count > MAX_TEXTS) break;
    yield {
      path: `chats/${fileName(conversation, count)}.md`,
      pieces: asMarkdown(conversation, branchOf(context, conversation)),
    };
  }
  yield* filesOf(context, user.id);
}

/** The files of a user, oldest first, each read a piece at a time. */
async function* filesOf(context: Context, userId: number): AsyncGenerator<ZipEntry> {
  const { files, heavyReads } = context;
  let count = 0;
  for (let afterId = ''; ; ) {
    const read = () => files.ofUser(userId, afterId, PAGE);
    const page = await heavyReads.run(`user:${userId}`, read, true);
    for (const { id, name, kind, bytes } of page) {
      count += 1;
      if (count > MAX_FILES) return;
      const pieces = files.pieces(id, 'content');
      const first = await pieces.next();
      // It was deleted meanwhile.
      if (first.done) continue;
      const path = `files/${id}/${safeName(name) || 'file'}`;
      yield { path, isDense: kind !== 'text', pieces: wholeFile(first.value, pieces, bytes) };
    }
    const last = page.at(-1);
    if (!last) return;
    afterId = last.id;
  }
}

/** @throws Error if it is deleted meanwhile, so that nobody takes a part for the whole */
async function* wholeFile(
  first: Buffer,
  rest: AsyncGenerator<Buffer>,
  bytes: number,
): AsyncGenerator<Buffer> {
  yield first;
  let left = bytes - first.length;
  for await (const piece of rest) {
    left -= piece.length;
    yield piece;
  }
  if (left !== 0) throw new Error('A file was deleted while it was being exported.');
}

const COLUMNS = [
  'time',
  'kind',
  'amount',
  'balance_after',
  'model',
  'reason',
  'id',
  'purpose',
  'round',
  'message_id',
] as const;

async function* statementCsv(context: Context, userId: number): AsyncGenerator<string> {
  yield csvLine(COLUMNS);
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor; isFirst = false) {
    const from = { cursor, limit: `${PAGE}` };
    const read = () => readStatement(context, userId, from);
    const page = await context.heavyReads.run(`user:${userId}`, read, true);
    const lines = page.lines.map((it) => {
      const { messageId } = it;
      const line = shownLine(it);
      const cells = { ...line, time: line.timestamp, message_id: messageId };
      return csvLine(COLUMNS.map((column) => cells[column]));
    });
    yield lines.join('');
    cursor = page.nextCursor;
  }
}

/** Sorted by the time of the last message, newest first, as the list of chats is. */
function fileName({ title, updatedAtMs }: Conversation, count: number): string {
  const day = isoTime(updatedAtMs).slice(0, 10);
  const safe = safeName(title);
  return `${String(count).padStart(4, '0')} ${day} ${safe === '' ? 'Chat' : safe}`;
}

/** Without what file systems do not have in names (of Windows: also no dot at the end). */
function safeName(name: string): string {
  // Of a long name the end is kept: it tells what a file is.
  const [stem = '', ending = ''] = name.split(/(\.[^.\s]{1,5})$/);
  const safe = (text: string) => text.replaceAll(/[\s\p{C}<>:"/\\|?*]+/gu, ' ').trim();
  return `${safe(stem).slice(0, NAME_CHARACTERS).toWellFormed()}${safe(ending)}`.replace(
    /[. ]+$/,
    '',
  );
}
