import type { FastifyRequest } from 'fastify';
import { ChitError } from '../../core/errors.ts';
import { userOf } from '../framework/access.ts';

/** @throws ChitError `permission_denied` for other staff */
export function requireSuperuser(request: FastifyRequest): void {
  if (!userOf(request).isSuperuser) throw new ChitError('permission_denied', undefined);
}
