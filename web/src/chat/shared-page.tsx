import { useEffect, useState } from 'preact/hooks';
import type { Message, Shared } from '../api/types.ts';
import {
  growthCursor,
  isGrowing,
  type SharedChat,
  withPage,
} from '../state/machines/shared-chat.ts';
import { PREFIX } from '../state/site-address.ts';
import { strings, time } from '../strings/strings.ts';
import { Nowhere } from '../ui/nowhere-page.tsx';
import { SiteLogo } from '../ui/own-look.tsx';
import { useTitle } from '../ui/use-title.ts';
import { Exchange } from './exchange.tsx';

/** The interval between polls while an answer is being written. */
const RETRY_MS = 3_000;

/** A shared chat, read-only, page by page; it grows while its owner goes on. */
export function SharedPage({ token }: { token: string }) {
  const text = strings.value;
  const { chat, hasFailed, read } = useSharedChat(token);
  useTitle(chat?.title ?? '');
  if (chat === undefined) return <main class="waiting" aria-busy="true" />;
  if (chat === null) return <Nowhere words={text.linkIsOver} />;
  return (
    <main class="page shared">
      <SharedHead chat={chat} />
      <div class="column">
        {chat.messages.map((message) => (
          <Exchange key={message.id} message={shownOf(message, token)} />
        ))}
        {hasFailed && <p role="alert">{text.somethingWrong}</p>}
        {chat.next !== undefined && (
          <button type="button" class="quiet" onClick={() => read(chat.next)}>
            {hasFailed ? text.retry : text.more}
          </button>
        )}
      </div>
      {isGrowing(chat) && (
        <p class="notice" role="status">
          {text.generating}
        </p>
      )}
    </main>
  );
}

/** A message as a page shows it, with where its files are. */
function shownOf(message: SharedChat['messages'][number], token: string): Message {
  const path = `${PREFIX}/api/shared/${encodeURIComponent(token)}/messages/${message.id}/files`;
  const files = message.files.map((file) =>
    file.is_shared ? file : { ...file, href: `${path}/${file.id}/` },
  );
  const tools = message.tools && {
    approve_until: null,
    rounds: message.tools.rounds.map((it) => ({ ...it, cost: 0 })),
    calls: message.tools.calls.map((it) => ({ ...it, arguments: '', result: null, cost: 0 })),
  };
  return { ...message, files, tools, thinking: null, cost: null, paid_by: null };
}

/** The site's name, and what is shared: since when and until when, and by whom if that is shown. */
function SharedHead({ chat }: { chat: SharedChat }) {
  const text = strings.value;
  const { kind, shared_at: at, expires_at: end, username } = chat.about;
  const parts = [
    username === null ? text.sharedBy : text.sharedByName(username),
    at !== null && (kind === 'live' ? text.sharedSince(time(at)) : text.sharedAsOf(time(at))),
    end !== null && text.sharedUntil(time(end)),
  ];
  return (
    <header class="shared-head">
      <a class="shared-site" href="/">
        <SiteLogo />
        {text.appName}
      </a>
      <h1 dir="auto">{chat.title || text.untitled}</h1>
      <p>{parts.filter((it) => it !== false).join(' ')}</p>
    </header>
  );
}

/** The chat as far as it has been read: undefined at first, null if the link does not work. */
function useSharedChat(token: string) {
  const [chat, setChat] = useState<SharedChat | null>();
  const [hasFailed, setFailed] = useState(false);
  const load = async (cursor: string | undefined) => {
    const page = await pageOf(token, cursor);
    setChat((now) => page && withPage(now ?? undefined, cursor, page));
  };
  const read = (cursor: string | undefined) => {
    setFailed(false);
    load(cursor).catch(() => setFailed(true));
  };
  useEffect(() => {
    if (chat === undefined) load(undefined).catch(() => undefined);
  }, [token]);
  const isWaiting = chat === undefined || (chat !== null && isGrowing(chat));
  useEffect(() => {
    if (!isWaiting) return undefined;
    const again = () => load(chat ? growthCursor(chat) : undefined).catch(() => undefined);
    const timer = setInterval(() => void again(), RETRY_MS);
    return () => clearInterval(timer);
  }, [token, isWaiting, chat]);
  return { chat, hasFailed, read };
}

/**
 * @returns null if the link does not work
 * @throws Error if the server cannot be reached or is busy, which does not make the link invalid
 */
async function pageOf(token: string, cursor: string | undefined): Promise<Shared | null> {
  const query = cursor === undefined ? '' : `?cursor=${cursor}`;
  // This needs no session.
  const answer = await fetch(`${PREFIX}/api/shared/${encodeURIComponent(token)}/${query}`);
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(answer.statusText);
  return (await answer.json()) as Shared;
}
