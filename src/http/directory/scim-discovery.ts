/** What this server can do by SCIM (RFC 7643, 5 to 7). */
import { GROUP_SCHEMA, MOST_LISTED, USER_SCHEMA } from './scim-views.ts';

const CONFIG_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig';
const TYPE_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:ResourceType';
const SCHEMA_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Schema';

/**
 * What this server can do.
 * @param base where the resources are, such as `https://chit.example/scim/v2`
 */
export function serviceProviderConfig(base: string) {
  const none = { supported: false };
  return {
    schemas: [CONFIG_SCHEMA],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: MOST_LISTED },
    changePassword: none,
    sort: none,
    etag: none,
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A token that a superuser makes in the panel, or with chit scim-token.',
        specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
}

/** Users and groups. */
export function resourceTypes(base: string) {
  return (
    [
      ['User', '/Users', USER_SCHEMA, 'Accounts that the directory manages'],
      ['Group', '/Groups', GROUP_SCHEMA, 'Groups that the directory made'],
    ] as const
  ).map(([name, endpoint, schema, description]) => ({
    schemas: [TYPE_SCHEMA],
    id: name,
    name,
    endpoint,
    description,
    schema,
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  }));
}

/** The attributes that are kept; others are passed over. */
export function schemas(base: string) {
  return [
    schemaOf(base, USER_SCHEMA, 'User', [
      { ...attribute('userName'), required: true, uniqueness: 'server' },
      attribute('displayName'),
      {
        ...attribute('name', 'complex'),
        subAttributes: ['formatted', 'familyName', 'givenName'].map((it) => attribute(it)),
      },
      attribute('active', 'boolean'),
      {
        ...attribute('emails', 'complex'),
        multiValued: true,
        subAttributes: [
          { ...attribute('value'), uniqueness: 'server' },
          attribute('type'),
          attribute('primary', 'boolean'),
        ],
      },
    ]),
    schemaOf(base, GROUP_SCHEMA, 'Group', [
      { ...attribute('displayName'), required: true, uniqueness: 'server' },
      {
        ...attribute('members', 'complex'),
        multiValued: true,
        subAttributes: [
          { ...attribute('value'), mutability: 'immutable' },
          { ...attribute('$ref', 'reference'), referenceTypes: ['User'], mutability: 'immutable' },
          { ...attribute('type'), canonicalValues: ['User'], mutability: 'immutable' },
          { ...attribute('display'), mutability: 'readOnly' },
        ],
      },
    ]),
  ];
}

function schemaOf(base: string, id: string, name: string, attributes: readonly object[]) {
  return {
    schemas: [SCHEMA_SCHEMA],
    id,
    name,
    description: name,
    attributes,
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
  };
}

function attribute(name: string, type = 'string') {
  return {
    name,
    type,
    multiValued: false,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
  };
}
