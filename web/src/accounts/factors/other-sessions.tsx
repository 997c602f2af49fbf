import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { Session } from '../../api/types.ts';
import { factorsText } from '../../strings/factors/factors.ts';
import { Fault, useAttempt } from '../../ui/use-attempt.tsx';
import { endOtherSessions } from '../sessions.tsx';

/**
 * Offers to end other sessions once a factor was added: they began without it, maybe by somebody
 * whom it is to keep out (OWASP ASVS 5.0, 7.4.3). Nothing if there are none.
 */
export function OtherSessions({ onDone }: { onDone: () => void }) {
  const text = factorsText.value.others;
  const [state, setState] = useState<'none' | 'asked' | 'ended'>('none');
  const { fault, attempt } = useAttempt();
  useEffect(() => {
    void attempt(async () => {
      const { sessions } = await call<{ sessions: Session[] }>('GET', '/api/session/?limit=2');
      if (sessions.some((it) => !it.is_current)) setState('asked');
    });
  }, []);
  const end = async () => {
    await endOtherSessions();
    setState('ended');
  };
  if (state === 'ended') return <p role="status">{text.ended}</p>;
  return (
    <>
      {state === 'asked' && (
        <div class="notice" role="status">
          <p>{text.text}</p>
          <div class="row">
            <button type="button" class="primary" onClick={() => void attempt(end)}>
              {text.end}
            </button>
            <button type="button" onClick={onDone}>
              {text.keep}
            </button>
          </div>
        </div>
      )}
      <Fault words={fault} />
    </>
  );
}
