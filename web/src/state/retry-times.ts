/** When models that were busy may be asked again. */

/** By message, in the time of `performance.now()`. */
const times = new Map<string, number>();

/** Notes for how long the provider of a message's model wants to be left alone. */
export function waitUntil(message: string, seconds: number): void {
  times.set(message, performance.now() + seconds * 1000);
}

/** How many seconds are left until a message may be sent again; 0 if it may. */
export function secondsUntil(message: string): number {
  return Math.max(0, Math.ceil(((times.get(message) ?? 0) - performance.now()) / 1000));
}
