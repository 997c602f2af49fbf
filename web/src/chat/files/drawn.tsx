/** Files in a composer and under a message. */
import { useEffect, useState } from 'preact/hooks';
import { download } from '../../api/download.ts';
import type { ChatFile } from '../../api/types.ts';
import { models } from '../../state/account.ts';
import { reportError } from '../../state/error-notice.ts';
import { chooseModel, shownModel } from '../../state/model.ts';
import { refusedKey } from '../../state/refused-key.ts';
import { fileTexts } from '../../strings/files/late.ts';
import { number } from '../../strings/strings.ts';
import { announce } from '../../ui/announcer.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icons.tsx';
import { focusComposer } from '../focus.ts';
import {
  attachmentsIn,
  detach,
  filesIn,
  isSentOnceUploaded,
  noteUpload,
  sendOnceUploaded,
  uploadState,
} from './attachments.ts';
import { unreadIn } from './file-tokens.ts';
import type { Attachment } from './machine.ts';
import { sizeText } from './size-text.ts';
import { pictureUrl } from './thumbnails.ts';
import { startUploads } from './upload.ts';
import '../../styles/files.css';

/** The files in a composer, with what they are to the model. */
export function Chips({ conversation }: { conversation: string | undefined }) {
  const text = fileTexts.value;
  return (
    <div class="chips">
      <ul aria-label={text.attached}>
        {attachmentsIn(conversation).map((it) => (
          <Chip
            key={it.key}
            attachment={it}
            onAgain={() => startUploads([it], noteUpload)}
            onRemove={() => {
              detach(conversation, it);
              announce(text.removed(it.name));
              // The button is gone.
              focusComposer();
            }}
          />
        ))}
      </ul>
      <UnreadByShown files={filesIn(conversation)} />
      <Waiting conversation={conversation} />
    </div>
  );
}

/** A file that is attached, or on its way. */
export function Chip(props: { attachment: Attachment; onAgain: () => void; onRemove: () => void }) {
  const { name, size, progress, file, fault, source } = props.attachment;
  const text = fileTexts.value;
  const isBusy = !file && fault === undefined;
  const percent = Math.round((progress ?? 0) * 100);
  const state = progress === undefined ? text.preparing : text.uploading(number(percent));
  return (
    <li class={fault === undefined ? 'chip' : 'chip faulty'} aria-busy={isBusy}>
      {file?.kind === 'picture' ? (
        <Thumbnail file={file} source={source} />
      ) : (
        <span class="chip-kind" aria-hidden="true">
          {endingOf(name)}
        </span>
      )}
      <span class="chip-text">
        <span class="chip-name" title={name}>
          <bdi>{name}</bdi>
        </span>
        <span class="chip-state">
          {fault ?? (isBusy ? state : <About file={file} size={size} />)}
        </span>
      </span>
      {isBusy && (
        <progress max={1} value={progress ?? 0} aria-label={text.uploading(`${percent}`)} />
      )}
      {fault !== undefined && source && (
        <button
          type="button"
          class="quiet"
          aria-label={text.again(name)}
          title={text.tryAgain}
          onClick={props.onAgain}
        >
          <Icon name="again" />
        </button>
      )}
      <button type="button" class="quiet" aria-label={text.remove(name)} onClick={props.onRemove}>
        <Icon name="close" />
      </button>
    </li>
  );
}

function About({ file, size }: { file: ChatFile | undefined; size: number }) {
  const pages = file?.pages ?? null;
  const ofPages = pages === null ? '' : `${fileTexts.value.pages(number(pages))} · `;
  return (
    <>
      {ofPages}
      {sizeText(size)}
    </>
  );
}

/** What becomes of a message that was sent before its files were there, or with one that failed. */
function Waiting({ conversation }: { conversation: string | undefined }) {
  const text = fileTexts.value;
  if (uploadState(conversation) === 'failed') {
    // The files themselves may be scrolled out of sight.
    return (
      <p class="files-waiting faulty" role={refusedKey.value === undefined ? undefined : 'alert'}>
        {text.faulty}
      </p>
    );
  }
  return (
    <p class="files-waiting" role="status">
      {isSentOnceUploaded(conversation) && (
        <>
          <span>{text.sentOnceUploaded}</span>
          <button
            type="button"
            class="link"
            onClick={() => {
              sendOnceUploaded(conversation, false);
              focusComposer();
            }}
          >
            {text.notYet}
          </button>
        </>
      )}
    </p>
  );
}

/** Says which file the model of the chat cannot be given, and offers one that can. */
export function UnreadByShown({ files }: { files: readonly ChatFile[] }) {
  const { value: model } = shownModel;
  if (!model) return null;
  const choose = (name: string) => void chooseModel(name);
  return <Unread files={files} model={model.name} onChoose={choose} />;
}

/** Says which file a model cannot be given, and offers a model that can. */
export function Unread(props: {
  files: readonly ChatFile[];
  model: string;
  onChoose: (name: string) => void;
}) {
  const { files, model, onChoose } = props;
  const text = fileTexts.value;
  const unread = unreadIn(files, model);
  if (!unread) return null;
  const other = models.value.find(({ name }) => unreadIn(files, name) === undefined);
  return (
    <p class="files-unread" role="alert">
      {unread.kind === 'picture' ? text.cannotSee(model) : text.cannotRead(model)}{' '}
      {other && (
        <button type="button" class="link" onClick={() => onChoose(other.name)}>
          {text.choose(other.name)}
        </button>
      )}
    </p>
  );
}

/** The files of a message: pictures open large, all others are downloaded. */
export function Files({ files, isOwn }: { files: readonly ChatFile[]; isOwn: boolean }) {
  const text = fileTexts.value;
  const [open, setOpen] = useState<ChatFile | undefined>();
  const save = (file: ChatFile) =>
    void download(`/api/files/${file.id}/`, file.name).catch(reportError);
  return (
    <>
      <ul class="message-files" aria-label={text.ofMessage}>
        {files.map((file) => (
          <li key={file.id}>
            {!isOwn && <SharedFile file={file} />}
            {isOwn && file.kind === 'picture' && (
              <button
                type="button"
                class="picture"
                aria-label={text.open(file.name)}
                onClick={(event) => {
                  event.currentTarget.focus();
                  setOpen(file);
                }}
              >
                <Thumbnail file={file} />
              </button>
            )}
            {isOwn && file.kind !== 'picture' && (
              <button
                type="button"
                class="download"
                title={text.download(file.name)}
                onClick={() => save(file)}
              >
                <FileCard file={file} />
              </button>
            )}
          </li>
        ))}
      </ul>
      {open && (
        <Dialog title={open.name} onClose={() => setOpen(undefined)}>
          <div class="large-picture">
            <Thumbnail file={open} alt={open.name} />
          </div>
          <button type="button" onClick={() => save(open)}>
            {text.download(open.name)}
          </button>
        </Dialog>
      )}
    </>
  );
}

/** A file of a shared chat: its browser opens pictures in a page of their own, and saves others. */
function SharedFile({ file }: { file: ChatFile }) {
  const { href, name, kind } = file;
  const text = fileTexts.value;
  if (href === undefined) return <FileCard file={file} />;
  if (kind !== 'picture') {
    return (
      <a class="download" href={href} download={name} title={text.download(name)}>
        <FileCard file={file} />
      </a>
    );
  }
  return (
    <a class="picture" href={href} target="_blank" rel="noreferrer" aria-label={text.open(name)}>
      <Thumbnail file={file} />
    </a>
  );
}

function FileCard({ file }: { file: ChatFile }) {
  const { name, size } = file;
  return (
    <span class="chip">
      <span class="chip-kind" aria-hidden="true">
        {endingOf(name)}
      </span>
      <span class="chip-text">
        <span class="chip-name" title={name}>
          <bdi>{name}</bdi>
        </span>
        <span class="chip-state">
          <About file={file} size={size} />
        </span>
      </span>
    </span>
  );
}

function Thumbnail(props: { file: ChatFile; source?: File | undefined; alt?: string }) {
  const { file, source, alt = '' } = props;
  const [url, setUrl] = useState<string | undefined>();
  const [isGone, setGone] = useState(false);
  useEffect(() => {
    if (file.href !== undefined) return undefined;
    let isOver = false;
    pictureUrl(file.id, source).then(
      (it) => !isOver && setUrl(it),
      () => !isOver && setGone(true),
    );
    return () => {
      isOver = true;
    };
  }, [file.id]);
  const address = file.href ?? url;
  if (isGone) return <span class="thumbnail gone">{fileTexts.value.gone}</span>;
  // Its room is there before it, so that nothing moves.
  const [width, height] = [file.width ?? 1, file.height ?? 1];
  const room = { aspectRatio: `${width} / ${height}`, '--width': width, '--height': height };
  return (
    <span class="thumbnail" style={room}>
      {address !== undefined && (
        <img
          src={address}
          alt={alt}
          width={width}
          height={height}
          loading="lazy"
          onError={() => setGone(true)}
        />
      )}
    </span>
  );
}

function endingOf(name: string): string {
  return (/\.([^.\s]{1,5})$/.exec(name)?.[1] ?? '·').toUpperCase();
}
