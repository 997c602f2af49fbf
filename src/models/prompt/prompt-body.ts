/** Builds the body of a request from a conversation with files, in the API of a provider. */
import { randomUUID } from 'node:crypto';
import type { PromptContext } from '../../core/conversation.ts';
import type { PromptFile, Reads } from '../../core/files.ts';
import type { ToolPrompt } from '../../core/tools.ts';
import { type JsonObject, objectsAt, type ProviderApi } from '../provider-apis/provider-api.ts';
import { RequestBody } from '../request-body/request-body.ts';
import { roundMessages } from '../tools/tool-messages.ts';
import { type PromptMessage, promptMessages } from './prompt-parts.ts';

/**
 * The body for a conversation without files.
 * @param members what else the body is to have
 */
export function promptValue(
  family: ProviderApi['family'],
  { content, promptContext, tools }: Prompt,
  members: JsonObject = {},
): JsonObject {
  const messages = promptMessages(promptContext, content, []);
  const { value } = skeletonOf(family, promptContext.systemPrompt, messages);
  return withMembers(family, value, { tools, members });
}

/** What a model is asked. */
interface Prompt {
  readonly content: string;
  readonly promptContext: PromptContext;
  readonly tools?: ToolPrompt | undefined;
}

/** The body with what tools were asked and answered, after the message. */
function withMembers(
  family: ProviderApi['family'],
  value: JsonObject,
  { tools, members }: { readonly tools: ToolPrompt | undefined; readonly members: JsonObject },
): JsonObject {
  if (!tools) return { ...value, ...members };
  const rounds = roundMessages(family, tools.rounds, 'thinking' in members);
  const messages = [...objectsAt(value, 'messages'), ...rounds];
  return { ...value, messages, ...members };
}

/** How long a file is in base64 (RFC 4648, section 4). */
export function base64Length(bytes: number): number {
  return 4 * Math.ceil(bytes / 3);
}

/** A body without the content of its files: words stand in the places of that. */
interface Skeleton {
  readonly value: JsonObject;
  readonly files: readonly { readonly word: string; readonly file: PromptFile }[];
}

/**
 * The body for a conversation. Files are read a piece at a time and written to where they belong,
 * so that the event loop is never held for long.
 * @param reads what the model is given as it is
 * @param members what else the body is to have
 */
export async function promptBody(
  family: ProviderApi['family'],
  { content, promptContext, tools }: Prompt,
  reads: readonly Reads[],
  members: JsonObject = {},
): Promise<RequestBody> {
  const { systemPrompt } = promptContext;
  const messages = promptMessages(promptContext, content, reads);
  const { value: of, files } = skeletonOf(family, systemPrompt, messages);
  const value = withMembers(family, of, { tools, members });
  const text = JSON.stringify(value);
  if (files.length === 0) return new RequestBody(Buffer.from(text), value);
  const pieces: (Buffer | PromptFile)[] = [];
  let bytes = 0;
  let done = 0;
  for (const { word, file } of files) {
    const at = text.indexOf(word, done);
    const before = Buffer.from(text.slice(done, at));
    pieces.push(before, file);
    bytes += before.length + base64Length(file.bytes);
    done = at + word.length;
  }
  const rest = Buffer.from(text.slice(done));
  pieces.push(rest);
  const json = Buffer.allocUnsafeSlow(bytes + rest.length);
  let at = 0;
  for (const piece of pieces) {
    if (Buffer.isBuffer(piece)) at += piece.copy(json, at);
    else at = await writeBase64(json, at, piece);
  }
  return new RequestBody(json, value);
}

/** @throws Error if the file is not as long as it was: then the body would not be JSON */
async function writeBase64(json: Buffer, from: number, file: PromptFile): Promise<number> {
  let at = from;
  for await (const piece of file.read()) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    at += json.write(bytes.toString('base64'), at, 'latin1');
  }
  if (at !== from + base64Length(file.bytes)) throw new Error(`The file ${file.id} is incomplete.`);
  return at;
}

function skeletonOf(
  family: ProviderApi['family'],
  systemPrompt: string,
  messages: readonly PromptMessage[],
): Skeleton {
  const files: { word: string; file: PromptFile }[] = [];
  const wordFor = (file: PromptFile) => {
    const word = randomUUID();
    files.push({ word, file });
    return word;
  };
  const partOf = family === 'openai' ? openAiPart : anthropicPart;
  const shown = messages.map(({ role, content }) => {
    if (typeof content === 'string') return { role, content };
    const parts = content.map((part) =>
      'text' in part ? { type: 'text', text: part.text } : partOf(part.file, wordFor(part.file)),
    );
    return { role, content: parts };
  });
  const hasPrompt = systemPrompt !== '';
  // OpenAI takes the system prompt as the first message, Anthropic beside the messages.
  if (family === 'openai') {
    const system = hasPrompt ? [{ role: 'system', content: systemPrompt }] : [];
    return { value: { messages: [...system, ...shown], stream: true }, files };
  }
  const value = { ...(hasPrompt ? { system: systemPrompt } : {}), messages: shown, stream: true };
  return { value, files };
}

/** https://platform.openai.com/docs/api-reference/chat/create, `messages`, "content parts" */
function openAiPart({ kind, mediaType, name }: PromptFile, data: string): JsonObject {
  const url = `data:${mediaType};base64,${data}`;
  return kind === 'picture'
    ? { type: 'image_url', image_url: { url } }
    : { type: 'file', file: { filename: name, file_data: url } };
}

/** https://platform.claude.com/docs/en/api/messages, `messages`, "content blocks" */
function anthropicPart({ kind, mediaType, name }: PromptFile, data: string): JsonObject {
  const source = { type: 'base64', media_type: mediaType, data };
  return kind === 'picture' ? { type: 'image', source } : { type: 'document', source, title: name };
}
