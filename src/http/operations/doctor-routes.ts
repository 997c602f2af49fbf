import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Context } from '../../app/context.ts';
import { isArrivalPass, PASS_HEADER } from '../../app/operations/doctor/arrival-pass.ts';
import { type Arrival, STREAM_MS } from '../../app/operations/doctor/check-public-url.ts';
import { examine } from '../../app/operations/doctor/examine.ts';
import { ChitError } from '../../core/errors.ts';
import { setProbeCookie } from '../accounts/session-cookie.ts';
import { staffWith, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, STAFF_ERRORS } from '../framework/common-schema.ts';
import { EventStream } from '../framework/event-stream.ts';
import { isForwardedByStranger } from '../framework/undeclared-proxy.ts';
import { DoctorReply } from './doctor-schema.ts';

/** `chit doctor` in the panel, and what it asks of a server. */
export function doctorRoutes(api: Api, context: Context): void {
  let running: ReturnType<typeof examine> | undefined;
  /** Whoever asks while the checks run gets what they find. */
  const examineOnce = () => {
    running ??= examine(context.examined(), { nowMs: context.now() }).finally(() => {
      running = undefined;
    });
    return running;
  };

  api.post('/api/admin/doctor/', {
    config: staffWith('operations:read'),
    schema: {
      tags: ['Admin: site'],
      security: [{ bearer: [] }],
      summary: 'Check this installation as `chit doctor` does; superusers only',
      response: { 200: DoctorReply, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      // Where everything is kept is the business of superusers.
      if (!userOf(request).isSuperuser) throw new ChitError('permission_denied', undefined);
      const startMs = performance.now();
      const found = await examineOnce();
      const findings = found.map(({ check, severity, code, params }) => {
        const shown = params as Readonly<Record<string, string | number>>;
        return { check, severity, code, params: shown };
      });
      return { findings, took_ms: Math.round(performance.now() - startMs) };
    },
  });

  api.get('/api/doctor/arrival/', {
    config: { access: 'public' },
    schema: {
      tags: ['Health'],
      summary: 'Tell `chit doctor` how its request has arrived; for others there is nothing here',
      response: {
        200: Type.String({ description: 'Two server-sent events, `arrived` and `end`.' }),
        404: detailed('The request lacks a pass of the doctor.'),
        405: detailed('Only GET.'),
      },
    },
    handler: async (request, reply) => {
      const pass = [request.headers[PASS_HEADER]].flat()[0];
      const { secretKey } = pass === undefined ? {} : context.examined();
      const isValid = pass && secretKey && isArrivalPass(pass, secretKey, context.now());
      if (!isValid) throw new ChitError('not_found', undefined);
      setProbeCookie(reply);
      const stream = new EventStream(reply);
      stream.open();
      stream.send('arrived', arrivalOf(request));
      await sleep(STREAM_MS);
      stream.send('end', {});
      stream.end();
      return reply;
    },
  });
}

function arrivalOf(request: FastifyRequest): Arrival {
  const { headers, ip, protocol } = request;
  return {
    address: ip,
    isFromStranger: isForwardedByStranger(request),
    hasForwardedAddress: headers['x-forwarded-for'] !== undefined,
    isHttps: protocol === 'https',
    host: headers.host ?? '',
  };
}
