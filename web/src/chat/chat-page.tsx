import { useEffect, useState } from 'preact/hooks';
import { ResetNotice } from '../accounts/reset-notice.tsx';
import type { Message } from '../api/types.ts';
import { Ticket } from '../credits/ticket.tsx';
import { me } from '../state/account.ts';
import { conversations, search } from '../state/conversations.ts';
import { errorNotice } from '../state/error-notice.ts';
import {
  chooseModel,
  isBalanceTooLow,
  shownAssistant,
  shownInstructions,
  shownModel,
} from '../state/model.ts';
import { arrivals } from '../state/router.ts';
import { edit, openConversation, regenerate, retry, sendAsNew } from '../state/send-message.ts';
import { draftFor, failure, writeDraft } from '../state/sending.ts';
import {
  announcement,
  conversation,
  isLoading,
  loadFailure,
  running,
  shown,
} from '../state/thread.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { Insecure } from '../ui/insecure.tsx';
import { laterPart } from '../ui/later-part.tsx';
import { useTitle } from '../ui/use-title.ts';
import { Composer } from './composer.tsx';
import { attach } from './files/attachments.ts';
import { DropZone } from './files/file-entry.tsx';
import { useComposerFocus } from './focus.ts';
import { ModelPicker } from './model-picker.tsx';
import { OrderHosts } from './order/order-hosts.tsx';
import { TemporaryNotice, TemporaryToggle } from './order/temporary-notice.tsx';
import { PaletteHost } from './palette/palette-host.tsx';
import { useSheet } from './sheet.ts';
import { useShortcuts } from './shortcuts.ts';
import { Sidebar } from './sidebar.tsx';
import { ThreadView } from './thread-view.tsx';

const HelpDialog = laterPart(async () => (await import('./help-dialog.tsx')).HelpDialog);
const SecurityNotice = laterPart(
  async () => (await import('../accounts/security/security-notice.tsx')).SecurityNotice,
  { isQuiet: true },
);
const PromptDialog = laterPart(async () => (await import('./prompt-dialog.tsx')).PromptDialog);

/** The chat page: the sidebar, and the chat that is open. */
export function ChatPage({ id }: { id: string | undefined }) {
  const text = strings.value;
  const sheet = useSheet();
  const [dialog, setDialog] = useState<'help' | 'prompt'>();
  const showHelp = () => setDialog('help');
  useEffect(() => void openConversation(id), [id, arrivals.value]);
  useShortcuts({ onHelp: showHelp });
  useComposerFocus(id, running.value !== undefined);
  const isNew = isEmpty(id);
  const classes = [
    'chat',
    sheet.isOpen && 'menu-open',
    sheet.isHidden && 'sidebar-hidden',
    sheet.isSliding && 'slides',
  ];
  return (
    <div class={classes.filter(Boolean).join(' ')}>
      <button type="button" class="skip-link" onClick={skipToChat}>
        {text.skipToChat}
      </button>
      <Sidebar current={id} onGone={sheet.close} onHelp={showHelp} onFold={sheet.fold} />
      <button
        type="button"
        class="scrim"
        aria-label={text.closeMenu}
        tabIndex={-1}
        onClick={sheet.close}
      />
      <main class={isNew ? 'is-new' : undefined} tabIndex={-1} inert={sheet.isOpen}>
        <Head
          isMenuOpen={sheet.isOpen}
          onMenu={sheet.toggle}
          onPrompt={() => setDialog('prompt')}
          id={id}
        />
        <ResetNotice />
        <SecurityNotice />
        <Thread id={id} isNew={isNew} />
        <ErrorNotice />
        {loadFailure.value !== 'network' && (
          <div class="foot">
            <TemporaryNotice id={id} />
            <Composer conversation={loadFailure.value ? undefined : id} />
            <Insecure />
          </div>
        )}
        {isNew && <Starters id={id} />}
      </main>
      <DropZone onFiles={(dropped) => void attach(loadFailure.value ? undefined : id, dropped)} />
      <Announcement />
      <PaletteHost onHelp={() => setDialog('help')} />
      <OrderHosts />
      {dialog === 'help' && <HelpDialog onClose={() => setDialog(undefined)} />}
      {dialog === 'prompt' && <PromptDialog onClose={() => setDialog(undefined)} />}
    </div>
  );
}

/** Past the list of chats, to where the chat goes on. */
function skipToChat(): void {
  (document.getElementById('composer') ?? document.querySelector('main'))?.focus();
}

function Head(props: {
  isMenuOpen: boolean;
  onMenu: () => void;
  onPrompt: () => void;
  id: string | undefined;
}) {
  const { isMenuOpen, onMenu, onPrompt } = props;
  const text = strings.value;
  const isInstructed = shownInstructions.value !== '';
  const { value: assistant } = shownAssistant;
  const instructions = assistant ?? (isInstructed ? text.systemPromptSet : text.systemPrompt);
  const label = assistant ? `${text.systemPrompt}: ${assistant}` : instructions;
  return (
    <header>
      <button
        type="button"
        class="quiet icon-button menu-toggle"
        aria-label={text.openMenu}
        aria-expanded={isMenuOpen}
        onClick={onMenu}
      >
        <Icon name="sidebar" />
      </button>
      <a class="quiet icon-button head-new" href="/" aria-label={text.newChat} title={text.newChat}>
        <Icon name="plus" />
      </a>
      <ModelPicker
        name={shownModel.value?.name ?? ''}
        onChange={(name) => void chooseModel(name)}
      />
      <button
        type="button"
        class={isInstructed ? 'quiet instructions instructed' : 'quiet instructions'}
        aria-label={label}
        title={label}
        onClick={(event) => {
          // Safari does not focus a clicked button, and the dialog returns the focus to it.
          event.currentTarget.focus();
          onPrompt();
        }}
      >
        <Icon name="tune" />
        <span class="wide-label">{instructions}</span>
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
  onSendAsNew: () => void sendAsNew(),
};

/** Whether the chat that is open has no message yet. */
function isEmpty(id: string | undefined): boolean {
  const isElsewhere = id !== undefined && conversation.value?.id !== id;
  if (loadFailure.value || isLoading.value || isElsewhere) return false;
  return shown.value.length === 0 && !failure.value;
}

function Thread({ id, isNew }: { id: string | undefined; isNew: boolean }) {
  const text = strings.value;
  if (loadFailure.value) {
    return (
      <div class="thread-frame nowhere" role="alert">
        <h1>{loadFailure.value === 'missing' ? text.notFound : text.offline}</h1>
        {loadFailure.value === 'network' ? (
          <button type="button" onClick={() => void openConversation(id)}>
            {text.retry}
          </button>
        ) : (
          <a href="/">{text.newChat}</a>
        )}
      </div>
    );
  }
  const isElsewhere = id !== undefined && conversation.value?.id !== id;
  if (isLoading.value || isElsewhere) return <div class="thread-frame" aria-busy="true" />;
  if (isNew) return <Greeting />;
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

function Greeting() {
  const text = strings.value;
  // Answers may come in other chats.
  useTitle('');
  const isBeginner = conversations.value?.length === 0 && search.value === '';
  return (
    <div class="greeting">
      <h1 dir="auto">{text.greeting(me.value?.username ?? '')}</h1>
      {isBeginner && <p>{text.welcome}</p>}
    </div>
  );
}

function Starters({ id }: { id: string | undefined }) {
  return (
    <ul class="starters">
      {strings.value.starters.map((starter) => (
        <li key={starter}>
          <button type="button" onClick={() => start(id, starter)}>
            {starter}
          </button>
        </li>
      ))}
    </ul>
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
