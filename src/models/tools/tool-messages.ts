/**
 * Calls of tools in the formats of the provider APIs: OpenAI's function calling
 * (https://platform.openai.com/docs/guides/function-calling) and Anthropic's tool use
 * (https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use).
 */
import {
  isObjectJson,
  type ToolCallPiece,
  type ToolPrompt,
  type ToolRound,
  type WrittenBlock,
} from '../../core/tools.ts';
import {
  countAt,
  type JsonObject,
  objectAt,
  objectsAt,
  type ParsedChunk,
  type ProviderApi,
  textAt,
} from '../provider-apis/provider-api.ts';
import { blockPieceIn } from './written-blocks.ts';

/** The members of a request that say which tools there are. */
export function toolMembers(
  family: ProviderApi['family'],
  { definitions, mayCall }: ToolPrompt,
): JsonObject {
  if (family === 'anthropic') {
    const tools = definitions.map(({ name, description, parameters }) => ({
      name,
      description,
      input_schema: parameters,
    }));
    return { tools, ...(mayCall ? {} : { tool_choice: { type: 'none' } }) };
  }
  const tools = definitions.map((definition) => ({ type: 'function', function: definition }));
  return { tools, ...(mayCall ? {} : { tool_choice: 'none' }) };
}

/**
 * The messages after that of the user: what the model wrote in each round, and the answers.
 * @param isThinking whether the model thinks on, and so is given all that it wrote, as it wrote it
 */
export function roundMessages(
  family: ProviderApi['family'],
  rounds: readonly ToolRound[],
  isThinking = false,
): JsonObject[] {
  if (family !== 'anthropic') return rounds.flatMap(openAiRound);
  return rounds.flatMap((round) => anthropicRound(round, isThinking));
}

function openAiRound({ text, calls, results }: ToolRound): JsonObject[] {
  return [
    {
      role: 'assistant',
      content: text === '' ? null : text,
      tool_calls: calls.map(({ id, name, arguments: input }) => ({
        id,
        type: 'function',
        function: { name, arguments: isObjectJson(input) ? input : '{}' },
      })),
    },
    ...calls.map(({ id }, index) => ({
      role: 'tool',
      tool_call_id: id,
      content: results[index] ?? '',
    })),
  ];
}

function anthropicRound(round: ToolRound, isThinking: boolean): JsonObject[] {
  const { calls, results } = round;
  return [
    { role: 'assistant', content: anthropicBlocks(round, isThinking) },
    {
      role: 'user',
      content: calls.map(({ id }, index) => ({
        type: 'tool_result',
        tool_use_id: id,
        content: results[index] || 'The tool answered nothing.',
      })),
    },
  ];
}

function anthropicBlocks({ text, calls, written }: ToolRound, isThinking: boolean): JsonObject[] {
  // Blocks without text are refused.
  const plain: WrittenBlock[] = text.trim() === '' ? [] : [{ type: 'text', text }];
  const before = isThinking ? (written?.blocks ?? plain) : plain;
  const left = calls.map(({ id, name, arguments: input }): JsonObject => {
    const members = isObjectJson(input) ? (JSON.parse(input) as unknown) : {};
    return { type: 'tool_use', id, name, input: members };
  });
  const blocks = before.flatMap((block): JsonObject[] =>
    block.type === 'tool_use' ? left.splice(0, 1) : [block],
  );
  return [...blocks, ...left];
}

/** An API whose streams are also read for calls of tools, and for what their model wants back. */
export function withToolCalls(api: ProviderApi): ProviderApi {
  const piecesIn = api.family === 'anthropic' ? anthropicPieces : openAiPieces;
  return {
    ...api,
    readEvent: (event): ParsedChunk => {
      const block = api.family === 'anthropic' ? blockPieceIn(event) : undefined;
      const chunk = { ...api.readEvent(event), ...(block ? { blocks: [block] } : {}) };
      const toolCalls = piecesIn(event);
      if (toolCalls.length === 0) return chunk;
      // It is no thinking, and the API puts it last.
      const written = toolCalls.map((it) => it.name + it.arguments).join('');
      const { nonReplyOutput } = chunk;
      const isLast = nonReplyOutput.endsWith(written);
      const end = isLast ? nonReplyOutput.length - written.length : nonReplyOutput.length;
      return { ...chunk, nonReplyOutput: nonReplyOutput.slice(0, end), toolCalls };
    },
  };
}

function openAiPieces(event: JsonObject): ToolCallPiece[] {
  return objectsAt(event, 'choices').flatMap((choice) =>
    objectsAt(objectAt(choice, 'delta'), 'tool_calls').map((call, position) => {
      const called = objectAt(call, 'function');
      return {
        index: countAt(call, 'index') ?? position,
        id: textAt(call, 'id'),
        name: textAt(called, 'name'),
        arguments: textAt(called, 'arguments'),
      };
    }),
  );
}

function anthropicPieces(event: JsonObject): ToolCallPiece[] {
  const index = countAt(event, 'index') ?? 0;
  if (event.type === 'content_block_start') {
    const block = objectAt(event, 'content_block');
    if (block.type !== 'tool_use') return [];
    return [{ index, id: textAt(block, 'id'), name: textAt(block, 'name'), arguments: '' }];
  }
  const delta = objectAt(event, 'delta');
  if (event.type !== 'content_block_delta' || delta.type !== 'input_json_delta') return [];
  return [{ index, id: '', name: '', arguments: textAt(delta, 'partial_json') }];
}

/** Puts calls together from the pieces of a stream. */
export class ToolCallCollector {
  readonly #calls: { index: number; id: string; name: string; arguments: string }[] = [];

  add(pieces: readonly ToolCallPiece[]): void {
    for (const piece of pieces) {
      const last = this.#calls.findLast(({ index }) => index === piece.index);
      // Some servers give every call the index 0, and each an id of its own.
      const isOther = piece.id !== '' && last && last.id !== '' && last.id !== piece.id;
      if (!last || isOther) this.#calls.push({ ...piece });
      else {
        last.id ||= piece.id;
        last.name ||= piece.name;
        last.arguments += piece.arguments;
      }
    }
  }

  /** Name and arguments of each call, in order. */
  get calls(): readonly { readonly name: string; readonly arguments: string }[] {
    return this.#calls.map((it) => ({ name: it.name, arguments: it.arguments.trim() || '{}' }));
  }
}
