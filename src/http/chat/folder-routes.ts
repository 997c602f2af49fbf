import { Type } from 'typebox';
import { createFolder, removeFolder, renameFolder } from '../../app/chat/folders.ts';
import type { Context } from '../../app/context.ts';
import type { Folder } from '../../store/chat/folders.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  NoContent,
  text,
  USER_BODY_ERRORS,
  USER_ERRORS,
} from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';

const tags = ['Conversations'];
const security = [{ bearer: [] }];
const config = { access: 'user' } as const;
const NotFound = { 404: detailed('Folder not found.') };

const FolderPath = Type.Object({ id: Type.String({ maxLength: 100 }) });
const FolderFields = Type.Object({
  name: text({ maxLength: 100, description: 'Any text that is not blank.' }),
});
const shape = { id: Type.String(), name: Type.String(), created_at: Type.String() };
const FolderReply = Type.Object(shape, { description: 'The folder.' });
const FolderList = Type.Object(
  { folders: Type.Array(Type.Object(shape)) },
  { description: 'Your folders, in the order in which they were created.' },
);

/** Folders for conversations: listing, creating, renaming and removing them. */
export function folderRoutes(api: Api, context: Context): void {
  api.get('/api/folders/', {
    config,
    schema: {
      tags,
      summary: 'List your folders',
      security,
      response: { 200: FolderList, ...USER_ERRORS },
    },
    handler: async (request) => {
      const folders = await context.folders.all(userOf(request).id);
      return { folders: folders.map(shownFolder) };
    },
  });

  api.post('/api/folders/', {
    config,
    schema: {
      tags,
      summary: 'Create a folder',
      security,
      body: FolderFields,
      response: {
        201: FolderReply,
        409: detailed('There are as many folders as there can be.'),
        ...USER_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const folder = await createFolder(context, userOf(request).id, request.body.name.trim());
      return reply.code(201).send(shownFolder(folder));
    },
  });

  api.patch('/api/folders/:id/', {
    config,
    schema: {
      tags,
      summary: 'Rename a folder',
      security,
      params: FolderPath,
      body: FolderFields,
      response: { 200: FolderReply, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      const { id } = request.params;
      const name = request.body.name.trim();
      return shownFolder(await renameFolder(context, userOf(request).id, id, name));
    },
  });

  api.delete('/api/folders/:id/', {
    config,
    schema: {
      tags,
      summary: 'Remove a folder; its conversations stay',
      security,
      params: FolderPath,
      response: { 204: NoContent, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      await removeFolder(context, userOf(request).id, request.params.id);
      return reply.code(204).send(null);
    },
  });
}

function shownFolder({ id, name, createdAtMs }: Folder) {
  return { id, name, created_at: isoTime(createdAtMs) };
}
