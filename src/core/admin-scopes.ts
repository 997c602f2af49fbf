/** What an admin key may be for. Each route for staff needs one of these, or admits no keys. */
export const ADMIN_SCOPES = [
  'users:read',
  'users:write',
  'users:import',
  'users:links',
  'credits:read',
  'credits:write',
  'groups:read',
  'groups:write',
  'plans:read',
  'plans:write',
  'vouchers:read',
  'vouchers:write',
  'usage:read',
  'audit:read',
  'operations:read',
  'operations:write',
] as const;

export type AdminScope = (typeof ADMIN_SCOPES)[number];

/** What a route for staff says of admin keys; `signed_in_only` admits none. */
export type RouteScope = AdminScope | 'signed_in_only';

/** How every admin key begins, so that people, programs and secret scanners recognize one. */
export const ADMIN_KEY_PREFIX = 'chit_admin_';

/** Keys expire after this time unless somebody says otherwise, and after a year at the latest. */
export const DEFAULT_ADMIN_KEY_DAYS = 90;
export const MAX_ADMIN_KEY_DAYS = 365;

/** Whether a text is one of the scopes; a later version may have stored others. */
export function isAdminScope(text: string): text is AdminScope {
  return (ADMIN_SCOPES as readonly string[]).includes(text);
}
