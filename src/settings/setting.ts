/** One setting of the table in `config.ts`. */
export interface Setting<T> {
  readonly name: `CHIT_${string}`;
  /** The text used if the setting is not set. */
  readonly fallback: string;
  /** Shown in the table in place of an empty fallback. */
  readonly fallbackNote?: string;
  readonly isSecret?: boolean;
  /** Whether `NAME_FILE` may name a file with the text, as containers are given secrets. */
  readonly mayBeFile?: boolean;
  /** What of the text may be shown, if it may contain a secret. */
  readonly shown?: (text: string) => string;
  /** One line for people. */
  readonly doc: string;
  /** Parses the text, or throws an Error that says what is expected. */
  readonly parse: (text: string) => T;
}

/** A setting, with the type of its value. */
export const setting = <T>(it: Setting<T>): Setting<T> => it;
