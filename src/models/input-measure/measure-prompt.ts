/** How much input a conversation with files is, as the page sends it. */
import type { PromptContext } from '../../core/conversation.ts';
import type { PromptFile, Reads } from '../../core/files.ts';
import { base64Length } from '../prompt/prompt-body.ts';
import { filesGiven, hasFiles, promptMessages } from '../prompt/prompt-parts.ts';
import { type FileSize, type FileTokens, fileTokens } from './file-size.ts';
import type { CountedInput, InputMeasure } from './input-measure.ts';
import { measureTexts } from './measure-texts.ts';
import type { MeasuredModel } from './measured-model.ts';

/** Measures a conversation and the message that follows it. */
export function measurePrompt(promptContext: PromptContext, content: string): InputMeasure {
  return hasFiles(promptContext)
    ? new PromptMeasure(promptContext, content)
    : measureTexts(textsFor(promptContext, content, []));
}

/** What one model is given: its texts, and files as they are. */
interface Given {
  readonly texts: InputMeasure;
  readonly files: readonly { readonly size: FileSize; readonly pages: number | undefined }[];
}

class PromptMeasure implements InputMeasure {
  /** Only PDF files have no bound of their own. */
  readonly unseen = 'files';
  readonly #promptContext: PromptContext;
  #content: string | undefined;
  /** By what the model reads. */
  readonly #given = new Map<string, Given>();

  constructor(promptContext: PromptContext, content: string) {
    this.#promptContext = promptContext;
    this.#content = content;
  }

  isOutOfSight(): boolean {
    return false;
  }

  mostTokens(model: MeasuredModel): number | undefined {
    const { contextTokens } = model;
    const most = this.#most(model);
    if (most === undefined) return contextTokens;
    return Math.min(most, contextTokens ?? Infinity);
  }

  roughTokens(model: MeasuredModel): number {
    const { texts, files } = this.#givenTo(model);
    const tokens = texts.roughTokens(model) + likelyOf(tokensOf(model, files));
    return Math.min(tokens, model.contextTokens ?? Infinity);
  }

  async count(model: MeasuredModel): Promise<CountedInput> {
    const { texts, files } = this.#givenTo(model);
    const ofFiles = tokensOf(model, files);
    const { tokens, leastTokens, mostTokens } = await texts.count(model);
    let least = leastTokens;
    let most = mostTokens;
    for (const file of ofFiles) {
      least += file.least;
      most += file.most ?? Infinity;
    }
    most = Math.min(most, this.mostTokens(model) ?? Infinity);
    return {
      tokens: tokens + likelyOf(ofFiles),
      leastTokens: Math.min(least, most),
      mostTokens: most,
    };
  }

  async estimate(model: MeasuredModel): Promise<number> {
    const { texts, files } = this.#givenTo(model);
    return (await texts.estimate(model)) + likelyOf(tokensOf(model, files));
  }

  release(): void {
    for (const { texts } of this.#given.values()) texts.release();
    this.#content = undefined;
  }

  #most(model: MeasuredModel): number | undefined {
    const { texts, files } = this.#givenTo(model);
    let most = texts.mostTokens(model) ?? 0;
    for (const file of tokensOf(model, files)) {
      if (file.most === undefined) return undefined;
      most += file.most;
    }
    return most;
  }

  #givenTo({ reads = [] }: MeasuredModel): Given {
    const key = reads.toSorted().join();
    const before = this.#given.get(key);
    if (before) return before;
    const texts = measureTexts(textsFor(this.#promptContext, this.#content ?? '', reads));
    const files = filesGiven(this.#promptContext, reads).map((file) => {
      return { size: sizeOf(file), pages: file.pages };
    });
    const given = { texts, files };
    this.#given.set(key, given);
    return given;
  }
}

/** The texts of a conversation, one for each message, as a model is given them. */
function textsFor(
  promptContext: PromptContext,
  content: string,
  reads: readonly Reads[],
): readonly string[] {
  const messages = promptMessages(promptContext, content, reads);
  const texts = messages.map((message) => {
    if (typeof message.content === 'string') return message.content;
    return message.content.flatMap((part) => ('text' in part ? [part.text] : [])).join('\n\n');
  });
  return [promptContext.systemPrompt, ...texts];
}

function sizeOf({ kind, width, height, bytes }: PromptFile): FileSize {
  if (kind !== 'picture') {
    return { kind: 'unseen', member: 'files', pdfCharacters: base64Length(bytes) };
  }
  const size = width && height ? { width, height } : undefined;
  return { kind: 'picture', member: 'files', size, detail: undefined, isAnyFile: false };
}

function tokensOf(model: MeasuredModel, files: Given['files']): FileTokens[] {
  return files.map(({ size, pages }) => fileTokens(model, size, pages));
}

function likelyOf(tokens: readonly FileTokens[]): number {
  return tokens.reduce((sum, { likely }) => sum + likely, 0);
}
