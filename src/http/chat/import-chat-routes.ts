import type { Static } from 'typebox';
import { importedBefore, importForeignChats } from '../../app/chat/import-foreign-chats.ts';
import type { Context } from '../../app/context.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, READ_ERRORS, USER_BODY_ERRORS } from '../framework/common-schema.ts';
import { ChatImport, ChatImportOutcome, KnownChats, KnownQuery } from './import-chat-schema.ts';

const tags = ['Conversations'];
const security = [{ bearer: [] }];
const config = { access: 'user' } as const;

/** Importing chats of other products. The page reads their files; here comes what is in them. */
export function importChatRoutes(api: Api, context: Context): void {
  api.post('/api/conversations/import/', {
    config,
    schema: {
      tags,
      summary: 'Import chats of another product, free of charge',
      security,
      body: ChatImport,
      response: {
        200: ChatImportOutcome,
        409: detailed('Your imported chats have reached the limit. Nothing was imported.'),
        ...READ_ERRORS,
        ...USER_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      const { source, chats } = request.body;
      const { id } = userOf(request);
      const done = await importForeignChats(context, id, source, chats.map(toImport));
      return { added: done.added, known: done.known, too_old: done.tooOld };
    },
  });

  api.post('/api/conversations/import/known/', {
    config,
    schema: {
      tags,
      summary: 'Ask which chats of an export were imported before',
      security,
      body: KnownQuery,
      response: { 200: KnownChats, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      const { source, ids } = request.body;
      return { known: await importedBefore(context, userOf(request).id, source, ids) };
    },
  });
}

type SentChat = Static<typeof ChatImport>['chats'][number];

function toImport(chat: SentChat) {
  return {
    id: chat.id,
    title: chat.title,
    systemPrompt: chat.system_prompt,
    createdMs: chat.created_ms,
    updatedMs: chat.updated_ms,
    leaf: toPlace(chat.leaf),
    messages: chat.messages.map(({ id, created_ms: createdMs, parent, content, reply, model }) => ({
      id,
      createdMs,
      parent: toPlace(parent),
      content,
      reply,
      model,
    })),
  };
}

function toPlace(place: SentChat['leaf']) {
  return place ? { id: place.id, createdMs: place.created_ms } : undefined;
}
