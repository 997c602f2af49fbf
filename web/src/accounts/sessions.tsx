import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { Session } from '../api/types.ts';
import { securityText } from '../strings/security/security.ts';
import { sessionText } from '../strings/session-text.ts';
import { strings, time } from '../strings/strings.ts';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';

/** How often other sessions were ended in another part of the page. */
const endedElsewhere = signal(0);

/** Ends all sessions but this one, for another part of the page: the list is loaded again. */
export async function endOtherSessions(): Promise<void> {
  await endOthersNow();
  endedElsewhere.value += 1;
}

/** The active sessions: where they were begun and last used; they can be ended, or all others. */
export function Sessions() {
  const text = strings.value;
  const words = securityText.value;
  const [sessions, setSessions] = useState<readonly Session[]>([]);
  const [isDone, setDone] = useState(false);
  const section = useRef<HTMLElement>(null);
  const { fault, attempt } = useAttempt();
  const load = async () =>
    setSessions((await call<{ sessions: Session[] }>('GET', '/api/session/?limit=200')).sessions);
  useEffect(() => {
    void attempt(load).then(() => {
      if (location.hash === '#sessions') section.current?.scrollIntoView();
    });
  }, []);
  const ended = endedElsewhere.value;
  useEffect(() => {
    if (ended > 0) void attempt(load);
  }, [ended]);
  const end = async (id: string) => {
    await call('DELETE', `/api/session/${id}/`);
    await load();
  };
  const endOthers = async () => {
    setDone(false);
    await endOthersNow();
    await load();
    setDone(true);
  };
  const hasOthers = sessions.some((it) => !it.is_current);
  return (
    <section ref={section}>
      <h2>{text.sessions}</h2>
      {hasOthers && <p>{words.notYou}</p>}
      <ul class="rows">
        {sessions.map((it) => (
          <li key={it.id}>
            <span class="row-main">{sessionText(it)}</span>
            <span class="row-more">
              {text.since(time(it.created_at))}
              {it.address !== null && ` ${words.from(it.address)}`}
              {it.is_current ? ` · ${text.thisSession}` : lastUseText(it)}
            </span>
            {!it.is_current && (
              <button type="button" onClick={() => void attempt(() => end(it.id))}>
                {text.endSession}
              </button>
            )}
          </li>
        ))}
      </ul>
      {hasOthers && (
        <div class="row">
          <button type="button" onClick={() => void attempt(endOthers)}>
            {words.sessions.endOthers}
          </button>
        </div>
      )}
      {isDone && <p role="status">{words.sessions.othersEnded}</p>}
      <Fault words={fault} />
    </section>
  );
}

async function endOthersNow(): Promise<void> {
  await call('POST', '/api/session/end-others/');
}

function lastUseText({ last_used_at: at, last_address: place }: Session): string {
  if (at === null) return '';
  const { from, sessions } = securityText.value;
  const where = place === null ? '' : ` ${from(place)}`;
  return ` · ${sessions.lastUsed(time(at))}${where}`;
}
