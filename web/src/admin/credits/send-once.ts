/**
 * Sends a list of grants so that it is applied once, however often answers get lost. Until the
 * server has answered, the same list keeps its idempotency key.
 */
import { ApiError } from '../../api/client.ts';

/** A list of grants with its reason. */
export interface GrantList {
  readonly to: readonly { readonly id: number; readonly tokens: number }[];
  readonly reason: string;
}

/** The idempotency keys of lists without an answer, by the JSON of the list. */
export type UnansweredKeys = Readonly<Record<string, string>>;

/** Where the keys are kept. */
export interface KeyStore {
  readonly get: () => UnansweredKeys;
  readonly set: (keys: UnansweredKeys) => void;
}

/** Whether this list was sent without an answer. */
export function isUnanswered(keys: UnansweredKeys, list: GrantList): boolean {
  return JSON.stringify(list) in keys;
}

/**
 * Sends a list under its key and forgets the key when the server has answered definitely.
 * @throws what `send` throws
 */
export async function sendOnce(
  list: GrantList,
  keys: KeyStore,
  send: (key: string) => Promise<unknown>,
): Promise<void> {
  const text = JSON.stringify(list);
  const key = keys.get()[text] ?? newKey();
  const forget = () => {
    const { [text]: _, ...rest } = keys.get();
    keys.set(rest);
  };
  // Kept before it is sent: someone may leave the page meanwhile and come back.
  keys.set({ ...keys.get(), [text]: key });
  try {
    await send(key);
  } catch (error) {
    if (isDefinite(error)) forget();
    throw error;
  }
  forget();
}

/** Whether an error proves that nothing was applied. */
export function isDefinite(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status < 500;
}

/** Not `crypto.randomUUID`, which browsers offer on secure pages only. */
export function newKey(): string {
  return String(crypto.getRandomValues(new BigUint64Array(2)));
}
