import { useState } from 'preact/hooks';
import { me } from '../state/account.ts';
import { keep, kept } from '../state/preferences.ts';
import { strings, time } from '../strings/strings.ts';

/**
 * Tells whose link set the password, until it is closed in this browser: somebody else who signs in
 * cannot hide it from the user.
 */
export function ResetNotice() {
  const [, setClosed] = useState('');
  if (!me.value) return null;
  const { id, password_resets: resets } = me.value;
  const name = `resets-seen.${id}`;
  const seen = kept(name);
  const news = resets.filter(({ used_at: usedAt }) => usedAt > seen);
  const [newest] = news;
  if (!newest) return null;
  const text = strings.value;
  const close = () => {
    keep(name, newest.used_at);
    setClosed(newest.used_at);
  };
  return (
    <div class="send-failure" role="alert">
      <div>
        {news.map(({ made_by: maker, made_at: madeAt, used_at: usedAt }) => (
          <p key={usedAt}>
            {text.passwordReset(maker ?? text.siteOperator, time(madeAt), time(usedAt))}
          </p>
        ))}
      </div>
      <button type="button" onClick={close}>
        {text.close}
      </button>
    </div>
  );
}
