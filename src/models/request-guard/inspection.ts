import { ChitError } from '../../core/errors.ts';
import type { Unit } from '../../core/units.ts';

/** Names come from the client, and errors are headers too. */
export const MAX_PATH_LENGTH = 200;

/** What `allowUnpriced` calls a region that costs more; its factor comes on top of a tier's. */
export const REGION_FEATURE = 'inference_geo';

/** What a request needs so that a member of it can be allowed. */
export type Need =
  /** A price for one of these units. */
  | { readonly units: readonly [Unit, ...Unit[]] }
  /** A price for this service tier, unless a rate of this unit tells what it costs. */
  | { readonly tier: string; readonly unless?: Unit }
  /** Permission, since no usage report tells what it costs. */
  | 'unmetered'
  /** That the provider keeps to the limit of calls that Chit sets. */
  | 'tool_calls'
  /** That the provider may fetch URLs. */
  | 'url'
  /** That members may pass of which Chit has never heard. */
  | 'unknown';

/** A member that costs, or may cost, more than the input and the output that can be seen. */
export interface Concern {
  /** Its path, such as `tools[2].type`. */
  readonly member: string;
  /** What `allowUnpriced` in `chit.json` calls it. */
  readonly feature: string;
  readonly need: Need;
}

/** Collects what the members of one request can cost, while the rules walk through its body. */
export class Inspection {
  /** The first member for each thing that is needed. */
  readonly #concerns = new Map<string, Concern>();
  readonly #path: (string | number)[] = [];
  /** The first member that has the model read its input again. */
  rereading: string | undefined;
  /** The most calls of those tools that the provider runs and that have a limit of their own. */
  limitedCalls = 0;
  /** The first tool that the provider runs as often as the model likes. */
  unlimitedTool: string | undefined;
  /** How often the model reads its input again beside the calls of tools. */
  summaries = 0;
  /** Whether a search may have any number of results, each of which is billed as one. */
  searchesFreely = false;
  /** The first member that stands for input which is not in the body. */
  unseen: string | undefined;
  /** The most calls of tools together; undefined if the request does not say. */
  toolCallLimit: number | undefined;
  /** Whether the provider may choose the service tier, since the request leaves it open. */
  isTierOpen = true;
  /** The most tokens of thinking within the output, and the member that says so. */
  thinking: { readonly member: string; readonly budget: number } | undefined;

  get concerns(): Concern[] {
    return [...this.#concerns.values()];
  }

  /** Applies a rule to a member or an item. */
  at(step: string | number, value: unknown, rule: Rule): void {
    this.#path.push(step);
    rule(value, this);
    this.#path.pop();
  }

  needs(need: Need, feature: string): void {
    const key = typeof need === 'string' ? need : 'tier' in need ? need.tier : need.units[0];
    const id = `${key} ${feature}`;
    if (this.#concerns.has(id)) return;
    this.#concerns.set(id, { member: this.#pathText(), feature, need });
  }

  /** This member has so many tokens of the output kept for thinking. */
  thinks(budget: number): void {
    if (budget > (this.thinking?.budget ?? -1))
      this.thinking = { member: this.#pathText(), budget };
  }

  /** What this member stands for is input too, and not in the body. */
  hides(): void {
    this.unseen ??= this.#pathText();
  }

  /**
   * A tool that the provider runs. Its results are input, and after each call the model reads all
   * of its input again.
   * @param calls the most calls of it; undefined without a limit
   */
  runsAtProvider(calls: number | undefined): void {
    this.rereading ??= this.#pathText();
    if (calls === undefined) this.unlimitedTool ??= this.#pathText();
    else this.limitedCalls += calls;
  }

  /** The model reads all of its input once more, to sum it up. */
  sumsUp(): void {
    this.rereading ??= this.#pathText();
    this.summaries += 1;
  }

  /** @param expected completes “… must be” */
  refuse(expected: string): never {
    throw new ChitError('member_invalid', { member: this.#pathText(), expected });
  }

  /** A member that some parsers take for another one. */
  refuseLookalike(known: string): never {
    throw new ChitError('member_repeated', { member: this.#pathText(), readAs: known });
  }

  #pathText(): string {
    const steps = this.#path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
    return steps.join('').replace(/^\./, '').slice(0, MAX_PATH_LENGTH);
  }
}

/** What a member can cost. `value` is null only for rules made by `notNull`. */
export type Rule = (value: unknown, inspection: Inspection) => void;
