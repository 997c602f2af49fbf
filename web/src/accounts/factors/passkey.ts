/** Asks the browser for passkeys. Loaded when the first one is used. */
import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser';

/** The user closed the browser's dialog, or it found no passkey. */
export class PasskeyStopped extends Error {}

/** @throws PasskeyStopped */
export function usePasskey(options: object): Promise<object> {
  const optionsJSON = options as PublicKeyCredentialRequestOptionsJSON;
  return startAuthentication({ optionsJSON }).catch(stop);
}

/** @throws PasskeyStopped */
export function createPasskey(options: object): Promise<object> {
  const optionsJSON = options as PublicKeyCredentialCreationOptionsJSON;
  return startRegistration({ optionsJSON }).catch(stop);
}

function stop(): never {
  throw new PasskeyStopped();
}
