/** How files come into the chat: a button, a drop anywhere on the page, or the clipboard. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { strings } from '../../strings/strings.ts';
import { Icon } from '../../ui/icons.tsx';
import { attach } from './attachments.ts';
import '../../styles/attach.css';

/** What phones offer the camera for is among it. */
const ACCEPTED =
  'image/*,application/pdf,text/*,.csv,.json,.md,.docx,.xlsx,.pptx,.odt,.ods,.odp,' +
  '.ts,.tsx,.js,.py,.java,.c,.cpp,.h,.cs,.go,.rs,.rb,.php,.sql,.sh,.yml,.yaml,.toml,.xml,.log';

/** The browser's own choice of files, opened by a button. */
export function FileInput(props: {
  onFiles: (chosen: readonly File[]) => void;
  children: (choose: () => void) => ComponentChildren;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        class="attach-input"
        multiple
        accept={ACCEPTED}
        tabIndex={-1}
        aria-hidden="true"
        onChange={({ currentTarget }) => {
          props.onFiles([...(currentTarget.files ?? [])]);
          // The same file can be chosen again.
          currentTarget.value = '';
        }}
      />
      {props.children(() => input.current?.click())}
    </>
  );
}

/** Attaches files to the next message. */
export function AttachButton({ conversation }: { conversation: string | undefined }) {
  const text = strings.value.files;
  return (
    <FileInput onFiles={(chosen) => void attach(conversation, chosen)}>
      {(choose) => (
        <button
          type="button"
          class="quiet attach"
          aria-label={text.attach}
          title={text.attach}
          onClick={choose}
        >
          <Icon name="clip" />
        </button>
      )}
    </FileInput>
  );
}

/** Files that are pasted, unless with text, which programs paste with a picture of it. */
export function filesPasted(event: ClipboardEvent): readonly File[] {
  const { files = [], types = [] } = event.clipboardData ?? {};
  if (files.length === 0 || types.includes('text/plain')) return [];
  event.preventDefault();
  return [...files];
}

/** Attaches what is pasted to the next message. */
export function pasteFiles(conversation: string | undefined, event: ClipboardEvent): void {
  const pasted = filesPasted(event);
  if (pasted.length > 0) void attach(conversation, pasted);
}

/** Takes files that are dropped anywhere, so that none of them replaces the page. */
export function DropZone(props: { onFiles: (dropped: readonly File[]) => void }) {
  const [isOver, setOver] = useState(false);
  const latest = useRef(props.onFiles);
  latest.current = props.onFiles;
  useEffect(() => {
    let depth = 0;
    const set = (now: number) => {
      depth = Math.max(0, now);
      setOver(depth > 0);
    };
    const hasFiles = ({ dataTransfer }: DragEvent) =>
      dataTransfer?.types.includes('Files') ?? false;
    const onEnter = (event: DragEvent) => hasFiles(event) && set(depth + 1);
    const onLeave = (event: DragEvent) => hasFiles(event) && set(depth - 1);
    const onOver = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const onDrop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      set(0);
      // Behind a dialog nobody would see them.
      if (document.querySelector('dialog[open]')) return;
      latest.current([...(event.dataTransfer?.files ?? [])]);
    };
    const handlers = { dragenter: onEnter, dragleave: onLeave, dragover: onOver, drop: onDrop };
    for (const [name, on] of Object.entries(handlers)) {
      window.addEventListener(name, on as EventListener);
    }
    return () => {
      for (const [name, on] of Object.entries(handlers)) {
        window.removeEventListener(name, on as EventListener);
      }
    };
  }, []);
  if (!isOver) return null;
  return (
    <div class="drop-zone" aria-hidden="true">
      <p>{strings.value.files.dropHere}</p>
    </div>
  );
}
