import { useState } from 'preact/hooks';
import { me } from '../state/account.ts';
import { keep, kept } from '../state/preferences.ts';
import { strings, time } from '../strings/strings.ts';

/**
 * Tells whose link set the password, until it is closed in this browser: somebody else who signs in
 * cannot hide it from the user.
 */
export function ResetNotice() {
  const [, redraw] = useState('');
  if (!me.value) return null;
  const { id, password_resets: resets } = me.value;
  const name = `resets-seen.${id}`;
  const news = resets.filter((it) => it.used_at > kept(name));
  if (!news[0]) return null;
  const text = strings.value;
  const close = () => {
    keep(name, resets[0]?.used_at ?? '');
    redraw(resets[0]?.used_at ?? '');
  };
  return (
    <div class="send-failure" role="alert">
      {news.map((it) => (
        <p key={it.used_at}>
          {text.passwordReset(it.made_by ?? text.siteOperator, time(it.made_at), time(it.used_at))}
        </p>
      ))}
      <button type="button" onClick={close}>
        {text.close}
      </button>
    </div>
  );
}
