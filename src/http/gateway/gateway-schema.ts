import { Type } from 'typebox';

/** An object of which the wire's own documentation says what is in it. */
export const WireBody = Type.Object(
  {},
  { additionalProperties: true, description: 'As the documentation of this wire says.' },
);

export const WireAnswer = Type.Any({ description: 'As the documentation of this wire says.' });

const OpenAiError = {
  error: Type.Object({
    message: Type.String(),
    type: Type.String(),
    param: Type.Union([Type.String(), Type.Null()]),
    code: Type.Union([Type.String(), Type.Null()]),
  }),
};
const AnthropicError = {
  type: Type.Literal('error'),
  error: Type.Object({ type: Type.String(), message: Type.String() }),
};

const WITHOUT_BODY = {
  401: 'The key is missing, not valid or over.',
  405: 'The path is right, the method is not; `Allow` names those that are.',
  500: 'A fault of the server. Nothing was charged.',
  503: 'The model is busy, or the books cannot be written. Nothing was charged.',
};

const DESCRIPTIONS = {
  ...WITHOUT_BODY,
  400: 'The request does not fit. Nothing was charged.',
  402: 'The balance, or the budget of the key, does not pay for this. Nothing was charged.',
  404: 'There is no such model, or you or your key may not use it.',
  409: 'The request with this Idempotency-Key runs, or its answer was not kept.',
  413: 'The body is larger than the server or the provider takes.',
  415: 'The body is no JSON.',
  422: 'The provider finds fault with the request, or the Idempotency-Key was used for another.',
  429: 'A limit of the account or the key is reached; `Retry-After` says when it is not.',
  502: 'The model did not answer. Nothing was charged.',
};

/** Error answers of a route under `/v1/`, in the shape of its wire. */
export function wireErrors(speaker: 'openai' | 'anthropic', hasBody = true) {
  const shape = speaker === 'openai' ? OpenAiError : AnthropicError;
  const described = Object.entries(hasBody ? DESCRIPTIONS : WITHOUT_BODY).map(
    // A refusal of a provider passes as it is, and may say more.
    ([status, description]) =>
      [status, Type.Object(shape, { description, additionalProperties: true })] as const,
  );
  return Object.fromEntries(described);
}
