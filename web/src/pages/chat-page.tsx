import type { Signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { Composer } from '../components/composer.tsx';
import { useComposerFocus } from '../components/focus.ts';
import { HelpDialog } from '../components/help-dialog.tsx';
import { Icon } from '../components/icons.tsx';
import { Insecure } from '../components/insecure.tsx';
import { ModelPicker } from '../components/model-picker.tsx';
import { PromptDialog } from '../components/prompt-dialog.tsx';
import { useSheet } from '../components/sheet.ts';
import { useShortcuts } from '../components/shortcuts.ts';
import { Sidebar } from '../components/sidebar.tsx';
import { ThreadView } from '../components/thread-view.tsx';
import { Ticket } from '../components/ticket.tsx';
import { balance, defaultModel, me, models } from '../state/account.ts';
import { changeConversation } from '../state/conversations.ts';
import { draftFor } from '../state/drafts.ts';
import {
  announcement,
  branch,
  conversation,
  failure,
  isLoading,
  loadFailure,
  openThread,
  regenerate,
  running,
  say,
} from '../state/thread.ts';
import { number, strings } from '../strings/strings.ts';

/** The chat: conversations beside the one that is open. */
export function ChatPage({ id }: { id: string | undefined }) {
  const sheet = useSheet();
  const [dialog, setDialog] = useState<'help' | 'prompt'>();
  const [chosen, setChosen] = useState<string>();
  useEffect(() => {
    void openThread(id);
    setChosen(undefined);
  }, [id]);
  useShortcuts({ onHelp: () => setDialog('help'), onMenu: sheet.open });
  useComposerFocus(id, running.value !== undefined);

  const name = chosen ?? conversation.value?.model ?? defaultModel.value?.name ?? '';
  const model = models.value.find((it) => it.name === name) ?? defaultModel.value;
  const choose = (wanted: string) => {
    setChosen(wanted);
    const { value: open } = conversation;
    if (open) void changeConversation(open.id, { model: wanted }).catch(() => undefined);
  };
  const send = (content: string, parent: string | null) =>
    say(content, { model: chosen ?? conversation.value?.model ?? undefined, parent });
  const sendNext = (content: string) => send(content, branch.value.at(-1)?.id ?? null);
  const { value: failed } = failure;
  const draft = draftFor(id);
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
          model={model?.name ?? ''}
          isMenuOpen={sheet.isOpen}
          onMenu={sheet.toggle}
          onModel={choose}
          onPrompt={() => setDialog('prompt')}
        />
        <Thread
          onRegenerate={(message) => void regenerate(message, chosen)}
          onEdit={(message, content) => send(content, message.parent)}
          onRetry={() => failed && void retry(failed, send, draft)}
          onStart={(content) => void sendNext(content)}
        />
        <div class="foot">
          <Composer draft={draft} model={model} onSend={sendNext} />
          <Insecure />
        </div>
      </main>
      <Announcement />
      {dialog === 'help' && <HelpDialog onClose={() => setDialog(undefined)} />}
      {dialog === 'prompt' && <PromptDialog onClose={() => setDialog(undefined)} />}
    </div>
  );
}

function Head(props: {
  model: string;
  isMenuOpen: boolean;
  onMenu: () => void;
  onModel: (name: string) => void;
  onPrompt: () => void;
}) {
  const { model, isMenuOpen, onMenu, onModel, onPrompt } = props;
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
      <ModelPicker name={model} onChange={onModel} />
      <button
        type="button"
        class={isInstructed ? 'quiet instructed' : 'quiet'}
        aria-label={isInstructed ? text.systemPromptSet : text.systemPrompt}
        title={isInstructed ? text.systemPromptSet : text.systemPrompt}
        onClick={(event) => {
          // Where a click gives no focus, the dialog would not know where to give it back.
          event.currentTarget.focus();
          onPrompt();
        }}
      >
        <Icon name="tune" />
      </button>
      <Ticket isLow={balance.value === 0 || failure.value?.kind === 'balance'} />
    </header>
  );
}

/** What could not be sent is still in the composer; once it is sent, it is no draft any more. */
async function retry(
  failed: { content: string; parent: string | null },
  send: (content: string, parent: string | null) => Promise<boolean>,
  draft: Signal<string>,
): Promise<void> {
  if (await send(failed.content, failed.parent)) draft.value = '';
}

function Thread(props: Parameters<typeof ThreadView>[0] & { onStart: (content: string) => void }) {
  const { onStart, ...actions } = props;
  if (loadFailure.value) {
    const text = strings.value;
    const words = loadFailure.value === 'missing' ? text.notFound : text.offline;
    return (
      <div class="thread-frame nowhere">
        <h1>{words}</h1>
      </div>
    );
  }
  if (isLoading.value) return <div class="thread-frame" aria-busy="true" />;
  const isEmpty = branch.value.length === 0 && !failure.value;
  return isEmpty ? <Greeting onStart={onStart} /> : <ThreadView {...actions} />;
}

function Greeting({ onStart }: { onStart: (content: string) => void }) {
  const text = strings.value;
  return (
    <div class="thread-frame greeting">
      <h1>{text.greeting(me.value?.username ?? '')}</h1>
      <p>{text.greetingText(number(balance.value))}</p>
      <ul>
        {text.starters.map((starter) => (
          <li key={starter}>
            <button type="button" onClick={() => onStart(starter)}>
              {starter}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** For those who hear the page: that an answer will come and that it is there, not each word. */
function Announcement() {
  const { generating, done } = strings.value;
  const words = { '': '', generating, done }[announcement.value];
  return (
    <div class="offscreen" role="status" aria-live="polite">
      {words}
    </div>
  );
}
