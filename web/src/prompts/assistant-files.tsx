/** The files of an assistant, where it is written. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChatFile, Model } from '../api/types.ts';
import { Chip, Unread } from '../chat/files/drawn.tsx';
import { DropZone, FileInput, filesPasted } from '../chat/files/file-entry.tsx';
import { tokensFor } from '../chat/files/file-tokens.ts';
import {
  type Attachment,
  readyFiles,
  type UploadState,
  uploadStateOf,
  withFilesBack,
} from '../chat/files/machine.ts';
import { startUploads, tellTooMany } from '../chat/files/upload.ts';
import { models } from '../state/account.ts';
import { fileTexts } from '../strings/files/late.ts';
import { promptsText } from '../strings/prompts/prompts.ts';
import { number } from '../strings/strings.ts';
import { announce } from '../ui/announcer.tsx';

/** The most files of an assistant; the server says the same. */
const MOST_FILES = 20;
const MILLION = 1_000_000;

/** The files in a form, and what can be done with them. */
export interface FormFiles {
  readonly list: readonly Attachment[];
  readonly ready: readonly ChatFile[];
  readonly state: UploadState;
  readonly add: (chosen: readonly File[]) => void;
  readonly again: (attachment: Attachment) => void;
  readonly remove: (attachment: Attachment) => void;
}

/** Keeps the files of a form; uploads end with it. */
export function useFormFiles(before: readonly ChatFile[]): FormFiles {
  const keys = useRef(0);
  const newKey = () => {
    keys.current += 1;
    return keys.current;
  };
  const [list, setList] = useState(() => withFilesBack([], before, newKey));
  const latest = useRef(list);
  latest.current = list;
  useEffect(
    () => () => {
      for (const it of latest.current) it.stop?.();
    },
    [],
  );
  const note = (key: number, changed: Partial<Attachment>) =>
    setList((now) => now.map((it) => (it.key === key ? { ...it, ...changed } : it)));
  return {
    list,
    ready: readyFiles(list),
    state: uploadStateOf(list),
    add: (chosen) => {
      const room = Math.max(0, MOST_FILES - list.length);
      const added = chosen.slice(0, room).map((source): Attachment => {
        return {
          key: newKey(),
          name: source.name,
          size: source.size,
          source,
          progress: undefined,
        };
      });
      setList((now) => [...now, ...added]);
      if (added.length < chosen.length) tellTooMany(MOST_FILES);
      startUploads(added, note);
    },
    again: (attachment) => startUploads([attachment], note),
    remove: ({ key, name, stop }) => {
      stop?.();
      setList((now) => now.filter((it) => it.key !== key));
      announce(fileTexts.value.removed(name));
    },
  };
}

/**
 * Chooses the files of an assistant: by a button, a drop or pasting.
 * @param props `model` is the one of the assistant; empty for any
 */
export function AssistantFiles(props: {
  files: FormFiles;
  model: string;
  onModel: (name: string) => void;
}) {
  const { files, model, onModel } = props;
  const { value: text } = promptsText;
  const button = useRef<HTMLButtonElement>(null);
  return (
    <fieldset class="assistant-files">
      <legend>{text.files}</legend>
      <p class="row-more">{text.filesHint}</p>
      {files.list.length > 0 && (
        <ul class="file-chips" aria-label={text.files}>
          {files.list.map((it) => (
            <Chip
              key={it.key}
              attachment={it}
              onAgain={() => files.again(it)}
              onRemove={() => {
                files.remove(it);
                button.current?.focus();
              }}
            />
          ))}
        </ul>
      )}
      <FilesCost files={files.ready} model={model} />
      {model !== '' && <Unread files={files.ready} model={model} onChoose={onModel} />}
      <FileInput onFiles={files.add}>
        {(choose) => (
          <button ref={button} type="button" onClick={choose}>
            {text.addFiles}
          </button>
        )}
      </FileInput>
      <DropZone onFiles={files.add} />
    </fieldset>
  );
}

/** What the files add to the price of each message: to its model, or the first that can be used. */
function FilesCost({ files, model }: { files: readonly ChatFile[]; model: string }) {
  const it = models.value.find(({ name }) => name === model) ?? models.value[0];
  const likely = it && tokensFor(files, it.name)?.likely;
  if (!it || !likely) return null;
  const cost = costOf(it, likely);
  if (cost === 0) return null;
  return (
    <p class="row-more" role="status">
      {promptsText.value.filesCost(number(cost), it.name)}
    </p>
  );
}

function costOf({ price }: Model, tokens: number): number {
  return Math.ceil((tokens * price.per_million_input) / MILLION);
}

/** Attaches what is pasted into a form, unless it is text. */
export function pasteInto({ add }: FormFiles, event: ClipboardEvent): void {
  const pasted = filesPasted(event);
  if (pasted.length > 0) add(pasted);
}
