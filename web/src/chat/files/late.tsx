/** What is drawn of files, loaded with the first of them. */
import { signal } from '@preact/signals';
import type { ChatFile } from '../../api/types.ts';
import { attachmentsIn } from './attachments.ts';

type Drawn = typeof import('./drawn.tsx');

const drawn = signal<Drawn | undefined>(undefined);
let isLoading = false;

function load(): Drawn | undefined {
  if (!drawn.value && !isLoading) {
    isLoading = true;
    import('./drawn.tsx').then(
      (it) => {
        drawn.value = it;
      },
      () => {
        isLoading = false;
      },
    );
  }
  return drawn.value;
}

/** The files in a composer. */
export function ComposerFiles({ conversation }: { conversation: string | undefined }) {
  if (attachmentsIn(conversation).length === 0) return null;
  const Chips = load()?.Chips;
  return Chips ? <Chips conversation={conversation} /> : null;
}

/** The files of a message; those of a shared one are where its link says. */
export function MessageFiles(props: { files: readonly ChatFile[]; isOwn: boolean }) {
  const { files, isOwn } = props;
  if (files.length === 0) return null;
  const Files = load()?.Files;
  return Files ? <Files files={files} isOwn={isOwn} /> : <div class="files-space" />;
}
