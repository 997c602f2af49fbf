import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { Session } from '../api/types.ts';
import { sessionText } from '../strings/session-text.ts';
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
        {sessions.map(({ id, created_at: begun, is_current: isHere, ...device }) => (
          <li key={id}>
            <span class="row-main">{sessionText(device)}</span>
            <span class="row-more">
              {text.since(time(begun))}
              {isHere && ` · ${text.thisSession}`}
            </span>
            {!isHere && (
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
