/** Passkeys among what the browser fills in. Loaded with the sign-in form. */
import {
  browserSupportsWebAuthnAutofill,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  WebAuthnAbortService,
} from '@simplewebauthn/browser';
import { ask } from '../../api/client.ts';
import { signInAt } from '../../state/account.ts';
import { errorText } from '../../strings/strings.ts';

/** A challenge counts for five minutes. */
const RENEW_MS = 4 * 60_000;

/**
 * Offers passkeys in the username field (`autocomplete="username webauthn"`), and signs in with the
 * one that is chosen.
 * @param onFault told why a chosen one did not sign in
 * @returns stops it; to be called before passkeys are asked for in another way
 */
export function offerPasskeys(onFault: (words: string) => void): () => void {
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const offer = async () => {
    const { options } = await ask<{ options: object }>('/api/session/passkey/options/', {});
    if (isOver) return;
    // The next offer takes the place of this one.
    timer = setTimeout(again, RENEW_MS);
    const passkey = await startAuthentication({
      optionsJSON: options as PublicKeyCredentialRequestOptionsJSON,
      useBrowserAutofill: true,
    });
    clearTimeout(timer);
    if (isOver) return;
    isOver = true;
    await signInAt('/api/session/passkey/', { passkey }).catch((error: unknown) =>
      onFault(errorText(error)),
    );
  };
  // That it is not offered is no fault: the form and the button are there.
  const again = () => void offer().catch(() => undefined);
  void browserSupportsWebAuthnAutofill().then((isSupported) => {
    if (isSupported && !isOver) again();
  });
  return () => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    WebAuthnAbortService.cancelCeremony();
  };
}
