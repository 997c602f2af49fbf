import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import {
  addPrompt,
  changePrompt,
  removePrompt,
  requirePrompt,
  setDefaultInstructions,
} from '../../app/chat/prompts.ts';
import type { Context } from '../../app/context.ts';
import type { ListedPrompt, Prompt } from '../../store/chat/prompts.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, NoContent, USER_BODY_ERRORS, USER_ERRORS } from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import { shownFile } from './file-views.ts';
import {
  Instructions,
  NewPrompt,
  PromptChange,
  PromptList,
  PromptPath,
  PromptReply,
} from './prompt-schema.ts';

const tags = ['Prompts'];
const security = [{ bearer: [] }];
const config = { access: 'user' } as const;
export const PromptNotFound = { 404: detailed('Prompt not found.') };
export const TooMany = { 409: detailed('There are as many prompts as there can be.') };

/** Prompts and assistants of a user, and default instructions. */
export function promptRoutes(api: Api, context: Context): void {
  ownRoutes(api, context);
  changeRoutes(api, context);
  instructionRoutes(api, context);
}

function ownRoutes(api: Api, context: Context): void {
  api.get('/api/prompts/', {
    config,
    schema: {
      tags,
      security,
      summary: 'List your prompts and assistants, and those shared with you',
      response: { 200: PromptList, ...USER_ERRORS },
    },
    handler: async (request) => {
      const { id, isStaff } = userOf(request);
      const prompts = await context.prompts.visibleTo(id);
      return { prompts: prompts.map((it) => shownInList(it, isStaff)) };
    },
  });

  api.post('/api/prompts/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Create a prompt or an assistant of your own',
      body: NewPrompt,
      response: { 201: PromptReply, ...TooMany, ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const owner = ownerIn(request);
      const prompt = await addPrompt(context, owner, fieldsIn(request.body), owner);
      return reply.code(201).send(shownPrompt(prompt));
    },
  });

  api.get('/api/prompts/:id/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Read a prompt or an assistant with its text',
      params: PromptPath,
      response: { 200: PromptReply, ...PromptNotFound, ...USER_ERRORS },
    },
    handler: async (request) =>
      shownPrompt(await requirePrompt(context, userOf(request).id, request.params.id)),
  });
}

function changeRoutes(api: Api, context: Context): void {
  api.patch('/api/prompts/:id/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Change a prompt or an assistant of your own',
      params: PromptPath,
      body: PromptChange,
      response: { 200: PromptReply, ...PromptNotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      const changes = changesIn(request.body);
      const owner = ownerIn(request);
      const { id } = request.params;
      return shownPrompt(await changePrompt(context, owner, id, changes, owner));
    },
  });

  api.delete('/api/prompts/:id/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Delete a prompt or an assistant of your own',
      params: PromptPath,
      response: { 204: NoContent, ...PromptNotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      await removePrompt(context, ownerIn(request), request.params.id);
      return reply.code(204).send(null);
    },
  });
}

/** They are read with the account, at GET /api/me/. */
function instructionRoutes(api: Api, context: Context): void {
  api.put('/api/instructions/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Set the instructions that your new conversations begin with',
      body: Instructions,
      response: { 200: Instructions, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      const text = request.body.text.trim();
      await setDefaultInstructions(context, userOf(request).id, text);
      return { text };
    },
  });
}

function ownerIn(request: FastifyRequest): { readonly userId: number } {
  return { userId: userOf(request).id };
}

/** What a body says of a new prompt. */
export function fieldsIn({ kind, title, text, model, files }: Static<typeof NewPrompt>) {
  return { kind, title: title.trim(), content: text, model, files };
}

/** What a body changes. */
export function changesIn({ title, text, model, files }: Static<typeof PromptChange>) {
  return {
    ...(title === undefined ? {} : { title: title.trim() }),
    ...(text === undefined ? {} : { content: text }),
    model,
    files,
  };
}

/** A prompt with its text. */
export function shownPrompt(prompt: Prompt) {
  return { ...shape(prompt), text: prompt.content, files: prompt.files.map(shownFile) };
}

/** @param isStaff whether who asks may change all that is shared */
export function shownInList(prompt: ListedPrompt, isStaff: boolean) {
  const { begins, fileCount: file_count, groupName, isManaged, owner } = prompt;
  const can_change = 'userId' in owner || isStaff || isManaged;
  return { ...shape(prompt), begins, file_count, group_name: groupName ?? null, can_change };
}

function shape({
  id,
  kind,
  title,
  model,
  owner,
  createdAtMs,
  updatedAtMs,
}: Omit<Prompt, 'content' | 'files'>) {
  const shared = 'groupId' in owner ? ('group' as const) : ('all' as const);
  return {
    id,
    kind,
    title,
    model: model ?? null,
    shared_with: 'userId' in owner ? null : shared,
    group: 'groupId' in owner ? owner.groupId : null,
    created_at: isoTime(createdAtMs),
    updated_at: isoTime(updatedAtMs),
  };
}
