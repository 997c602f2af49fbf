import type { SignInFault } from '../../core/sign-in-faults.ts';

/** What a server tried with a provider. */
export type ProviderStep = 'ask' | 'sign_in' | 'sign_out';

export interface ProviderFailure extends SignInFault {
  readonly atMs: number;
  readonly step: ProviderStep;
}

/** How a provider has done lately, as this server saw it. */
export interface ProviderState {
  readonly askedAtMs: number | undefined;
  readonly okAtMs: number | undefined;
  /** The newest first. */
  readonly failures: readonly ProviderFailure[];
}

const MOST_FAILURES = 5;
const NOTHING: ProviderState = { askedAtMs: undefined, okAtMs: undefined, failures: [] };

/** Remembers how providers do, by their names. */
export class ProviderHealth {
  readonly #states = new Map<string, ProviderState>();

  of(name: string): ProviderState {
    return this.#states.get(name) ?? NOTHING;
  }

  noteSuccess(name: string, atMs: number): void {
    this.#states.set(name, { ...this.of(name), askedAtMs: atMs, okAtMs: atMs });
  }

  noteFailure(name: string, failure: ProviderFailure): void {
    const state = this.of(name);
    const failures = [failure, ...state.failures].slice(0, MOST_FAILURES);
    this.#states.set(name, { ...state, askedAtMs: failure.atMs, failures });
  }
}
