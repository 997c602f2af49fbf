import { useEffect, useState } from 'preact/hooks';
import type { AccountNotice } from '../../api/types.ts';
import { noteTold, readNotices } from '../../state/account-notices.ts';
import { noticeText } from '../../strings/security/notice-text.ts';
import { securityText } from '../../strings/security/security.ts';
import { Fault, useAttempt } from '../../ui/use-attempt.tsx';

const MOST_AT_FIRST = 5;

/** What happened to the account: sign-ins, passwords, keys and the like. */
export function AccountNotices() {
  const text = securityText.value;
  const [notices, setNotices] = useState<readonly AccountNotice[]>();
  const [next, setNext] = useState<string>();
  const [isLong, setLong] = useState(false);
  const { fault, attempt } = useAttempt();
  const load = async (cursor?: string) => {
    const page = await readNotices(cursor);
    setNotices((earlier) => [...(cursor === undefined ? [] : (earlier ?? [])), ...page.notices]);
    setNext(page.next_cursor ?? undefined);
    // Who reads the list has been told.
    const [newest] = page.notices;
    if (cursor === undefined && newest) await noteTold(newest.id);
  };
  useEffect(() => void attempt(load), []);
  const said = (notices ?? []).filter((it) => noticeText(it) !== undefined);
  const shown = isLong ? said : said.slice(0, MOST_AT_FIRST);
  const more = () => {
    if (isLong) void attempt(() => load(next));
    setLong(true);
  };
  return (
    <section>
      <h2>{text.title}</h2>
      <p>{text.text}</p>
      {notices && said.length === 0 && <p class="empty">{text.none}</p>}
      <ul class="rows">
        {shown.map((it) => (
          <li key={it.id}>
            <span class="row-main">{noticeText(it)}</span>
          </li>
        ))}
      </ul>
      {(shown.length < said.length || next !== undefined) && (
        <button type="button" onClick={more}>
          {text.more}
        </button>
      )}
      <Fault words={fault} />
    </section>
  );
}
