import { Type } from 'typebox';
import { FILE_KINDS, FILES_PER_MESSAGE } from '../../core/files.ts';
import { storable } from '../framework/common-schema.ts';

const Count = Type.Union([Type.Integer(), Type.Null()]);

export const FilePath = Type.Object({ id: Type.String({ maxLength: 100 }) });

export const FileReply = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    kind: Type.Enum(FILE_KINDS, { description: 'Told by its content.' }),
    type: Type.String({ description: 'The media type, also told by its content.' }),
    size: Type.Integer({ description: 'In bytes.' }),
    width: Type.Union([Type.Integer(), Type.Null()], { description: 'Of a picture, in pixels.' }),
    height: Count,
    pages: Type.Union([Type.Integer(), Type.Null()], { description: 'Of a PDF file.' }),
    is_shared: Type.Boolean({
      description: 'Whether it is of a shared assistant: a share link only tells its name.',
    }),
  },
  { description: 'The file.' },
);

export const NewFile = Type.Object(
  { file: Type.Any({ description: 'The file, as a part of a form (multipart/form-data).' }) },
  { description: 'A form with one file.' },
);

export const FileContent = Type.Any({ description: 'The file itself.' });

export const FileSpace = Type.Object(
  {
    used: Type.Integer({ description: 'What your files have together, in bytes.' }),
    quota: Type.Integer({ description: 'What they may have, in bytes.' }),
    max_size: Type.Integer({ description: 'The largest file, in bytes.' }),
    max_files: Type.Integer({ description: 'How many files a message can have.' }),
  },
  { description: 'How much room there is for files.' },
);

/** A chat with more files than this is about many more tokens than any model reads. */
const MEASURED_FILES = 200;

export const MeasuredFiles = Type.Object({
  files: Type.Array(storable({ maxLength: 100 }), {
    maxItems: MEASURED_FILES,
    description: `Ids of files; a message has at most ${FILES_PER_MESSAGE}, a chat more.`,
  }),
});

export const FileTokens = Type.Object(
  {
    models: Type.Array(
      Type.Object({
        model: Type.String(),
        likely: Type.Integer({ description: 'About so many tokens of input.' }),
        most: Type.Union([Type.Integer(), Type.Null()], {
          description: 'At most so many; null if only its provider knows.',
        }),
        unread: Type.Array(Type.String(), {
          description: 'Those that it cannot be given, so that a message with them is refused.',
        }),
      }),
    ),
  },
  { description: 'What the files are to each of the models that you may use.' },
);
