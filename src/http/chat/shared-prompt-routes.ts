/**
 * What staff share with everybody or with any group, and managers with the groups that they manage.
 * Everything is in the audit log.
 */
import type { FastifyContextConfig, FastifyRequest } from 'fastify';
import { addPrompt, changePrompt, removePrompt, requirePromptOf } from '../../app/chat/prompts.ts';
import type { Context } from '../../app/context.ts';
import { groupForManager, groupForStaff } from '../../app/groups/group-access.ts';
import type { RouteScope } from '../../core/admin-scopes.ts';
import type { PromptOwner } from '../../store/chat/prompt-owner.ts';
import { principalOf, staffWith, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  NoContent,
  STAFF_BODY_ERRORS,
  STAFF_ERRORS,
} from '../framework/common-schema.ts';
import { changesIn, fieldsIn, shownInList, shownPrompt, TooMany } from './prompt-routes.ts';
import {
  GroupPath,
  GroupPromptPath,
  NewPrompt,
  PromptChange,
  PromptList,
  PromptReply,
} from './prompt-schema.ts';

const security = [{ bearer: [] }];
const NotFound = { 404: detailed('Group or prompt not found.') };
const EVERYBODY = 'all';

/** Where the routes are, and who is meant by the `id` in their path. */
interface Place {
  readonly base: '/api/admin/groups/:id/prompts' | '/api/groups/:id/prompts';
  readonly tags: string[];
  readonly config: (scope: RouteScope) => FastifyContextConfig;
  readonly ownerFor: (request: FastifyRequest, id: string) => Promise<PromptOwner>;
}

/** Prompts and assistants that are shared, for those who share them. */
export function sharedPromptRoutes(api: Api, context: Context): void {
  const places: Place[] = [
    {
      base: '/api/admin/groups/:id/prompts',
      tags: ['Admin: groups'],
      config: staffWith,
      ownerFor: async (_request, id) => {
        if (id === EVERYBODY) return { isForAll: true };
        return { groupId: (await groupForStaff(context, id)).id };
      },
    },
    {
      base: '/api/groups/:id/prompts',
      tags: ['Groups'],
      config: () => ({ access: 'user' }),
      ownerFor: async (request, id) => {
        return { groupId: (await groupForManager(context, userOf(request).id, id)).id };
      },
    },
  ];
  for (const place of places) {
    listRoutes(api, context, place);
    readRoute(api, context, place);
    changeRoutes(api, context, place);
  }
}

function listRoutes(api: Api, context: Context, { base, tags, config, ownerFor }: Place): void {
  api.get(`${base}/`, {
    config: config('groups:read'),
    schema: {
      tags,
      security,
      summary: 'List what is shared with a group; `all` in place of its id: with everybody',
      params: GroupPath,
      response: { 200: PromptList, ...NotFound, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const owner = await ownerFor(request, request.params.id);
      const prompts = await context.prompts.ofOwner(owner);
      return { prompts: prompts.map((it) => shownInList(it, true)) };
    },
  });

  api.post(`${base}/`, {
    config: config('groups:write'),
    schema: {
      tags,
      security,
      summary: 'Share a prompt or an assistant',
      params: GroupPath,
      body: NewPrompt,
      response: { 201: PromptReply, ...NotFound, ...TooMany, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const owner = await ownerFor(request, request.params.id);
      const fields = fieldsIn(request.body);
      const prompt = await addPrompt(context, owner, fields, authorIn(request));
      return reply.code(201).send(shownPrompt(prompt));
    },
  });
}

function readRoute(api: Api, context: Context, { base, tags, config, ownerFor }: Place): void {
  api.get(`${base}/:prompt/`, {
    config: config('groups:read'),
    schema: {
      tags,
      security,
      summary: 'Read what is shared with its text',
      params: GroupPromptPath,
      response: { 200: PromptReply, ...NotFound, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const { id, prompt } = request.params;
      const owner = await ownerFor(request, id);
      return shownPrompt(await requirePromptOf(context, owner, prompt));
    },
  });
}

function changeRoutes(api: Api, context: Context, { base, tags, config, ownerFor }: Place): void {
  api.patch(`${base}/:prompt/`, {
    config: config('groups:write'),
    schema: {
      tags,
      security,
      summary: 'Change what is shared',
      params: GroupPromptPath,
      body: PromptChange,
      response: { 200: PromptReply, ...NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const { id, prompt } = request.params;
      const owner = await ownerFor(request, id);
      const changes = changesIn(request.body);
      const changed = await changePrompt(context, owner, prompt, changes, authorIn(request));
      return shownPrompt(changed);
    },
  });

  api.delete(`${base}/:prompt/`, {
    config: config('groups:write'),
    schema: {
      tags,
      security,
      summary: 'Delete what is shared; chats that were begun with it stay',
      params: GroupPromptPath,
      response: { 204: NoContent, ...NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const { id, prompt } = request.params;
      const owner = await ownerFor(request, id);
      await removePrompt(context, owner, prompt, principalOf(request));
      return reply.code(204).send(null);
    },
  });
}

/** Files are those that the person has uploaded; admin keys have those of who made them. */
function authorIn(request: FastifyRequest) {
  return { userId: userOf(request).id, sharedBy: principalOf(request) };
}
