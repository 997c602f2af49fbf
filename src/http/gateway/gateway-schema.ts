import { Type } from 'typebox';
import type { ProviderApi } from '../../models/provider-apis/provider-api.ts';

/** A body that is defined by the documentation of the provider API. */
export const GatewayBody = Type.Object(
  {},
  { additionalProperties: true, description: 'See the documentation of the provider API.' },
);

export const GatewayResponse = Type.Any({
  description: 'See the documentation of the provider API.',
});

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
  401: 'The API key is missing, invalid or expired.',
  405: 'The path exists but does not support this method; `Allow` lists those it does.',
  500: 'A fault of the server. Nothing was charged.',
  503: 'The model is busy, or the server cannot write to its database. Nothing was charged.',
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
export function gatewayErrors(family: ProviderApi['family'], hasBody = true) {
  const shape = family === 'openai' ? OpenAiError : AnthropicError;
  const described = Object.entries(hasBody ? DESCRIPTIONS : WITHOUT_BODY).map(
    // The error of a provider is passed on as it is, and may have more members.
    ([status, description]) =>
      [status, Type.Object(shape, { description, additionalProperties: true })] as const,
  );
  return Object.fromEntries(described);
}
