import { Type } from 'typebox';
import type { Family } from './gateway-family.ts';

/** A body that is defined by the documentation of the provider API. */
export const GatewayBody = Type.Object(
  {},
  { additionalProperties: true, description: 'See the documentation of the provider API.' },
);

export const GatewayResponse = Type.Any({
  description: 'See the documentation of the provider API.',
});

const OpenAiError = {
  error: Type.Object(
    {
      message: Type.String(),
      type: Type.String(),
      param: Type.Union([Type.String(), Type.Null()], {
        description: 'The member of the request that is at fault.',
      }),
      code: Type.Union([Type.String(), Type.Null()]),
    },
    // Such as `innererror` of Azure.
    { additionalProperties: true },
  ),
};
const AnthropicError = {
  type: Type.Literal('error'),
  error: Type.Object(
    { type: Type.String(), message: Type.String() },
    // Such as Anthropic's `details`.
    { additionalProperties: true },
  ),
  request_id: Type.String({ description: 'The same as in the header `request-id`.' }),
};

const WITHOUT_BODY = {
  401: 'The API key is missing, invalid or expired.',
  405: 'The path exists but does not support this method; `Allow` lists those it does.',
  500: 'A fault of the server. Nothing was charged.',
  503: 'The model is busy, or the server cannot write to its database. Nothing was charged.',
};

/** For GET, where something may not be found. */
const LOOKUP_DESCRIPTIONS = {
  ...WITHOUT_BODY,
  400: 'The query is invalid.',
  404: 'There is no such model, or you or your API key may not use it.',
};

const DESCRIPTIONS = {
  ...WITHOUT_BODY,
  400: 'The request is invalid. Nothing was charged.',
  402: 'The balance, or the budget of the API key, is too low. Nothing was charged.',
  404: 'There is no such model, or you or your API key may not use it.',
  409: 'The request with this Idempotency-Key is running, or its response was not kept.',
  413: 'The body is larger than the server or the provider accepts.',
  415: 'The body is not JSON.',
  422: 'The provider rejected the request, or the Idempotency-Key was used for another.',
  429: 'A rate limit of the account or the API key was reached; see `Retry-After`.',
  502: 'The model did not reply. Nothing was charged.',
};

/** Errors of a route under `/v1/`, in the format of its provider API. */
export function gatewayErrors(family: Family) {
  const shape = family === 'openai' ? OpenAiError : AnthropicError;
  return Object.fromEntries(
    Object.entries(DESCRIPTIONS).map(([status, description]) => {
      return [status, Type.Object(shape, { description })] as const;
    }),
  );
}

/** Errors of a route that both APIs have, in the format of the one whose client asks. */
export function lookupErrors() {
  return Object.fromEntries(
    Object.entries(LOOKUP_DESCRIPTIONS).map(([status, description]) => {
      const shapes = [Type.Object(OpenAiError), Type.Object(AnthropicError)];
      return [status, Type.Union(shapes, { description })] as const;
    }),
  );
}
