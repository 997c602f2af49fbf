/** What staff see of `chit.json`, and how superusers have it read again. */
import { Type } from 'typebox';
import { NullableString, storable } from '../framework/common-schema.ts';

const Faults = Type.Array(Type.String(), {
  description: 'Sentences in English, each with the line and the column that it is about.',
});

export const DeploymentState = Type.Object(
  {
    file: Type.Union([Type.String(), Type.Null()], {
      description: 'The path of the file; null without one.',
    }),
    read_at: Type.String({ description: 'When the file in force was read by this server.' }),
    refusal: Type.Union([Type.Object({ at: Type.String(), faults: Faults }), Type.Null()], {
      description: 'The last attempt to read the file again, if it failed.',
    }),
    aliases: Type.Array(Type.Object({ alias: Type.String(), model: Type.String() })),
    limits: Type.Array(
      Type.Object({
        scope: Type.Union([Type.Literal('account'), Type.Literal('key')]),
        limit: Type.Union([
          Type.Literal('requests_per_minute'),
          Type.Literal('concurrent_generations'),
          Type.Literal('usage_tokens_per_minute'),
        ]),
        value: Type.Integer({ description: '0 is no limit.' }),
        source: Type.Union([Type.Literal('file'), Type.Literal('setting'), Type.Literal('none')], {
          description: 'The file overrides the setting.',
        }),
      }),
    ),
  },
  { description: 'The file in force, and the rate limits.' },
);

const Change = Type.Object({
  member: Type.String({ description: 'Such as `models.small.price.perMessage`.' }),
  before: NullableString,
  after: NullableString,
});

export const DeploymentPreviewReply = Type.Object(
  {
    faults: Faults,
    changes: Type.Array(Change),
    revision: Type.Union([Type.String(), Type.Null()], {
      description: 'Put this file in force by it. null if the file has faults.',
    }),
  },
  { description: 'What the file would change.' },
);

export const RereadBody = Type.Object({
  revision: Type.Optional(
    storable({
      maxLength: 100,
      description: 'Of the preview: refused if the file was changed since. Any file without it.',
    }),
  ),
});

export const RereadReply = Type.Object(
  { changes: Type.Array(Change) },
  { description: 'The file is in force.' },
);
