import { useEffect, useState } from 'preact/hooks';
import type { Message, Shared } from '../api/types.ts';
import { Exchange } from '../components/exchange.tsx';
import { strings } from '../strings/strings.ts';

/** A conversation that somebody shared, to read. */
export function SharedPage({ token }: { token: string }) {
  const text = strings.value;
  const [shared, setShared] = useState<Shared | null>();
  useEffect(() => {
    // Nobody need be signed in for this.
    fetch(`/api/shared/${encodeURIComponent(token)}/`)
      .then(async (answer) => setShared(answer.ok ? ((await answer.json()) as Shared) : null))
      .catch(() => setShared(null));
  }, [token]);
  if (shared === undefined) return <main class="waiting" aria-busy="true" />;
  if (shared === null) return <main class="page empty">{text.notFound}</main>;
  return (
    <main class="page shared">
      <h1>{shared.title}</h1>
      <p class="empty">{text.sharedBy}</p>
      <div class="column">
        {shared.messages.map((message) => (
          <Exchange key={message.id} message={{ ...message, cost: null } as Message} />
        ))}
      </div>
    </main>
  );
}
