import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { site } from '../../state/site.ts';
import { number, shownLanguage, strings } from '../../strings/strings.ts';
import { Dialog } from '../../ui/dialog.tsx';
import type { Invitation } from '../types.ts';
import { confirmAction } from '../ui/confirm.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { type Lasting, LastingFields, lastingIn } from './lasting.tsx';

const ADDRESS = '/api/admin/invitations/';
/** As many ids fit into an address; a group or a batch has a page of its own. */
const MOST_PRINTED = 100;
/** The server changes no more at once. */
const MOST_CHANGED = 2_000;

/** All that the filters of the list find and that nobody has come by, shown or not. */
export interface AllFound {
  readonly count: number;
  /** The filters, as the server knows them. */
  readonly filter: Readonly<Record<string, string>>;
}

/** Actions on the selected invitations; fixed at the bottom, so that it is always in view. */
export function SelectionBar(props: {
  readonly selected: readonly Invitation[];
  /** undefined if no filter is set: nothing is done to all without saying which. */
  readonly found: AllFound | undefined;
  readonly onClear: () => void;
  readonly onDone: () => void;
}) {
  const { selected, found, onClear, onDone } = props;
  const [isAll, setAll] = useState(false);
  const [isExtending, setExtending] = useState(false);
  if (selected.length === 0) return null;
  const all = isAll ? found : undefined;
  const count = all?.count ?? selected.length;
  const ids = selected.map(({ id }) => id);
  const change = async (path: string, body: object, done: (count: number) => string) => {
    const isDone = await runAction(
      () =>
        call<{ changed: number }>('POST', `${ADDRESS}${path}/`, {
          ...(all ? all.filter : { ids }),
          ...body,
        }),
      ({ changed }) => done(changed),
    );
    if (!isDone) return;
    setAll(false);
    onDone();
  };
  const extend = async (lasting: Lasting) => {
    setExtending(false);
    await change('extend', lasting, words.value.invitationExtendDone);
  };
  const send = () =>
    change('send', { language: shownLanguage.value }, words.value.invitationSendDone);
  const end = async () => {
    const answer = await confirmAction({
      title: words.value.invitationEndTitle(count),
      sentences: [words.value.invitationEndText],
      label: words.value.invitationEnd,
      isDangerous: true,
      hasReason: 'optional',
    });
    if (!answer) return;
    const body = answer.reason === '' ? {} : { reason: answer.reason };
    await change('end', body, words.value.invitationEndDone);
  };
  const hasMore = found && found.count > selected.length && found.count <= MOST_CHANGED;
  return (
    <div class="selection-bar" role="toolbar" aria-label={words.value.selected(number(count))}>
      <strong>{words.value.selected(number(count))}</strong>
      {hasMore && !isAll && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          {words.value.invitationSelectFound(found.count)}
        </button>
      )}
      {!all && count <= MOST_PRINTED && selected.every(({ state }) => state === 'open') && (
        <a class="button" href={`/admin/invitations/slips?id=${ids.join(',')}`}>
          {words.value.invitationPrint}
        </a>
      )}
      {site.value?.sends_mail && selected.some(isMailable) && (
        <button type="button" onClick={() => void send()}>
          {words.value.invitationSend}
        </button>
      )}
      <button type="button" onClick={() => setExtending(true)}>
        {words.value.invitationExtend}
      </button>
      <button type="button" onClick={() => void end()}>
        {words.value.invitationEnd}
      </button>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          setAll(false);
          onClear();
        }}
      >
        {words.value.clearSelection}
      </button>
      {isExtending && (
        <ExtendDialog
          count={count}
          onClose={() => setExtending(false)}
          onExtend={(lasting) => void extend(lasting)}
        />
      )}
    </div>
  );
}

function isMailable({ state, email }: Invitation): boolean {
  return state === 'open' && email !== null;
}

function ExtendDialog(props: {
  readonly count: number;
  readonly onClose: () => void;
  readonly onExtend: (lasting: Lasting) => void;
}) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    props.onExtend(lastingIn(new FormData(event.currentTarget as HTMLFormElement)));
  };
  return (
    <Dialog title={words.value.invitationExtendTitle(props.count)} onClose={props.onClose}>
      <form onSubmit={submit}>
        <p>{words.value.invitationExtendText}</p>
        <LastingFields />
        <div class="row">
          <button type="submit" class="primary">
            {words.value.invitationExtend}
          </button>
          <button type="button" onClick={props.onClose}>
            {strings.value.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
