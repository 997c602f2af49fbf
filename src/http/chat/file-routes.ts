import type { FastifyReply, FastifyRequest } from 'fastify';
import { tokensOfFiles } from '../../app/chat/files/measure-files.ts';
import { readableFiles, unreadBy } from '../../app/chat/files/prompt-files.ts';
import { fileSpace, openFile, removeFile } from '../../app/chat/files/read-file.ts';
import { storeFile } from '../../app/chat/files/store-file.ts';
import type { Context } from '../../app/context.ts';
import { offeredTo } from '../../app/metering/models-for.ts';
import { invalidField } from '../../core/errors.ts';
import { FILE_BYTES, FILES_PER_MESSAGE } from '../../core/files.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, NoContent, USER_BODY_ERRORS, USER_ERRORS } from '../framework/common-schema.ts';
import { BodiesInFlight } from '../gateway/bodies-in-flight.ts';
import {
  FileContent,
  FilePath,
  FileReply,
  FileSpace,
  FileTokens,
  MeasuredFiles,
  NewFile,
} from './file-schema.ts';
import { shownFile } from './file-views.ts';
import { sendContent } from './send-content.ts';

const tags = ['Files'];
const security = [{ bearer: [] }];
const config = { access: 'user' } as const;
const NotFound = { 404: detailed('File not found.') };
/** What a form has beside its file. */
const FORM_BYTES = 65_536;

/** Files that users attach to their messages. */
export function fileRoutes(api: Api, context: Context): void {
  uploadRoute(api, context);
  readRoutes(api, context);
}

function uploadRoute(api: Api, context: Context): void {
  const inFlight = new BodiesInFlight(FILE_BYTES + FORM_BYTES);
  api.post('/api/files/', {
    config: { access: 'user', keepsForm: true },
    bodyLimit: inFlight.bodyLimitBytes,
    onRequest: (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
      inFlight.count(request, reply);
      done();
    },
    schema: {
      tags,
      summary: 'Upload a file, to be sent or given to an assistant within an hour',
      security,
      consumes: ['multipart/form-data'],
      body: NewFile,
      response: {
        201: FileReply,
        ...USER_BODY_ERRORS,
        413: detailed('The file is larger than a file can be, or than what is left of the quota.'),
        429: detailed('Too much is being uploaded at once.'),
      },
    },
    handler: async (request, reply) => {
      const isGone = request.bodyIsGone;
      request.bodyIsGone = null;
      try {
        const fields = (await request.form?.fields()) ?? [];
        request.form = null;
        const found = fields.find(({ name, file }) => name === 'file' && file);
        if (!found?.file) {
          const message = 'Send the file as a part of the form that is called "file".';
          throw invalidField('file', message, { code: 'required' });
        }
        const given = { name: found.file.filename, bytes: found.content };
        const file = await storeFile(context, userOf(request).id, given);
        return reply.code(201).send(shownFile(file));
      } finally {
        isGone?.();
      }
    },
  });
}

function readRoutes(api: Api, context: Context): void {
  api.get('/api/files/', {
    config,
    schema: {
      tags,
      summary: 'How much room there is for files',
      security,
      response: { 200: FileSpace, ...USER_ERRORS },
    },
    handler: async (request) => {
      const { usedBytes, quotaBytes } = await fileSpace(context, userOf(request).id);
      const limits = { max_size: FILE_BYTES, max_files: FILES_PER_MESSAGE };
      return { used: usedBytes, quota: quotaBytes, ...limits };
    },
  });

  api.get('/api/files/:id/', {
    config,
    schema: {
      tags,
      summary: 'Download a file of yours, or of an assistant that you can use',
      security,
      params: FilePath,
      response: { 200: FileContent, ...NotFound, ...USER_ERRORS },
    },
    handler: async (request, reply) =>
      sendContent(reply, await openFile(context, userOf(request), request.params.id)),
  });

  api.delete('/api/files/:id/', {
    config,
    schema: {
      tags,
      summary: 'Delete a file that no message and no assistant has',
      security,
      params: FilePath,
      response: {
        204: NoContent,
        409: detailed('A message or an assistant has the file.'),
        ...NotFound,
        ...USER_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      await removeFile(context, userOf(request).id, request.params.id);
      return reply.code(204).send(null);
    },
  });

  api.post('/api/files/tokens/', {
    config,
    schema: {
      tags,
      summary: 'How much input files are, for each model',
      security,
      body: MeasuredFiles,
      response: { 200: FileTokens, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      const user = userOf(request);
      const files = await readableFiles(context, user, [...new Set(request.body.files)]);
      const models = await offeredTo(context, user);
      const tokens = tokensOfFiles(models, files);
      return {
        models: models.map(({ name, reads }, index) => ({
          model: name,
          likely: tokens[index]?.likely ?? 0,
          most: tokens[index]?.most ?? null,
          unread: unreadBy(files, reads),
        })),
      };
    },
  });
}
