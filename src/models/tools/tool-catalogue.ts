import { isDeepStrictEqual } from 'node:util';
import type { ToolSettings } from '../../core/tools.ts';
import type { Tool } from './tool.ts';

/** The tools on offer. They can be replaced; whoever has one may call it to the end. */
export class ToolCatalogue {
  #tools: readonly Tool[];
  /** How often a model is asked for one message, at most. */
  rounds: number;

  constructor(tools: readonly Tool[], rounds: number) {
    this.#tools = tools;
    this.rounds = rounds;
  }

  get all(): readonly Tool[] {
    return this.#tools;
  }

  find(name: string): Tool | undefined {
    return this.#tools.find(({ settings }) => settings.name === name);
  }

  /** Offers others from now on; connections of those that are gone are closed. */
  replaceBy(tools: readonly Tool[], rounds: number): void {
    const before = this.#tools;
    this.#tools = tools;
    this.rounds = rounds;
    for (const tool of before) {
      if (!tools.includes(tool)) void tool.close().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#tools.map((tool) => tool.close()));
  }
}

/**
 * The tools of a deployment. What it takes to speak to them is loaded only if there are any.
 * @param connected are kept where their settings are the same
 */
export async function createTools(
  settings: readonly ToolSettings[],
  connected: readonly Tool[] = [],
): Promise<Tool[]> {
  return Promise.all(
    settings.map(async (it) => {
      const same = connected.find((tool) => isDeepStrictEqual(tool.settings, it));
      if (same) return same;
      if (it.kind !== 'mcp') {
        const { WebSearch } = await import('./web-search.ts');
        return new WebSearch(it);
      }
      const { McpTool } = await import('./mcp-tool.ts');
      return new McpTool(it);
    }),
  );
}
