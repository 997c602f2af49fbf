/** How much input a request in the format of a provider API has. */
import { ChitError } from '../../core/errors.ts';
import { MAX_JSON_TEXT_BYTES } from '../../core/json-bytes.ts';
import { countPdfPages, countTokens, INPUT_COUNT_LIMIT_MS } from '../counting/count-tokens.ts';
import type { JsonObject, ProviderApi } from '../provider-apis/provider-api.ts';
import { BodyStrings } from '../request-body/body-strings.ts';
import type { RequestBody } from '../request-body/request-body.ts';
import { type FileSize, FileSizes, fileTokens, isOutOfSight } from './file-size.ts';
import { type FilePart, filesIn } from './files-in-body.ts';
import type { CountedInput, InputMeasure } from './input-measure.ts';
import { estimatedTokens } from './measure-texts.ts';
import type { MeasuredModel } from './measured-model.ts';
import { sampleOf, type TextSample } from './text-sample.ts';
import { addedTokens, BYTES_PER_TOKEN, spreadOf, type Tools } from './text-tokens.ts';
import { textsInBody } from './texts-in-body.ts';

/** A token of a request that says where a message begins or ends is a word of its JSON. */
const LIKELY_MESSAGE_TOKENS = 4;

/** What is measured beside the body. */
export interface MeasureOptions {
  /**
   * The first member for which the provider reads what is not in the request, such as
   * `previous_response_id`; undefined if there is none.
   */
  readonly unseen?: string | undefined;
  /** Whether that is only added to what is in the request, when it is read again. */
  readonly isSeen?: boolean | undefined;
  /**
   * How often the model reads all of its input again, with the results of tools: up to all that it
   * can read, each time.
   */
  readonly rereads?: number | undefined;
  /** The most tokens of input that are not in the body as text. */
  readonly addedInput?: number | undefined;
  /** Whether the texts are read one by one, so that no context window bounds all of them. */
  readonly readsInPieces?: boolean | undefined;
}

/**
 * Measures a request. When its body is dropped, the measure lets go of it.
 * @throws ChitError `body_too_large` if it has more text than anything reads
 */
export function measureRequest(
  family: ProviderApi['family'],
  body: RequestBody,
  options: MeasureOptions = {},
): RequestMeasure {
  return new RequestMeasure(family, body, options);
}

/** The input of a request. */
export class RequestMeasure implements InputMeasure {
  readonly unseen: string | undefined;
  /** What is neither a file nor a list of token ids, in bytes of JSON. */
  readonly textBytes: number;
  readonly #ids: number;
  readonly #files: readonly FileSize[];
  readonly #tools: Tools;
  readonly #isHidden: boolean;
  readonly #rereads: number;
  readonly #addedInput: number;
  readonly #readsInPieces: boolean;
  /** The pages of PDF files, by the index of the file. */
  readonly #pdfPages = new Map<number, number>();
  #pdfs: (() => Promise<void>) | undefined;
  #texts: (() => string[]) | undefined;
  readonly #messages: number;
  #bytesCounted = 0;
  #sample: TextSample | undefined;
  #counting: Promise<number> | undefined;

  constructor(family: ProviderApi['family'], body: RequestBody, options: MeasureOptions) {
    const { unseen, isSeen = unseen === undefined, rereads = 0 } = options;
    const { addedInput = 0, readsInPieces = false } = options;
    const { value, json } = body;
    this.#rereads = rereads;
    this.#addedInput = addedInput;
    this.#readsInPieces = readsInPieces;
    const strings = new BodyStrings(json, body.longStrings);
    const parts = filesIn(family, value);
    const sizes = new FileSizes(strings);
    this.#files = parts.map((part) => sizes.of(part));
    this.#isHidden = !isSeen;
    this.unseen = unseen ?? this.#files.find(isUnseen)?.member;
    this.#tools = toolsOf(value);
    const ids = tokenIdsIn(value);
    this.#ids = ids?.count ?? 0;
    // Whatever a file is, its bytes are no text; and one that is there twice is subtracted once.
    const fileBytes = new Map<unknown, number>();
    for (const { holder, data } of parts) {
      if (data !== undefined) fileBytes.set(holder, strings.lengthOf(data));
    }
    let bytes = ids ? Buffer.byteLength(JSON.stringify(ids.others)) : json.length;
    for (const ofFile of fileBytes.values()) bytes -= ofFile;
    this.textBytes = Math.max(0, bytes);
    // It was not known before which of the long strings are files.
    if (this.textBytes > MAX_JSON_TEXT_BYTES) throw new ChitError('body_too_large', undefined);
    this.#messages = messagesIn(value);
    this.#texts = () => textsInBody(ids?.others ?? value, parts, strings);
    this.#pdfs = () => this.#countPages(parts, strings);
    body.onDrop(() => this.release());
  }

  isOutOfSight(model: MeasuredModel): boolean {
    if (this.#isHidden || this.#rereads > 0 || this.#addedInput > 0) return true;
    return this.#files.some((file) => isOutOfSight(model, file));
  }

  mostTokens(model: MeasuredModel): number | undefined {
    const first = this.#mostAtFirst(model);
    if (this.#rereads === 0) return first;
    const { contextTokens } = model;
    if (first === undefined || contextTokens === undefined) return undefined;
    return first + this.#rereads * contextTokens;
  }

  /** The most that the model reads at once, before anything is added to it. */
  #mostAtFirst(model: MeasuredModel): number | undefined {
    const { contextTokens } = model;
    // Every token has at least one byte, and so has what JSON says of roles and names.
    let most = this.textBytes + this.#ids + addedTokens(model, this.#tools) + this.#addedInput;
    if (this.#isHidden) return contextTokens;
    for (const file of this.#files) {
      const ofFile = fileTokens(model, file).most;
      if (ofFile === undefined) return contextTokens;
      most += ofFile;
    }
    return Math.min(most, this.#readsInPieces ? Infinity : (contextTokens ?? Infinity));
  }

  roughTokens(model: MeasuredModel): number {
    const tokens = Math.ceil(this.textBytes / BYTES_PER_TOKEN) + this.#ids;
    return Math.min(tokens + this.#likelyOfFiles(model), model.contextTokens ?? Infinity);
  }

  async count(model: MeasuredModel): Promise<CountedInput> {
    this.#counting ??= this.#countText();
    const text = await this.#counting;
    const spread = spreadOf(model);
    // A text has a token at least.
    let least = Math.max(Math.sign(text), Math.floor(text * spread.least)) + this.#ids;
    // Whatever was not counted, such as names and labels, is not more than its bytes.
    const uncounted = Math.max(0, this.textBytes - this.#bytesCounted);
    let most = Math.ceil(text * spread.most) + uncounted + this.#ids;
    most += addedTokens(model, this.#tools) + this.#addedInput;
    this.#files.forEach((file, index) => {
      const ofFile = fileTokens(model, file, this.#pdfPages.get(index));
      least += ofFile.least;
      most += ofFile.most ?? Infinity;
    });
    const bound = this.mostTokens(model) ?? Infinity;
    const tokens = text + this.#ids + this.#likelyOfFiles(model);
    if (this.isOutOfSight(model)) return { tokens, leastTokens: bound, mostTokens: bound };
    const mostTokens = Math.min(most, bound);
    return { tokens, leastTokens: Math.min(least, mostTokens), mostTokens };
  }

  async estimate(model: MeasuredModel): Promise<number> {
    const sampled = () => estimatedTokens(this.#keptSample());
    const text = this.#counting?.catch(sampled) ?? sampled();
    const ofMessages = this.#messages * LIKELY_MESSAGE_TOKENS;
    return (await text) + ofMessages + this.#ids + this.#likelyOfFiles(model);
  }

  release(): void {
    this.#keptSample();
    this.#texts = undefined;
    this.#pdfs = undefined;
  }

  async #countText(): Promise<number> {
    if (this.#pdfs) await this.#pdfs();
    if (!this.#texts) return estimatedTokens(this.#keptSample());
    const texts = this.#texts();
    for (const text of texts) this.#bytesCounted += Buffer.byteLength(text);
    return countTokens(texts.join('\n'), { limitMs: INPUT_COUNT_LIMIT_MS });
  }

  /** One after the other, so that only one is in memory twice. */
  async #countPages(parts: readonly FilePart[], strings: BodyStrings): Promise<void> {
    for (const [index, file] of this.#files.entries()) {
      const data = parts[index]?.data;
      if (file.kind !== 'unseen' || file.pdfCharacters === undefined || data === undefined)
        continue;
      const base64 = strings.bytesOf(data);
      const pages = await countPdfPages(base64, { limitMs: INPUT_COUNT_LIMIT_MS });
      this.#pdfPages.set(index, pages);
    }
  }

  #keptSample(): TextSample {
    this.#sample ??= sampleOf(this.#texts?.() ?? []);
    return this.#sample;
  }

  #likelyOfFiles(model: MeasuredModel): number {
    let tokens = 0;
    this.#files.forEach((file, index) => {
      tokens += fileTokens(model, file, this.#pdfPages.get(index)).likely;
    });
    return tokens;
  }
}

function isUnseen(file: FileSize): file is Exclude<FileSize, { readonly kind: 'audio' }> {
  return file.kind === 'unseen' || (file.kind === 'picture' && file.isAnyFile);
}

/** How many messages and other items there are; texts to be embedded are none. */
function messagesIn(body: JsonObject): number {
  let messages = 0;
  for (const list of [body.messages, body.input]) {
    if (!Array.isArray(list)) continue;
    for (const item of list) if (typeof item === 'object' && !Array.isArray(item)) messages += 1;
  }
  return messages;
}

function toolsOf(body: JsonObject): Tools {
  let count = 0;
  let ofProvider = 0;
  for (const list of [body.tools, body.functions]) {
    if (!Array.isArray(list)) continue;
    count += list.length;
    for (const tool of list) {
      const type: unknown = tool?.type;
      if (typeof type === 'string' && type !== 'function' && type !== 'custom') ofProvider += 1;
    }
  }
  return { count, ofProvider };
}

/**
 * The token ids of embeddings and of the older completions, `[1,2,3]` or `[[1,2],[3]]`: each is one
 * token, however many digits it has.
 * @returns their number, and the other members; undefined if there are none, or also text
 */
function tokenIdsIn(body: JsonObject): { count: number; others: JsonObject } | undefined {
  const name = Array.isArray(body.input) ? 'input' : 'prompt';
  const list = body[name];
  if (!Array.isArray(list) || list.length === 0) return undefined;
  let count = 0;
  for (const item of list) {
    if (typeof item === 'number') count += 1;
    else if (Array.isArray(item) && item.every((id) => typeof id === 'number')) {
      count += item.length;
    } else return undefined;
  }
  const { [name]: _, ...others } = body;
  return { count, others };
}
