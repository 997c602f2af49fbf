import {
  has,
  type JsonObject,
  objectAt,
  objectsAt,
  textAt,
} from '../provider-apis/provider-api.ts';

/** What an error response says, wherever a provider puts it. Members that it lacks are empty. */
export interface ProviderError {
  readonly message: string;
  readonly type: string;
  readonly code: string;
  /** The member of the request that is at fault. */
  readonly param: string;
  /** All members of its `error`, if that is an object. */
  readonly members: JsonObject;
}

/**
 * Reads an error in one of the shapes that providers send: OpenAI's and Anthropic's `error`,
 * Ollama's text in `error`, vLLM's and Mistral's members without `error`, FastAPI's `detail`; also
 * the event `response.failed` of Responses.
 */
export function errorOf(json: JsonObject): ProviderError {
  const within = objectAt(has(json, 'error') ? json : objectAt(json, 'response'), 'error');
  const error = Object.keys(within).length > 0 ? within : json;
  const { code } = error;
  return {
    message: textAt(error, 'message') || textAt(json, 'error') || detailOf(json),
    type: textAt(error, 'type'),
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : '',
    param: textAt(error, 'param'),
    members: within,
  };
}

/** The same for any text, such as the HTML page of a proxy, of which nothing is taken. */
export function errorIn(text: string): ProviderError {
  return errorOf(jsonIn(text));
}

/** The object that a text is as JSON; an empty one if it is none. */
export function jsonIn(text: string): JsonObject {
  try {
    return objectAt(JSON.parse(text));
  } catch {
    return {};
  }
}

/** FastAPI's `detail`: a text, or a list of what is wrong where. */
function detailOf(json: JsonObject): string {
  const [first] = objectsAt(json, 'detail');
  if (!first) return textAt(json, 'detail');
  const { loc } = first;
  return Array.isArray(loc) ? `${loc.join('.')}: ${textAt(first, 'msg')}` : textAt(first, 'msg');
}
