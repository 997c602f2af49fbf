import { closeSync, openSync } from 'node:fs';

/** Whether the terminal that the server runs in was closed, which sends SIGHUP as well. */
export function hasLostTerminal(): boolean {
  if (!process.stdout.isTTY) return false;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}
