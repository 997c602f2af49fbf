import type { ToolSettings } from '../../core/tools.ts';
import { createTools } from '../../models/tools/tool-catalogue.ts';

/** What a tool said when it was asked. */
export interface AskedTool {
  readonly name: string;
  /** What it offers, of what `only` lets through. */
  readonly functions: readonly string[];
  /** Why it cannot be used; undefined if it can. */
  readonly failure: string | undefined;
}

/** Asks each tool once what it offers; a search of the web is searched for one word. */
export async function askEachTool(settings: readonly ToolSettings[]): Promise<AskedTool[]> {
  const tools = await createTools(settings);
  try {
    return await Promise.all(
      tools.map(async (tool): Promise<AskedTool> => {
        const { name, kind, only = [], timeoutMs } = tool.settings;
        try {
          const offered = (await tool.functions()).map((it) => it.name);
          if (kind !== 'mcp') {
            await tool.call('search', { query: 'test' }, AbortSignal.timeout(timeoutMs));
          }
          const missing = only.filter((it) => !offered.includes(it));
          const failure = missing.length === 0 ? undefined : `it has no ${missing.join(', ')}.`;
          return { name, functions: offered, failure };
        } catch (error) {
          return { name, functions: [], failure: (error as Error).message };
        }
      }),
    );
  } finally {
    await Promise.all(tools.map((tool) => tool.close()));
  }
}
