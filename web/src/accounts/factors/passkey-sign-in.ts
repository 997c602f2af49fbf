import { ask } from '../../api/client.ts';
import { signInAt } from '../../state/account.ts';
import { factorsText } from '../../strings/factors/factors.ts';
import { errorText } from '../../strings/strings.ts';
import { PasskeyStopped, usePasskey } from './passkey.ts';

/** Signs in with a passkey alone. @returns what went wrong; empty if nothing */
export async function signInWithPasskey(): Promise<string> {
  try {
    const { options } = await ask<{ options: object }>('/api/session/passkey/options/', {});
    await signInAt('/api/session/passkey/', { passkey: await usePasskey(options) });
    return '';
  } catch (error) {
    return passkeyFault(error);
  }
}

/** What went wrong, also if the browser's dialog was closed. */
export function passkeyFault(error: unknown): string {
  return error instanceof PasskeyStopped ? factorsText.value.passkeyStopped : errorText(error);
}
