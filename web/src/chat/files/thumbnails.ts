/** Pictures of messages, which need the access token, as addresses of blobs. */
import { authorized } from '../../api/client.ts';
import { atSessionEnd } from '../../state/account.ts';

const urls = new Map<string, Promise<string>>();
/** Those that were seen longest ago are given up. */
const MOST_KEPT = 60;

atSessionEnd(() => {
  for (const id of [...urls.keys()]) forget(id);
});

/**
 * The address of a picture, for as long as it is among the last ones.
 * @param source the same picture, if it was chosen here
 */
export function pictureUrl(id: string, source?: File): Promise<string> {
  const before = urls.get(id);
  if (before) {
    urls.delete(id);
    urls.set(id, before);
    return before;
  }
  const made = source ? Promise.resolve(URL.createObjectURL(source)) : fetched(id);
  made.catch(() => urls.delete(id));
  urls.set(id, made);
  const [oldest] = urls.keys();
  if (urls.size > MOST_KEPT && oldest !== undefined) forget(oldest);
  return made;
}

async function fetched(id: string): Promise<string> {
  return URL.createObjectURL(await (await authorized('GET', `/api/files/${id}/`)).blob());
}

function forget(id: string): void {
  void urls.get(id)?.then(
    (url) => URL.revokeObjectURL(url),
    () => undefined,
  );
  urls.delete(id);
}
