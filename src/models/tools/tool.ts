import type { ToolSettings } from '../../core/tools.ts';

/** One function of a tool, by the name that its server gives it. */
export interface ToolFunction {
  readonly name: string;
  readonly description: string;
  /** A JSON Schema of an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What a tool answered: untrusted text, of `MOST_RESULT_BYTES` at most. */
export interface ToolAnswer {
  readonly text: string;
  /** Whether the tool says itself that it failed. */
  readonly isError: boolean;
}

/** A server of tools, or a search of the web. */
export interface Tool {
  readonly settings: ToolSettings;
  /**
   * What it offers, of what `only` lets through; remembered for a while.
   * @throws ToolFailure
   */
  functions(): Promise<readonly ToolFunction[]>;
  /**
   * Calls one of them.
   * @param input as the model wrote it
   * @throws ToolFailure if there was no answer: nothing is charged
   */
  call(
    name: string,
    input: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<ToolAnswer>;
  close(): Promise<void>;
}

/** A tool could not be reached, or gave no answer. The message is for the model and its user. */
export class ToolFailure extends Error {}
