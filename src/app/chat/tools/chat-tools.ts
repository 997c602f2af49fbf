/** The tools that a model may call in a chat, under the names by which it is told of them. */
import { ChitError } from '../../../core/errors.ts';
import type { ToolDefinition, ToolSettings } from '../../../core/tools.ts';
import { type Tool, ToolFailure, type ToolFunction } from '../../../models/tools/tool.ts';
import type { Context } from '../../context.ts';
import { allowedFor } from '../../metering/models-for.ts';

/** What OpenAI and Anthropic take for the name of a function. */
const MOST_NAME_CHARACTERS = 64;
const SEPARATOR = '__';

/** A function that can be called. */
export interface CallableFunction {
  readonly tool: Tool;
  /** The name by which its server knows it. */
  readonly name: string;
}

/** The tools that are turned on in a chat and that its user may use. */
export interface ChatTools {
  readonly names: readonly string[];
  readonly definitions: readonly ToolDefinition[];
  /** By the name that the model is told. */
  readonly functions: ReadonlyMap<string, CallableFunction>;
}

/** A tool that a user may use, with what it offers now. */
export interface OfferedTool {
  readonly settings: ToolSettings;
  /** Undefined if it cannot be reached. */
  readonly functions: readonly ToolFunction[] | undefined;
}

/** All tools that a user may turn on. */
export async function toolsOffered(context: Context, userId: number): Promise<OfferedTool[]> {
  const usable = await usableTools(context, userId);
  return Promise.all(
    usable.map(async ({ settings, tool }) => {
      const functions = await tool.functions().catch(ignoreFailure);
      return { settings, functions };
    }),
  );
}

/**
 * The tools of some names. Those that are gone, or that the user may not use, are left out.
 * @returns undefined if there are none
 * @throws ChitError `tool_unavailable`
 */
export async function chatToolsOf(
  context: Context,
  userId: number,
  names: readonly string[],
): Promise<ChatTools | undefined> {
  if (names.length === 0) return undefined;
  const all = await usableTools(context, userId);
  const chosen = all.filter(({ settings }) => names.includes(settings.name));
  const definitions: ToolDefinition[] = [];
  const functions = new Map<string, CallableFunction>();
  for (const { tool } of chosen) {
    for (const { name, description, parameters } of await functionsOf(tool)) {
      const called = nameFor(tool.settings.name, name, functions);
      functions.set(called, { tool, name });
      definitions.push({ name: called, description, parameters });
    }
  }
  if (definitions.length === 0) return undefined;
  return { names: chosen.map(({ settings }) => settings.name), definitions, functions };
}

/** The function's own name, of the one that a model calls. */
export function shownName(called: string): string {
  const at = called.indexOf(SEPARATOR);
  return at === -1 ? called : called.slice(at + SEPARATOR.length);
}

async function usableTools(context: Context, userId: number) {
  const all = context.tools.all.map((tool) => {
    const { settings } = tool;
    return { tool, settings, allow: settings.allow };
  });
  return allowedFor(context, userId, all);
}

async function functionsOf(tool: Tool): Promise<readonly ToolFunction[]> {
  try {
    return await tool.functions();
  } catch (cause) {
    if (!(cause instanceof ToolFailure)) throw cause;
    throw new ChitError('tool_unavailable', { tool: tool.settings.name }, { cause });
  }
}

function ignoreFailure(error: unknown): undefined {
  if (!(error instanceof ToolFailure)) throw error;
}

/** Names of two functions may be the same once they are cut and cleaned. */
function nameFor(tool: string, name: string, taken: ReadonlyMap<string, unknown>): string {
  const clean = `${tool}${SEPARATOR}${name.replaceAll(/[^\w-]/g, '_')}`;
  for (let nth = 1; ; nth += 1) {
    const suffix = nth === 1 ? '' : `_${nth}`;
    const called = clean.slice(0, MOST_NAME_CHARACTERS - suffix.length) + suffix;
    if (!taken.has(called)) return called;
  }
}
