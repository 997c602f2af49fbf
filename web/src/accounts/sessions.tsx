import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { Session } from '../api/types.ts';
import { strings, time } from '../strings/strings.ts';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';

/** The active sessions, which can be ended. */
export function Sessions() {
  const text = strings.value;
  const [sessions, setSessions] = useState<readonly Session[]>([]);
  const { fault, attempt } = useAttempt();
  const load = async () =>
    setSessions((await call<{ sessions: Session[] }>('GET', '/api/session/?limit=200')).sessions);
  useEffect(() => void attempt(load), []);
  const end = async (id: string) => {
    await call('DELETE', `/api/session/${id}/`);
    await load();
  };
  return (
    <section>
      <h2>{text.sessions}</h2>
      <ul class="rows">
        {sessions.map(({ id, created_at: begun, is_current: isHere }) => (
          <li key={id}>
            <span class="row-main">{text.since(time(begun))}</span>
            {isHere ? (
              <span class="row-more">{text.thisSession}</span>
            ) : (
              <button type="button" onClick={() => void attempt(() => end(id))}>
                {text.endSession}
              </button>
            )}
          </li>
        ))}
      </ul>
      <Fault words={fault} />
    </section>
  );
}
