/** Counting the input tokens of a request before it is sent, as both provider APIs have it. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../app/context.ts';
import { ChitError } from '../../core/errors.ts';
import { measureRequest } from '../../models/input-measure/measure-request.ts';
import { type MeasuredModel, measuredModelOf } from '../../models/input-measure/measured-model.ts';
import type { RequestBody } from '../../models/request-body/request-body.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { rateLimitHeaders } from '../framework/rate-limit-headers.ts';
import { type BodiesInFlight, takeBody } from './bodies-in-flight.ts';
import { type Family, idHeaders } from './gateway-family.ts';
import { GatewayBody, GatewayResponse, gatewayErrors } from './gateway-schema.ts';

interface Counting {
  readonly path: string;
  readonly family: Family;
  readonly answer: (input_tokens: number) => object;
}

const COUNTED: readonly Counting[] = [
  // https://docs.claude.com/en/api/messages-count-tokens
  {
    path: '/v1/messages/count_tokens',
    family: 'anthropic',
    answer: (input_tokens) => ({ input_tokens }),
  },
  // https://platform.openai.com/docs/api-reference/responses/input-tokens
  {
    path: '/v1/responses/input_tokens',
    family: 'openai',
    answer: (input_tokens) => ({ object: 'response.input_tokens', input_tokens }),
  },
];

/** Free of charge and answered without a provider, so limited per account. */
export function countRoutes(api: Api, context: Context, inFlight: BodiesInFlight): void {
  for (const { path, family, answer } of COUNTED) {
    api.post(path, {
      config: { access: 'key', keepsJson: true },
      bodyLimit: inFlight.bodyLimitBytes,
      onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
        inFlight.count(request, reply);
      },
      schema: {
        tags: ['Wires'],
        summary: 'Count the input tokens of a request; free',
        body: GatewayBody,
        security: [{ key: [] }],
        response: { 200: GatewayResponse, ...gatewayErrors(family) },
      },
      handler: async (request, reply) => {
        const body = takeBody(request);
        try {
          const measure = measureRequest(family, body);
          const { usageLimits } = context;
          const state = await usageLimits.admitCount(userOf(request).id, measure.textBytes);
          reply.headers(rateLimitHeaders([state]));
          reply.headers(idHeaders(request));
          const { tokens } = await measure.count(measuredModelNamed(context, family, body));
          return answer(tokens);
        } finally {
          body.drop();
        }
      },
    });
  }
}

/**
 * The model whose tokens are counted; one that is not on offer counts as others do.
 * @throws ChitError `model_missing` if it is no string; without one, the plain count is meant
 */
function measuredModelNamed(
  { catalogue }: Context,
  family: Family,
  { value }: RequestBody,
): MeasuredModel {
  const name = value.model ?? '';
  if (typeof name !== 'string') throw new ChitError('model_missing', undefined);
  const model = catalogue.find(name);
  if (model) return measuredModelOf(model);
  return { kind: family, upstreamModel: name, contextTokens: undefined };
}
