import { authorized } from './client.ts';

/**
 * Downloads a file that needs the access token: through a blob, since a link cannot send one.
 * @throws ApiError, Unreachable
 */
export async function download(address: string, name: string): Promise<void> {
  saveFile(await (await authorized('GET', address)).blob(), name);
}

/** Gives the reader a file to save. */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
