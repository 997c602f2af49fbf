/** Schemas of SCIM's requests and responses (RFC 7643, RFC 7644). */
import { Type } from 'typebox';
import { storable } from '../framework/common-schema.ts';

const open = { additionalProperties: true } as const;

export const ScimBody = Type.Object(
  {},
  { ...open, description: 'A resource of RFC 7643; attributes that are not kept are passed over.' },
);

export const ScimPatch = Type.Object(
  {},
  { ...open, description: 'A PatchOp of RFC 7644, section 3.5.2.' },
);

export const ScimPath = Type.Object({ id: Type.String({ maxLength: 100 }) });

export const ScimListQuery = Type.Object({
  filter: Type.Optional(storable({ description: 'Such as `userName eq "anna"`.' })),
  startIndex: Type.Optional(Type.String({ description: 'Of the first result; counts from 1.' })),
  count: Type.Optional(Type.String({ description: 'At most so many results; 200 at most.' })),
  attributes: Type.Optional(storable({ description: 'Only these, separated by commas.' })),
  excludedAttributes: Type.Optional(storable({ description: 'All but these.' })),
});

export const ScimReadQuery = Type.Object({
  attributes: Type.Optional(storable({})),
  excludedAttributes: Type.Optional(storable({})),
});

export const ScimResource = Type.Object(
  { schemas: Type.Array(Type.String()), id: Type.Optional(Type.String()) },
  { ...open, description: 'A resource.' },
);

export const ScimList = Type.Object(
  {
    schemas: Type.Array(Type.String()),
    totalResults: Type.Integer(),
    startIndex: Type.Integer(),
    itemsPerPage: Type.Integer(),
    Resources: Type.Array(Type.Object({}, open)),
  },
  { description: 'A part of a list.' },
);

function failed(description: string) {
  return Type.Object(
    {
      schemas: Type.Array(Type.String()),
      status: Type.String(),
      scimType: Type.Optional(Type.String()),
      detail: Type.String(),
    },
    { description },
  );
}

/** Errors of every route for directories. */
export const SCIM_ERRORS = {
  400: failed('The request is invalid; `scimType` and `detail` say why.'),
  401: failed('The token is missing, unknown, expired or ended.'),
  404: failed('There is no such resource, or the directory has deleted it.'),
  405: failed('The path does not support this method.'),
  429: failed('Too many lists are being read at once.'),
  500: failed('A fault of the server.'),
  503: failed('The server cannot use its database, has too much to do, or is stopping.'),
};

/** Errors of those with a body. */
export const SCIM_BODY_ERRORS = {
  ...SCIM_ERRORS,
  409: failed('Another resource has this name or e-mail address.'),
  413: failed('The body is larger than the server accepts.'),
  415: failed('The body is not application/scim+json or application/json.'),
};
