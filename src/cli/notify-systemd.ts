import { execFile } from 'node:child_process';
import type { Environment } from '../config.ts';

/**
 * Tells systemd of a change (sd_notify(3)), if it asked for that (`Type=notify`). Node cannot send
 * to the socket itself, which is one of datagrams; the program `systemd-notify` does, so the unit
 * needs `NotifyAccess=all`.
 * @param onError receives why it could not be told
 */
export function notifySystemd(
  environment: Environment,
  change: 'READY=1' | 'STOPPING=1',
  onError: (error: Error) => void,
): void {
  if (!environment.NOTIFY_SOCKET) return;
  execFile('systemd-notify', [change], (error) => {
    if (error) onError(error);
  });
}
