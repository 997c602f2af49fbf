/** What this server offers by `chit.json`, and when it was read. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Deployment, ProviderSettings, RateLimits } from '../../core/deployment.ts';
import { type DeploymentChange, deploymentChanges } from '../../core/deployment-changes.ts';
import type { Fraction } from '../../core/pricing.ts';
import { DeploymentError } from '../../models/deployment-file/deployment-error.ts';
import type { UnresolvedName } from '../metering/allowed-users.ts';
import { type LimitInForce, limitsInForce } from '../metering/limits-in-force.ts';

/** The file as it was read, without faults. */
export interface DeploymentFileRead {
  /** Its path; undefined if there is none, and what is on offer follows from the settings. */
  readonly file: string | undefined;
  /** Its text; empty without a file. */
  readonly text: string;
  /** Its members, as JSON has them. */
  readonly entries: unknown;
  readonly deployment: Deployment;
}

/** Why the file could not be read again; what was read before stays in force. */
export interface DeploymentRefusal {
  readonly atMs: number;
  /** Sentences, each with the place in the file that it is about. */
  readonly faults: readonly string[];
}

/** What became of a file that was read again. */
export type RereadResult =
  | { readonly outcome: 'refused'; readonly faults: readonly string[] }
  | {
      readonly outcome: 'reread';
      readonly by: 'staff' | 'signal';
      readonly file: string | undefined;
      readonly changes: readonly DeploymentChange[];
      /** Names in `allow` that let nobody in. */
      readonly unresolved: readonly UnresolvedName[];
    };

/** What a file would change. */
export interface DeploymentPreview {
  /** Sentences; the file can only be put in force if there are none. */
  readonly faults: readonly string[];
  readonly changes: readonly DeploymentChange[];
  /** Tells the file that was looked at from a later one; undefined with faults. */
  readonly revision: string | undefined;
}

const NOTHING: DeploymentFileRead = {
  file: undefined,
  text: '',
  entries: {},
  deployment: { providers: [], models: [], defaultModel: '', aliases: {}, limits: {} },
};

/** The file in force on this server. */
export class ServedDeployment {
  readonly #settings: RateLimits;
  readonly #read: () => Promise<DeploymentFileRead>;
  readonly #now: () => number;
  #current: DeploymentFileRead;
  #readAtMs: number;
  #fingerprint: string | undefined;
  #refusal: DeploymentRefusal | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  /** Called after each attempt to read the file again. */
  onReread: (result: RereadResult) => void = () => undefined;

  /**
   * @param first what is in force; undefined in tests with models of their own
   * @param read reads the file again; throws DeploymentError
   * @param settings limits of accounts where the file has none
   */
  constructor(
    first: DeploymentFileRead | undefined,
    options: {
      readonly read: () => Promise<DeploymentFileRead>;
      readonly settings: RateLimits;
      readonly now: () => number;
    },
  ) {
    this.#current = first ?? NOTHING;
    this.#read = options.read;
    this.#settings = options.settings;
    this.#now = options.now;
    this.#readAtMs = this.#now();
  }

  /** The path of the file; undefined if there is none. */
  get file(): string | undefined {
    return this.#current.file;
  }

  /** The file in force, as it was read. */
  get current(): DeploymentFileRead {
    return this.#current;
  }

  /** Tells what is on offer, at which prices and within which limits, from anything else. */
  get fingerprint(): string {
    this.#fingerprint ??= fingerprintOf(this.#current.deployment, this.limits);
    return this.#fingerprint;
  }

  /** The dollars of one credit; undefined if the file in force does not say. */
  get tokenIsWorth(): Fraction | undefined {
    return this.#current.deployment.tokenIsWorth;
  }

  /** When the file in force was read, in milliseconds since 1970 UTC. */
  get readAtMs(): number {
    return this.#readAtMs;
  }

  /** The last attempt to read the file again, if it failed. */
  get refusal(): DeploymentRefusal | undefined {
    return this.#refusal;
  }

  get limits(): LimitInForce[] {
    return limitsInForce(this.#settings, this.#current.deployment.limits);
  }

  /** Says what the file would change, and changes nothing. */
  async preview(): Promise<DeploymentPreview> {
    try {
      const read = await this.#read();
      return { faults: [], changes: this.changesTo(read), revision: revisionOf(read) };
    } catch (error) {
      if (!(error instanceof DeploymentError)) throw error;
      return { faults: error.faults, changes: [], revision: undefined };
    }
  }

  /**
   * Reads the file to put it in force.
   * @throws DeploymentError, which staff are told of from now on
   */
  async read(): Promise<DeploymentFileRead> {
    try {
      return await this.#read();
    } catch (error) {
      if (error instanceof DeploymentError) {
        this.#refusal = { atMs: this.#now(), faults: error.faults };
      }
      throw error;
    }
  }

  /** The file is in force from now on. */
  setCurrent(read: DeploymentFileRead): void {
    this.#current = read;
    this.#fingerprint = undefined;
    this.#readAtMs = this.#now();
    this.#refusal = undefined;
  }

  /** Runs what changes the deployment, one after the other. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** What a file would change. */
  changesTo(read: DeploymentFileRead): DeploymentChange[] {
    const changes = deploymentChanges(this.#current.entries, read.entries);
    const before = this.#current.deployment.providers;
    for (const provider of read.deployment.providers) {
      const earlier = before.find((it) => it.name === provider.name);
      if (!earlier || isDeepStrictEqual(keysOf(earlier), keysOf(provider))) continue;
      // The file only names variables of the environment.
      const [old, now] = [shownKeys(earlier), shownKeys(provider)];
      changes.push({ member: `providers.${provider.name}.apiKey`, before: old, after: now });
    }
    return changes;
  }
}

/** The keys of a provider, one for each of its endpoints. */
function keysOf({ apiKey, endpoints }: ProviderSettings): readonly (string | undefined)[] {
  return endpoints ? endpoints.map((it) => it.apiKey) : [apiKey];
}

function shownKeys(provider: ProviderSettings): string | undefined {
  return keysOf(provider).some((key) => key !== undefined) ? '(hidden)' : undefined;
}

/** Of addresses and keys nothing is taken: servers may reach providers in ways of their own. */
function fingerprintOf(deployment: Deployment, limits: readonly LimitInForce[]): string {
  const { providers, models, defaultModel, aliases, tokenIsWorth, tools, toolRounds } = deployment;
  const { signIn } = deployment;
  const offered = {
    providers: providers.map(({ name, family, kind }) => ({ name, family, kind })),
    models,
    defaultModel,
    aliases,
    tokenIsWorth,
    limits,
    tools: tools?.map(({ name, pricePerCall, allow, approval, only }) => {
      return { name, pricePerCall, allow, approval, only };
    }),
    toolRounds,
    signIn: signIn?.map((it) => ({ ...it, clientSecret: undefined })),
  };
  const text = JSON.stringify(offered, (_name, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Tells the text of a file from any other. */
export function revisionOf({ file, text }: DeploymentFileRead): string {
  return createHash('sha256').update(`${file}\n${text}`).digest('base64url');
}
