import { useEffect, useState } from 'preact/hooks';
import type { Message, Shared } from '../api/types.ts';
import { strings } from '../strings/strings.ts';
import { Nowhere } from '../ui/nowhere-page.tsx';
import { useTitle } from '../ui/use-title.ts';
import { Exchange } from './exchange.tsx';

/** The interval between polls while an answer is being written. */
const RETRY_MS = 3_000;

/** A shared chat, read-only; it grows while its owner goes on. */
export function SharedPage({ token }: { token: string }) {
  const text = strings.value;
  const [shared, setShared] = useState<Shared | null>();
  const isGrowing = shared?.messages.some(({ status }) => status === 'pending') ?? false;
  useTitle(shared?.title ?? '');
  useEffect(() => {
    let isShown = true;
    const load = async () => {
      // This needs no session.
      const answer = await fetch(`/api/shared/${encodeURIComponent(token)}/`);
      const read = answer.ok ? ((await answer.json()) as Shared) : null;
      // A busy server does not make the link invalid.
      if (isShown && (read || answer.status === 404)) setShared(read);
    };
    const attempt = () => void load().catch(() => undefined);
    attempt();
    const timer = setInterval(() => {
      if (isGrowing || shared === undefined) attempt();
    }, RETRY_MS);
    return () => {
      isShown = false;
      clearInterval(timer);
    };
  }, [token, isGrowing, shared === undefined]);
  if (shared === undefined) return <main class="waiting" aria-busy="true" />;
  if (shared === null) return <Nowhere words={text.linkIsOver} />;
  return (
    <main class="page shared">
      <h1>{shared.title || text.untitled}</h1>
      <p class="empty">{text.sharedBy}</p>
      <div class="column">
        {shared.messages.map((message) => (
          <Exchange key={message.id} message={{ ...message, cost: null } as Message} />
        ))}
      </div>
      {isGrowing && (
        <p class="notice" role="status">
          {text.generating}
        </p>
      )}
    </main>
  );
}
