import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder in the system's temporary folder that is filled once and used by every later run. It is
 * filled under a temporary name and renamed when it is complete, so several processes may call this
 * at the same time.
 * @param name names the contents and their version
 * @param proof a file in the folder; without it the folder is filled again
 * @param fill puts the contents into the folder that it is given
 * @returns the path of the folder
 */
export async function preparedFolder(
  name: string,
  proof: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(tmpdir(), name);
  if (existsSync(join(folder, proof))) return folder;
  const temporary = mkdtempSync(`${folder}-`);
  try {
    await fill(temporary);
    renameSync(temporary, folder);
  } catch (error) {
    // Another process may have been faster; its folder is as good.
    if (!existsSync(join(folder, proof))) throw error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return folder;
}
