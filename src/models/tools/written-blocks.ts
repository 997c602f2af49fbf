/**
 * What Anthropic's models write before their calls, as they want it back with the answers: the
 * blocks of a response in their order, with thoughts that are signed and must not be changed
 * (https://platform.claude.com/docs/en/build-with-claude/extended-thinking,
 * https://platform.claude.com/docs/build-with-claude/thinking-tool-workflows).
 */
import type { ThinkingStyle } from '../../core/model-options.ts';
import type { BlockPiece, ToolPrompt, WrittenBlock } from '../../core/tools.ts';
import { countAt, type JsonObject, objectAt, textAt } from '../provider-apis/provider-api.ts';

/** Has models with a budget think after answers of tools too, not only before the first. */
const INTERLEAVED = { 'anthropic-beta': 'interleaved-thinking-2025-05-14' };

/** The piece of a block that an event of a stream has; undefined for any other event. */
export function blockPieceIn(event: JsonObject): BlockPiece | undefined {
  const index = countAt(event, 'index') ?? 0;
  if (event.type === 'content_block_start') {
    const block = objectAt(event, 'content_block');
    const signature = textAt(block, 'signature');
    switch (block.type) {
      case 'thinking':
        return { index, type: 'thinking', text: textAt(block, 'thinking'), signature };
      case 'redacted_thinking':
        return { index, type: 'redacted_thinking', text: textAt(block, 'data'), signature };
      case 'text':
        return { index, type: 'text', text: textAt(block, 'text'), signature };
      case 'tool_use':
        return { index, type: 'tool_use', text: '', signature };
      default:
        return undefined;
    }
  }
  if (event.type !== 'content_block_delta') return undefined;
  const delta = objectAt(event, 'delta');
  const text = textAt(delta, 'thinking') + textAt(delta, 'text');
  const signature = textAt(delta, 'signature');
  return text === '' && signature === '' ? undefined : { index, text, signature };
}

/** Puts the blocks of a response together from the pieces of its stream. */
export class BlockCollector {
  readonly #blocks = new Map<number, { type: WrittenBlock['type']; text: string; sign: string }>();

  add(pieces: readonly BlockPiece[]): void {
    for (const { index, type, text, signature } of pieces) {
      const block = this.#blocks.get(index);
      if (block) {
        block.text += text;
        block.sign += signature;
      } else if (type) {
        this.#blocks.set(index, { type, text, sign: signature });
      }
    }
  }

  /** In their order. */
  get blocks(): readonly WrittenBlock[] {
    return [...this.#blocks.values()].flatMap(({ type, text, sign }): WrittenBlock[] => {
      if (type === 'thinking') return [{ type, thinking: text, signature: sign }];
      if (type === 'redacted_thinking') return [{ type, data: text }];
      if (type === 'tool_use') return [{ type }];
      // Blocks without text are refused.
      return text.trim() === '' ? [] : [{ type, text }];
    });
  }
}

/**
 * Whether a model can think on in a round: all rounds are one turn, which has to be of one model
 * and to have thought from its beginning on. Without its thoughts it is asked not to think.
 */
export function canThinkOn({ rounds }: ToolPrompt, model: string, style: ThinkingStyle): boolean {
  if (!rounds.every(({ written }) => written?.model === model)) return false;
  const [first] = rounds[0]?.written?.blocks ?? [];
  const hasThought = first?.type === 'thinking' || first?.type === 'redacted_thinking';
  // Models that decide themselves whether to think may begin without.
  return rounds.length === 0 || style !== 'budget' || hasThought;
}

/** Headers of a request with tools to a model that thinks; only Anthropic itself takes them. */
export function headersToThinkOn(
  kind: string,
  style: ThinkingStyle,
): Readonly<Record<string, string>> {
  return kind === 'anthropic' && style === 'budget' ? INTERLEAVED : {};
}
