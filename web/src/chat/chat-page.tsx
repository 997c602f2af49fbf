import { useEffect, useState } from 'preact/hooks';
import { ResetNotice } from '../accounts/reset-notice.tsx';
import type { Message } from '../api/types.ts';
import { Ticket } from '../credits/ticket.tsx';
import { balance, me } from '../state/account.ts';
import { errorNotice } from '../state/error-notice.ts';
import { chooseModel, isBalanceTooLow, shownModel } from '../state/model.ts';
import { arrivals } from '../state/router.ts';
import { edit, openConversation, regenerate, retry } from '../state/send-message.ts';
import { draftFor, failure, writeDraft } from '../state/sending.ts';
import {
  announcement,
  conversation,
  isLoading,
  loadFailure,
  running,
  shown,
} from '../state/thread.ts';
import { number, strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { Insecure } from '../ui/insecure.tsx';
import { Composer } from './composer.tsx';
import { useComposerFocus } from './focus.ts';
import { HelpDialog } from './help-dialog.tsx';
import { ModelPicker } from './model-picker.tsx';
import { OrderHosts } from './order/order-hosts.tsx';
import { TemporaryNotice, TemporaryToggle } from './order/temporary-notice.tsx';
import { PaletteHost } from './palette/palette-host.tsx';
import { PromptDialog } from './prompt-dialog.tsx';
import { useSheet } from './sheet.ts';
import { useShortcuts } from './shortcuts.ts';
import { Sidebar } from './sidebar.tsx';
import { ThreadView } from './thread-view.tsx';

/** The chat page: the sidebar, and the conversation that is open. */
export function ChatPage({ id }: { id: string | undefined }) {
  const sheet = useSheet();
  const [dialog, setDialog] = useState<'help' | 'prompt'>();
  useEffect(() => void openConversation(id), [id, arrivals.value]);
  useShortcuts({ onHelp: () => setDialog('help') });
  useComposerFocus(id, running.value !== undefined);
  return (
    <div class={sheet.isOpen ? 'chat menu-open' : 'chat'}>
      <Sidebar current={id} onGone={sheet.close} />
      <button
        type="button"
        class="scrim"
        aria-label={strings.value.closeMenu}
        tabIndex={-1}
        onClick={sheet.close}
      />
      <main inert={sheet.isOpen}>
        <Head
          isMenuOpen={sheet.isOpen}
          onMenu={sheet.toggle}
          onPrompt={() => setDialog('prompt')}
          id={id}
        />
        <ResetNotice />
        <Thread id={id} />
        <ErrorNotice />
        {!loadFailure.value && (
          <div class="foot">
            <TemporaryNotice id={id} />
            <Composer conversation={id} />
            <Insecure />
          </div>
        )}
      </main>
      <Announcement />
      <PaletteHost onHelp={() => setDialog('help')} />
      <OrderHosts />
      {dialog === 'help' && <HelpDialog onClose={() => setDialog(undefined)} />}
      {dialog === 'prompt' && <PromptDialog onClose={() => setDialog(undefined)} />}
    </div>
  );
}

function Head(props: {
  isMenuOpen: boolean;
  onMenu: () => void;
  onPrompt: () => void;
  id: string | undefined;
}) {
  const { isMenuOpen, onMenu, onPrompt } = props;
  const text = strings.value;
  const isInstructed = (conversation.value?.system_prompt ?? '') !== '';
  return (
    <header>
      <button
        type="button"
        class="quiet menu-toggle"
        aria-label={text.openMenu}
        aria-expanded={isMenuOpen}
        onClick={onMenu}
      >
        <Icon name="menu" />
      </button>
      <ModelPicker
        name={shownModel.value?.name ?? ''}
        onChange={(name) => void chooseModel(name)}
      />
      <button
        type="button"
        class={isInstructed ? 'quiet instructed' : 'quiet'}
        aria-label={isInstructed ? text.systemPromptSet : text.systemPrompt}
        title={isInstructed ? text.systemPromptSet : text.systemPrompt}
        onClick={(event) => {
          // Safari does not focus a clicked button, and the dialog returns the focus to it.
          event.currentTarget.focus();
          onPrompt();
        }}
      >
        <Icon name="tune" />
      </button>
      <TemporaryToggle id={props.id} />
      <Ticket isLow={isBalanceTooLow.value || failure.value?.kind === 'balance'} />
    </header>
  );
}

/** Stable identities, so that messages are not rendered again because of them. */
const actions = {
  onRegenerate: (message: Message) => void regenerate(message),
  onEdit: edit,
  onRetry: () => void retry(),
};

function Thread({ id }: { id: string | undefined }) {
  const text = strings.value;
  if (loadFailure.value) {
    return (
      <div class="thread-frame nowhere" role="alert">
        <h1>{loadFailure.value === 'missing' ? text.notFound : text.offline}</h1>
        {loadFailure.value === 'network' && (
          <button type="button" onClick={() => void openConversation(id)}>
            {text.retry}
          </button>
        )}
      </div>
    );
  }
  const isElsewhere = id !== undefined && conversation.value?.id !== id;
  if (isLoading.value || isElsewhere) return <div class="thread-frame" aria-busy="true" />;
  if (shown.value.length === 0 && !failure.value) return <Greeting id={id} />;
  return <ThreadView {...actions} />;
}

/** An error beside sending, until it is closed. */
function ErrorNotice() {
  if (errorNotice.value === '') return null;
  return (
    <div class="send-failure trouble" role="alert">
      <p>{errorNotice.value}</p>
      <button
        type="button"
        onClick={() => {
          errorNotice.value = '';
        }}
      >
        {strings.value.close}
      </button>
    </div>
  );
}

function Greeting({ id }: { id: string | undefined }) {
  const text = strings.value;
  return (
    <div class="thread-frame greeting">
      <h1>{text.greeting(me.value?.username ?? '')}</h1>
      <p>{text.greetingText(number(balance.value))}</p>
      <ul>
        {text.starters.map((starter) => (
          <li key={starter}>
            <button type="button" onClick={() => start(id, starter)}>
              {starter}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Puts a starter into the composer, so that its cost is seen first. A draft stays. */
function start(id: string | undefined, starter: string): void {
  const draft = draftFor(id);
  const isFree = draft.trim() === '' || strings.value.starters.includes(draft);
  writeDraft(id, isFree ? starter : `${draft.trimEnd()}\n${starter}`);
  document.getElementById('composer')?.focus();
}

/** Announces to screen readers that an answer comes and how it ended, not each word. */
function Announcement() {
  const text = strings.value;
  const { value: news } = announcement;
  const ended = { complete: text.done, incomplete: text.unfinished, failed: text.noAnswer };
  const words =
    news === 'generating'
      ? text.generating
      : news && news.status !== 'pending'
        ? ended[news.status]
        : '';
  return (
    <div class="offscreen" role="status" aria-live="polite">
      {words}
    </div>
  );
}
