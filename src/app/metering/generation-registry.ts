/**
 * The generations that this process is running. They live apart from the requests that started
 * them: readers come and go, and anyone with the right can stop one.
 */

/** Why a generation was stopped. */
export type StopReason =
  /** Its user pressed Stop, or an API client has left and nothing more is read for it. */
  | 'stopped'
  | 'account_disabled'
  /** The API key of the request was deleted or has expired. */
  | 'key_ended'
  /** Another server has ended its hold, or may have; or this one stops. */
  | 'server_lost';

/** How many characters of a generation a reader has. */
export interface ReadSoFar {
  readonly text: number;
  readonly nonReplyOutput: number;
}

/** Readers come a moment after a refusal at most; older ones are forgotten. */
const MAX_RETRY_TIMES = 1_000;

/** One running generation. */
export class RunningGeneration {
  readonly id: string;
  /** The personal account of the user who asked. */
  readonly accountId: number;
  /** The account that pays, if it is not the personal one. */
  readonly payerId: number | undefined;
  /** The API key of the request; undefined if the user is signed in. */
  readonly apiKeyId: string | undefined;
  readonly #abort = new AbortController();
  /** Created with the first reader, since most generations have none. */
  #readers: Set<() => void> | undefined;
  readonly #startedMs = performance.now();
  #text = '';
  #nonReplyOutput = '';
  #firstTextMs: number | undefined;
  #isEnded = false;
  #notes = 0;
  /** Whether its client has left, so that the model is only read on for its usage. */
  isReadOn = false;

  /** How long its provider asked to be left alone when it refused. */
  retryAfterSeconds: number | undefined;

  constructor({ id, accountId, payerId, apiKeyId }: NewGeneration) {
    this.id = id;
    this.accountId = accountId;
    this.payerId = payerId;
    this.apiKeyId = apiKeyId;
  }

  /** The reply so far. */
  get text(): string {
    return this.#text;
  }

  /** Output so far that is not part of the reply: what a model of a chat has thought. */
  get nonReplyOutput(): string {
    return this.#nonReplyOutput;
  }

  /** How long the first word of the reply took, or has taken so far, in milliseconds. */
  get thinkingMs(): number {
    return Math.round((this.#firstTextMs ?? performance.now()) - this.#startedMs);
  }

  /** Whether its outcome is in the ledger, or could not be written to it. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Aborts when the generation is to stop, with a `StopReason`. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Stops it; what was delivered so far is charged and kept. */
  stop(reason: StopReason): void {
    this.#abort.abort(reason);
  }

  /** Appends a piece of the reply, and of what is not part of it, and wakes the readers. */
  add(text: string, nonReplyOutput: string): void {
    if (text === '' && nonReplyOutput === '') return;
    if (text !== '') this.#firstTextMs ??= performance.now();
    this.#text += text;
    this.#nonReplyOutput += nonReplyOutput;
    this.#wakeReaders();
  }

  /** How often `note` was called. */
  get notes(): number {
    return this.#notes;
  }

  /** Wakes the readers for something that is no text, such as a step of a tool. */
  note(): void {
    this.#notes += 1;
    this.#wakeReaders();
  }

  end(): void {
    this.#isEnded = true;
    this.#wakeReaders();
  }

  /**
   * Resolves when there is more than the reader has, the generation has ended, or the reader has
   * gone.
   * @param read how many characters of both outputs the reader has
   * @param notes how often `note` had been called when it looked
   */
  changed(read: ReadSoFar, gone: AbortSignal, notes = this.#notes): Promise<void> {
    const hasMore =
      this.#notes !== notes ||
      this.#text.length > read.text ||
      this.#nonReplyOutput.length > read.nonReplyOutput;
    if (hasMore || this.#isEnded || gone.aborted) return Promise.resolve();
    const readers = this.#readers ?? new Set();
    this.#readers = readers;
    return new Promise((resolve) => {
      const wake = () => {
        readers.delete(wake);
        gone.removeEventListener('abort', wake);
        resolve();
      };
      readers.add(wake);
      gone.addEventListener('abort', wake);
    });
  }

  #wakeReaders(): void {
    if (!this.#readers) return;
    for (const wake of this.#readers) wake();
  }
}

/** What identifies a generation, and who pays for it. */
export type NewGeneration = Pick<RunningGeneration, 'id' | 'accountId' | 'payerId' | 'apiKeyId'>;

/** All generations of this process, by id. */
export class GenerationRegistry {
  /** By generation that has ended, in the time of `performance.now()`. */
  readonly #retryTimes = new Map<string, number>();
  readonly #running = new Map<string, RunningGeneration>();
  /** Exists while somebody waits for the last generation to end. */
  #idle: PromiseWithResolvers<void> | undefined;
  #mayReadOn = true;

  /** Whether the server stops, so that readers of other servers' replies are to go elsewhere. */
  get isStopping(): boolean {
    return !this.#mayReadOn;
  }

  /** Whether a model may be read on after its client has left. */
  get mayReadOn(): boolean {
    return this.#mayReadOn;
  }

  /** Accounts that have a running generation, each once. */
  get accountIds(): number[] {
    return [...new Set(this.#running.values().map(({ accountId }) => accountId))];
  }

  /** How many are running. */
  get size(): number {
    return this.#running.size;
  }

  get ids(): string[] {
    return [...this.#running.keys()];
  }

  /** API keys that have a running generation, each once. */
  get apiKeyIds(): string[] {
    const ids = this.#running.values().map(({ apiKeyId }) => apiKeyId);
    return [...new Set(ids)].filter((id) => id !== undefined);
  }

  find(id: string): RunningGeneration | undefined {
    return this.#running.get(id);
  }

  /** Registers a generation. The caller must pass it to `end` whatever happens. */
  start(started: NewGeneration): RunningGeneration {
    const generation = new RunningGeneration(started);
    this.#running.set(started.id, generation);
    return generation;
  }

  /**
   * In how many seconds the provider of a generation that it refused may be asked again; undefined
   * if it did not say so, or if that is over.
   */
  retryAfterSeconds(id: string): number | undefined {
    const leftMs = (this.#retryTimes.get(id) ?? 0) - performance.now();
    return leftMs > 0 ? Math.ceil(leftMs / 1000) : undefined;
  }

  #rememberRetry(id: string, seconds: number): void {
    this.#retryTimes.set(id, performance.now() + seconds * 1000);
    const [oldest] = this.#retryTimes.keys();
    if (oldest !== undefined && this.#retryTimes.size > MAX_RETRY_TIMES) {
      this.#retryTimes.delete(oldest);
    }
  }

  /** To be called when the outcome is in the ledger, or could not be written to it. */
  end(generation: RunningGeneration): void {
    this.#running.delete(generation.id);
    const { id, retryAfterSeconds = 0 } = generation;
    if (retryAfterSeconds > 0) this.#rememberRetry(id, retryAfterSeconds);
    generation.end();
    if (this.#running.size > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /**
   * Stops a generation of an account.
   * @returns whether this process was running it
   */
  stop(accountId: number, id: string): boolean {
    const generation = this.#running.get(id);
    if (generation?.accountId !== accountId) return false;
    generation.stop('stopped');
    return true;
  }

  /** Stops those of these generations that this process is running. */
  stopMany(ids: readonly string[], reason: StopReason): void {
    for (const id of ids) this.#running.get(id)?.stop(reason);
  }

  /** Stops all generations of an account. */
  stopAllOf(accountId: number, reason: StopReason): void {
    for (const generation of this.#running.values()) {
      if (generation.accountId === accountId) generation.stop(reason);
    }
  }

  /** Stops all generations of an API key. */
  stopAllOfKey(apiKeyId: string, reason: StopReason): void {
    for (const generation of this.#running.values()) {
      if (generation.apiKeyId === apiKeyId) generation.stop(reason);
    }
  }

  /** Stops everything. */
  stopAll(reason: StopReason): void {
    for (const generation of this.#running.values()) generation.stop(reason);
  }

  /** Stops what is read on for clients that have left, now and from now on: the server stops. */
  stopReadingOn(): void {
    this.#mayReadOn = false;
    for (const generation of this.#running.values()) {
      if (generation.isReadOn) generation.stop('stopped');
    }
  }

  /** Resolves once no generation is running. */
  async idle(): Promise<void> {
    if (this.#running.size === 0) return;
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
  }
}
