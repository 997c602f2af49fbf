import { authorized } from './client.ts';

/**
 * Downloads a file that needs the access token: through a blob, since a link cannot send one. CSV
 * gets a mark by which spreadsheets know that it is UTF-8.
 * @throws ApiError, Unreachable
 */
export async function download(address: string, name: string): Promise<void> {
  const content = await (await authorized('GET', address)).blob();
  const { type } = content;
  saveFile(name.endsWith('.csv') ? new Blob(['\ufeff', content], { type }) : content, name);
}

/** Gives the reader a file to save. */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
