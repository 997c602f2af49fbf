/** SCIM 2.0 (RFC 7644): a directory keeps users and groups up to date. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../app/context.ts';
import {
  changeScimGroup,
  createScimGroup,
  endScimGroup,
  listScimGroups,
  membersOf,
  scimGroup,
} from '../../app/directory/scim-groups.ts';
import {
  changeScimUser,
  createScimUser,
  listScimUsers,
  removeScimUser,
  scimUser,
} from '../../app/directory/scim-users.ts';
import { ChitError } from '../../core/errors.ts';
import type { ScimUserChange } from '../../core/scim.ts';
import type { ScimGroup } from '../../store/directory/scim-groups.ts';
import { directoryOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { NoContent } from '../framework/common-schema.ts';
import { resourceTypes, schemas, serviceProviderConfig } from './scim-discovery.ts';
import { SCIM_TYPE } from './scim-errors.ts';
import { groupChangeIn, groupIn, idOf, userChangeIn, userIn } from './scim-operations.ts';
import { groupFilterIn, userFilterIn } from './scim-paths.ts';
import {
  SCIM_BODY_ERRORS,
  SCIM_ERRORS,
  ScimBody,
  ScimList,
  ScimListQuery,
  ScimPatch,
  ScimPath,
  ScimReadQuery,
  ScimResource,
} from './scim-schema.ts';
import type { JsonObject } from './scim-values.ts';
import {
  baseOf,
  isWanted,
  LIST_SCHEMA,
  pageIn,
  shownGroup,
  shownUser,
  trimmed,
  type Wanted,
  wantedIn,
} from './scim-views.ts';

const BASE = '/scim/v2';
const config = { access: 'scim' } as const;
const tags = ['SCIM'];
const security = [{ scim: [] }];
const read = { tags, security, response: { 200: ScimResource, ...SCIM_ERRORS } };

/** The routes for directories; each answers in the media type of SCIM. */
export function scimRoutes(api: Api, context: Context): void {
  discoveryRoutes(api);
  userReadRoutes(api, context);
  userWriteRoutes(api, context);
  groupReadRoutes(api, context);
  groupWriteRoutes(api, context);
}

function discoveryRoutes(api: Api): void {
  api.get(`${BASE}/ServiceProviderConfig`, {
    config,
    schema: { ...read, summary: 'Read what this server can do' },
    handler: async (request, reply) => sent(reply, serviceProviderConfig(baseOf(request))),
  });
  for (const [name, summary, listOf] of [
    ['ResourceTypes', 'kinds of resources', resourceTypes],
    ['Schemas', 'schemas', schemas],
  ] as const) {
    api.get(`${BASE}/${name}`, {
      config,
      schema: { tags, security, summary: `List the ${summary}`, response: listResponse },
      handler: async (request, reply) => {
        const all: readonly object[] = listOf(baseOf(request));
        return sent(reply, listed(all, { total: all.length, startIndex: 1 }));
      },
    });
    api.get(`${BASE}/${name}/:id`, {
      config,
      schema: { ...read, summary: `Read one of the ${summary}`, params: ScimPath },
      handler: async (request, reply) => {
        const all: readonly { readonly id: string; schemas: string[] }[] = listOf(baseOf(request));
        const found = all.find(({ id }) => id === request.params.id);
        if (!found) throw new ChitError('not_found', undefined);
        return sent(reply, found);
      },
    });
  }
}

const listResponse = { 200: ScimList, ...SCIM_ERRORS };

function userReadRoutes(api: Api, context: Context): void {
  api.get(`${BASE}/Users`, {
    config,
    schema: {
      tags,
      security,
      summary: 'List the users that the directory manages',
      querystring: ScimListQuery,
      response: listResponse,
    },
    handler: async (request, reply) => {
      const { filter } = request.query;
      const { startIndex, ...page } = pageIn(request.query);
      const wanted = wantedIn(request.query);
      const by = filter ? userFilterIn(filter) : {};
      const { users, total } = await listScimUsers(context, directoryOf(request), by, page);
      const base = baseOf(request);
      const shown = users.map((it) => trimmed(shownUser(base, it), wanted));
      return sent(reply, listed(shown, { total, startIndex }));
    },
  });

  api.get(`${BASE}/Users/:id`, {
    config,
    schema: { ...read, summary: 'Read a user', params: ScimPath, querystring: ScimReadQuery },
    handler: async (request, reply) => {
      const user = await scimUser(context, userIdIn(request.params));
      return sent(reply, trimmed(shownUser(baseOf(request), user), wantedIn(request.query)));
    },
  });
}

function userWriteRoutes(api: Api, context: Context): void {
  const change = {
    tags,
    security,
    params: ScimPath,
    response: { 200: ScimResource, ...SCIM_BODY_ERRORS },
  };

  api.post(`${BASE}/Users`, {
    config,
    schema: {
      tags,
      security,
      summary: 'Make an account for a user, or adopt the one of this name',
      body: ScimBody,
      response: { 201: ScimResource, ...SCIM_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const user = await createScimUser(
        context,
        directoryOf(request),
        userIn(request.body as JsonObject),
      );
      return created(reply, shownUser(baseOf(request), user));
    },
  });

  const changed = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { id, change }: { readonly id: number; readonly change: ScimUserChange },
  ) => {
    const user = await changeScimUser(context, directoryOf(request), id, change);
    return sent(reply, shownUser(baseOf(request), user));
  };

  api.put(`${BASE}/Users/:id`, {
    config,
    schema: { ...change, summary: 'Replace a user', body: ScimBody },
    handler: (request, reply) =>
      changed(request, reply, {
        id: userIdIn(request.params),
        change: userIn(request.body as JsonObject),
      }),
  });

  api.patch(`${BASE}/Users/:id`, {
    config,
    schema: { ...change, summary: 'Change a user', body: ScimPatch },
    handler: (request, reply) =>
      changed(request, reply, {
        id: userIdIn(request.params),
        change: userChangeIn(request.body as JsonObject),
      }),
  });

  api.delete(`${BASE}/Users/:id`, {
    config,
    schema: {
      tags,
      security,
      summary: 'Disable an account whose user was deleted; it keeps its balance',
      params: ScimPath,
      response: { 204: NoContent, ...SCIM_ERRORS },
    },
    handler: async (request, reply) => {
      await removeScimUser(context, directoryOf(request), userIdIn(request.params));
      return reply.code(204).send(null);
    },
  });
}

function groupReadRoutes(api: Api, context: Context): void {
  api.get(`${BASE}/Groups`, {
    config,
    schema: {
      tags,
      security,
      summary: 'List the groups that the directory made',
      querystring: ScimListQuery,
      response: listResponse,
    },
    handler: async (request, reply) => {
      const { filter } = request.query;
      const { startIndex, ...page } = pageIn(request.query);
      const wanted = wantedIn(request.query);
      const { groups, total } = await listScimGroups(
        context,
        directoryOf(request),
        filter ? groupFilterIn(filter) : {},
        { ...page, withMembers: isWanted(wanted, 'members') },
      );
      const base = baseOf(request);
      const shown = groups.map((it) => trimmed(shownGroup(base, it), wanted));
      return sent(reply, listed(shown, { total, startIndex }));
    },
  });

  api.get(`${BASE}/Groups/:id`, {
    config,
    schema: { ...read, summary: 'Read a group', params: ScimPath, querystring: ScimReadQuery },
    handler: async (request, reply) => {
      const group = await scimGroup(context, request.params.id);
      const wanted = wantedIn(request.query);
      return sent(reply, await shownWithMembers(context, request, group, wanted));
    },
  });
}

function groupWriteRoutes(api: Api, context: Context): void {
  api.post(`${BASE}/Groups`, {
    config,
    schema: {
      tags,
      security,
      summary: 'Make a group',
      body: ScimBody,
      response: { 201: ScimResource, ...SCIM_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const group = await createScimGroup(
        context,
        directoryOf(request),
        groupIn(request.body as JsonObject),
      );
      return created(reply, await shownWithMembers(context, request, group));
    },
  });

  api.put(`${BASE}/Groups/:id`, {
    config,
    schema: {
      tags,
      security,
      summary: 'Replace a group',
      params: ScimPath,
      body: ScimBody,
      response: { 200: ScimResource, ...SCIM_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const wanted = groupIn(request.body as JsonObject);
      const { id } = request.params;
      const group = await changeScimGroup(context, directoryOf(request), id, wanted);
      return sent(reply, await shownWithMembers(context, request, group));
    },
  });

  api.patch(`${BASE}/Groups/:id`, {
    config,
    schema: {
      tags,
      security,
      summary: 'Change a group',
      params: ScimPath,
      body: ScimPatch,
      response: { 204: NoContent, ...SCIM_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const wanted = groupChangeIn(request.body as JsonObject);
      await changeScimGroup(context, directoryOf(request), request.params.id, wanted);
      // As RFC 7644, 3.5.2, has it: with thousands of members, the group would be the most of it.
      return reply.code(204).send(null);
    },
  });

  api.delete(`${BASE}/Groups/:id`, {
    config,
    schema: {
      tags,
      security,
      summary: 'End a group; its pool keeps what it has',
      params: ScimPath,
      response: { 204: NoContent, ...SCIM_ERRORS },
    },
    handler: async (request, reply) => {
      await endScimGroup(context, directoryOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  });
}

const ALL: Wanted = { only: undefined, without: new Set() };

async function shownWithMembers(
  context: Context,
  request: FastifyRequest,
  group: ScimGroup,
  wanted = ALL,
) {
  const members = isWanted(wanted, 'members')
    ? await membersOf(context, directoryOf(request), group.id)
    : undefined;
  return trimmed(shownGroup(baseOf(request), { group, members }), wanted);
}

/** @throws ChitError `user_unknown` for what cannot be the id of one */
function userIdIn({ id }: { readonly id: string }): number {
  const userId = idOf(id);
  if (userId === undefined) throw new ChitError('user_unknown', undefined);
  return userId;
}

function listed(
  resources: readonly object[],
  { total: totalResults, startIndex }: { readonly total: number; readonly startIndex: number },
) {
  return {
    schemas: [LIST_SCHEMA],
    totalResults,
    startIndex,
    itemsPerPage: resources.length,
    Resources: [...resources],
  };
}

/** @returns the resource, to be sent in the media type of SCIM */
function sent<T extends object>(reply: FastifyReply, resource: T): T {
  void reply.type(SCIM_TYPE);
  return resource;
}

function created<T extends { readonly meta: { readonly location: string } }>(
  reply: FastifyReply,
  resource: T,
): T {
  void reply.code(201).header('location', resource.meta.location);
  return sent(reply, resource);
}
