import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { Share } from '../../api/types.ts';
import { conversations, putInList } from '../../state/conversations.ts';
import { siteUrl } from '../../state/site-address.ts';
import { overText } from '../../strings/over/over.ts';
import { strings, time } from '../../strings/strings.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Fault, useAttempt } from '../../ui/use-attempt.tsx';
import '../../styles/share.css';

type Kind = 'snapshot' | 'live';
/** The value of the choice that leaves the end as it is. */
const KEEP = 'keep';
const NEVER = 'never';
const DAYS = [1, 7, 30];

/** What is shared of a chat, until when, and the link to it: said before anything is shared. */
export function ShareDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const text = overText.value.share;
  const [share, setShare] = useState<Share>();
  const { fault, attempt } = useAttempt();
  const where = `/api/conversations/${id}/share/`;
  const show = (next: Share) => {
    setShare(next);
    const listed = conversations.value?.find((it) => it.id === id);
    if (listed && listed.share !== next.share) putInList({ ...listed, share: next.share });
  };
  useEffect(() => {
    void attempt(async () => show(await call<Share>('GET', where)));
  }, []);
  const change = (body: object) =>
    attempt(async () => show(await call<Share>('POST', where, body)));
  const stop = () =>
    attempt(async () => {
      await call('DELETE', where);
      show(await call<Share>('GET', where));
    });
  return (
    <Dialog title={text.title} onClose={onClose}>
      <div class="share">
        {share?.share != null && <ShareLink share={share} path={share.share} />}
        {share && (
          // Once it is saved, the choices are those that are in force.
          <Choices
            key={JSON.stringify(share)}
            share={share}
            onSave={(body) => void change(body)}
            onStop={() => void stop()}
          />
        )}
        <Fault words={fault} />
      </div>
    </Dialog>
  );
}

function ShareLink({ share, path }: { share: Share; path: string }) {
  const text = overText.value.share;
  const link = siteUrl(path);
  const what =
    share.kind === 'live'
      ? text.isLive
      : text.isSnapshot(share.shared_at === null ? '' : time(share.shared_at));
  const end = share.expires_at === null ? text.endsNever : text.endsAt(time(share.expires_at));
  return (
    <div class="share-link">
      <input
        readOnly
        value={link}
        aria-label={text.link}
        onFocus={(event) => event.currentTarget.select()}
      />
      <CopyButton class="primary" text={link} label={strings.value.copyLink} />
      <p role="status">
        {what} {end}
      </p>
    </div>
  );
}

function Choices(props: { share: Share; onSave: (body: object) => void; onStop: () => void }) {
  const { share, onSave, onStop } = props;
  const text = overText.value.share;
  const isNew = share.share === null;
  const [kind, setKind] = useState<Kind>(share.kind ?? 'snapshot');
  const [end, setEnd] = useState(isNew ? NEVER : KEEP);
  const [showsName, setShowsName] = useState(share.shows_name);
  const days = { expires_in_days: end === NEVER ? null : Number(end) };
  const hasNewKind = kind !== share.kind;
  const hasChange = hasNewKind || end !== KEEP || showsName !== share.shows_name;
  const save = (event: Event) => {
    event.preventDefault();
    onSave({
      ...(hasNewKind ? { kind } : {}),
      ...(end === KEEP ? {} : days),
      shows_name: showsName,
    });
  };
  return (
    <form class="stack" onSubmit={save}>
      <fieldset class="share-kinds">
        <legend>{text.what}</legend>
        {(['snapshot', 'live'] as const).map((it) => (
          <label key={it} class="share-kind">
            <input
              type="radio"
              name="share-kind"
              checked={kind === it}
              onChange={() => setKind(it)}
            />
            <span>
              {text.kinds[it]}
              <small>{text.kindTexts[it]}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <label>
        {text.end}
        <select value={end} onChange={(event) => setEnd(event.currentTarget.value)}>
          {!isNew && <option value={KEEP}>{text.keepEnd}</option>}
          {DAYS.map((count) => (
            <option key={count} value={`${count}`}>
              {text.days(count)}
            </option>
          ))}
          <option value={NEVER}>{text.never}</option>
        </select>
      </label>
      <label class="check-label">
        <input
          type="checkbox"
          checked={showsName}
          onChange={(event) => setShowsName(event.currentTarget.checked)}
        />
        {text.showName}
      </label>
      <p class="share-note">{text.neverShown}</p>
      <div class="row">
        {(isNew || hasChange) && (
          <button type="submit" class="primary">
            {isNew ? text.create : text.save}
          </button>
        )}
        {!isNew && share.kind === 'snapshot' && !hasNewKind && (
          <button type="button" onClick={() => onSave({ kind: 'snapshot' })}>
            {text.retake}
          </button>
        )}
        {!isNew && (
          <button type="button" class="quiet bad" onClick={onStop}>
            {strings.value.shareStop}
          </button>
        )}
      </div>
    </form>
  );
}
