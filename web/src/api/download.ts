import { authorized } from './client.ts';

/**
 * Downloads a file that needs the access token: through a blob, since a link cannot send one.
 * @throws ApiError, Unreachable
 */
export async function download(address: string, name: string): Promise<void> {
  const blob = await (await authorized('GET', address)).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
