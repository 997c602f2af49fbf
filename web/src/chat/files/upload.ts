/** Uploads files from a composer, pictures as small as models read them. */
import { ApiError, accessToken, call, hasCode, Unreachable } from '../../api/client.ts';
import type { ChatFile, FileSpace } from '../../api/types.ts';
import { reportText } from '../../state/error-notice.ts';
import { PREFIX } from '../../state/site-address.ts';
import { fileTexts, uploadErrors } from '../../strings/files/late.ts';
import { errorText, number } from '../../strings/strings.ts';
import { announce } from '../../ui/announcer.tsx';
import type { Attachment } from './machine.ts';
import { isPicture, smallPicture, UnreadablePicture } from './pictures.ts';

/** Uploads one after the other: a phone has one line. */
let last: Promise<unknown> = Promise.resolve();

/** Notes how the upload of a file goes. */
type Note = (key: number, changed: Partial<Attachment>) => void;

/** Uploads files that were added to a composer. */
export function startUploads(added: readonly Attachment[], note: Note): void {
  for (const it of added) {
    const stop = new AbortController();
    note(it.key, { fault: undefined, progress: undefined, stop: () => stop.abort() });
    last = last.then(() => upload(it, stop.signal, note)).catch(() => undefined);
  }
}

/** Says that not all files were added. */
export function tellTooMany(most: number): void {
  reportText(fileTexts.value.tooMany(number(most)));
}

async function upload(
  { key, name, source }: Attachment,
  stop: AbortSignal,
  note: Note,
): Promise<void> {
  if (!source || stop.aborted) return;
  const text = fileTexts.value;
  try {
    const file = isPicture(source) ? await smallPicture(source) : source;
    // It renews the access token as well, if that is needed.
    const { max_size: max, quota, used } = await call<FileSpace>('GET', '/api/files/');
    if (file.size > max) throw refusal('file_too_large', { max });
    if (file.size > quota - used) {
      throw refusal('files_quota_exceeded', { max: quota, left: Math.max(0, quota - used) });
    }
    const onProgress = (progress: number) => note(key, { progress });
    const stored = await send(file, stop, onProgress);
    note(key, { file: stored, name: stored.name, size: stored.size, stop: undefined });
    announce(text.added(name));
  } catch (error) {
    if (stop.aborted) return;
    const fault =
      error instanceof UnreadablePicture
        ? text.pictureBroken
        : errorText(error, uploadErrors.value);
    // What the file is will not change: only what may go well another time is tried again.
    const isFinal =
      error instanceof UnreadablePicture ||
      hasCode(error, 'file_unreadable') ||
      hasCode(error, 'file_too_large');
    note(key, { fault, stop: undefined, ...(isFinal ? { source: undefined } : {}) });
    announce(`${name}: ${fault}`);
  }
}

/** A refusal that need not be asked for. */
function refusal(code: string, params: object): ApiError {
  return new ApiError(413, { code, params }, new Headers());
}

/** A browser tells only this kind of request how far it is. */
function send(
  file: File,
  stop: AbortSignal,
  onProgress: (progress: number) => void,
): Promise<ChatFile> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${PREFIX}/api/files/`);
    request.responseType = 'json';
    request.setRequestHeader('authorization', `Bearer ${accessToken() ?? ''}`);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status === 201) return resolve(request.response as ChatFile);
      const headers = new Headers();
      for (const name of ['chit-error', 'chit-error-params', 'retry-after']) {
        const value = request.getResponseHeader(name);
        if (value !== null) headers.set(name, value);
      }
      reject(new ApiError(request.status, request.response, headers));
    };
    request.onerror = () => reject(new Unreachable());
    request.onabort = () => reject(new Unreachable());
    stop.addEventListener('abort', () => request.abort(), { once: true });
    const form = new FormData();
    form.append('file', file, file.name);
    request.send(form);
  });
}
