import { useEffect, useState } from 'preact/hooks';
import type { AccountNotice } from '../../api/types.ts';
import { noteTold, readNews } from '../../state/account-notices.ts';
import { go } from '../../state/router.ts';
import { noticeText } from '../../strings/security/notice-text.ts';
import { securityText } from '../../strings/security/security.ts';
import { useAttempt } from '../../ui/use-attempt.tsx';

/** More are on the account page. */
const MOST_TOLD = 3;

/** Tells once in this browser who has signed in, or changed with what one can. */
export function SecurityNotice() {
  const text = securityText.value;
  const [news, setNews] = useState<readonly AccountNotice[]>([]);
  const { attempt } = useAttempt();
  useEffect(() => {
    // What cannot be read now is told when the page is next opened.
    readNews().then(setNews, () => undefined);
  }, []);
  const [newest] = news;
  if (!newest) return null;
  const close = () => {
    setNews([]);
    void attempt(() => noteTold(newest.id));
  };
  return (
    <div class="send-failure security-notice" role="status">
      <div>
        {news.slice(0, MOST_TOLD).map((it) => (
          <p key={it.id}>{noticeText(it)}</p>
        ))}
      </div>
      <button type="button" onClick={close}>
        {text.wasMe}
      </button>
      <button
        type="button"
        onClick={() => {
          close();
          go('/account#sessions');
        }}
      >
        {text.check}
      </button>
    </div>
  );
}
