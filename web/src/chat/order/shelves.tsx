import type { ComponentType } from 'preact';
import type { Conversation } from '../../api/types.ts';
import { pinned, search } from '../../state/conversations.ts';
import { folders } from '../../state/folders.ts';
import { type Hit, jumpTo } from '../../state/jump.ts';
import { strings } from '../../strings/strings.ts';
import { laterPart } from '../../ui/later-part.tsx';
import { Snippet } from '../palette/snippet.tsx';

interface Props {
  readonly current: string | undefined;
  readonly onGone: () => void;
  /** How the list shows a chat. */
  readonly item: ComponentType<{
    conversation: Conversation;
    isCurrent: boolean;
    onGone: () => void;
  }>;
}

const FolderSections = laterPart<Props>(
  async () => (await import('./folder-sections.tsx')).FolderSections,
);

/** Whether there is anything above the chats by day. */
export function hasShelves(): boolean {
  const isListed = (pinned.value?.length ?? 0) > 0 || folders.value.length > 0;
  return isListed && search.value.trim() === '';
}

/** What stands above the chats by day: those that are pinned, and folders. */
export function Shelves(props: Props) {
  const { current, onGone, item: Item } = props;
  const all = pinned.value ?? [];
  if (search.value.trim() !== '') return null;
  return (
    <>
      {all.length > 0 && (
        <section>
          <h2>{strings.value.order.pinned}</h2>
          <ul>
            {all.map((it) => (
              <Item key={it.id} conversation={it} isCurrent={it.id === current} onGone={onGone} />
            ))}
          </ul>
        </section>
      )}
      {folders.value.length > 0 && <FolderSections {...props} />}
    </>
  );
}

/** Where a search found a chat, below its title. */
export function HitLine({ conversation }: { conversation: Hit }) {
  const { match } = conversation;
  if (!match || match.where === 'title') return null;
  return <Snippet class="hit-line" text={match.text} ranges={match.ranges} />;
}

/** Opens a chat that was found where it was found. */
export function openHit(event: MouseEvent, conversation: Hit): void {
  const isPlain = !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!conversation.match || !isPlain) return;
  event.preventDefault();
  jumpTo(conversation, search.value);
}
