/** How the tokens of a text depend on the model that reads it. */
import { type MeasuredModel, plainName, vendorOf } from './measured-model.ts';

/** The least and the most tokens of a text, relative to those of the encoding o200k_base. */
export interface Spread {
  readonly least: number;
  readonly most: number;
}

/** Built-in models count as we do. */
const OWN: Spread = { least: 1, most: 1 };
/** It is the encoding of these models; cutting words and joining texts adds a few tokens. */
const SAME: Spread = { least: 0.95, most: 1 };
/** For a rough number, where nothing was counted. */
export const BYTES_PER_TOKEN = 4;
/** Older ones have more tokens for languages other than English. */
const OPENAI_OTHERS: Spread = { least: 0.75, most: 2 };
/**
 * The same page has 9 to 16 % more tokens up to Claude 4.6 and 45 to 60 % more since; languages
 * with other scripts have more.
 */
const ANTHROPIC: Spread = { least: 0.9, most: 2.5 };
const OTHERS: Spread = { least: 0.7, most: 2.5 };

const O200K = /^(gpt-4o|gpt-4\.1|gpt-4\.5|gpt-5|chatgpt-4o|o[134]($|-))/;

/** How far the tokenizer of a model can be from o200k_base, in which texts are counted. */
export function spreadOf(model: MeasuredModel): Spread {
  switch (vendorOf(model)) {
    case 'built-in':
      return OWN;
    case 'openai':
      return O200K.test(plainName(model.upstreamModel ?? '')) ? SAME : OPENAI_OTHERS;
    case 'anthropic':
      return ANTHROPIC;
    default:
      return OTHERS;
  }
}

/** What a request says of its tools. */
export interface Tools {
  readonly count: number;
  /** Those that the provider defines: it adds their description. */
  readonly ofProvider: number;
}

/** The largest of the prompts that Anthropic adds for tools, and for its computer tool. */
const ANTHROPIC_TOOLS_TOKENS = 804;
const PROVIDER_TOOL_TOKENS = 1_300;
/** Templates of open models: the date, a default system prompt, how to call a tool. */
const TEMPLATE_TOKENS = 256;
const TEMPLATE_TOOLS_TOKENS = 512;
const OPENAI_TOKENS = 64;
const ANTHROPIC_TOKENS = 32;

/**
 * The most tokens that a provider adds to what a request says.
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview, "Pricing"
 */
export function addedTokens(model: MeasuredModel, { count, ofProvider }: Tools): number {
  const ofTools = ofProvider * PROVIDER_TOOL_TOKENS;
  switch (vendorOf(model)) {
    case 'built-in':
      return 0;
    case 'openai':
      return OPENAI_TOKENS + ofTools;
    case 'anthropic':
      return ANTHROPIC_TOKENS + (count > 0 ? ANTHROPIC_TOOLS_TOKENS : 0) + ofTools;
    default:
      return TEMPLATE_TOKENS + (count > 0 ? TEMPLATE_TOOLS_TOKENS : 0) + ofTools;
  }
}
