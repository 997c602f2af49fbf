import { Type } from 'typebox';
import { NullableString, storable } from '../framework/common-schema.ts';
import { cursor, ID_PATTERN, Limit, paged } from '../framework/paging-schema.ts';
import { messageFields } from './conversation-schema.ts';
import { SharedTools } from './tool-schema.ts';

const MOST_DAYS = 3_650;

export const SharedPath = Type.Object({ token: Type.String({ maxLength: 100 }) });
export const SharedFilePath = Type.Object({
  token: Type.String({ maxLength: 100 }),
  message: storable({ maxLength: 100 }),
  file: storable({ maxLength: 100 }),
});
export const SharedQuery = Type.Object({ cursor: cursor(`^${ID_PATTERN}$`), limit: Limit });

const Kind = Type.Enum(['snapshot', 'live']);

export const ShareChange = Type.Object({
  kind: Type.Optional({
    ...Kind,
    description:
      '`snapshot`: the branch that is shown, as it is now; `live`: with all that follows. The ' +
      'default for a new link is `snapshot`; naming it again takes a new one.',
  }),
  expires_in_days: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1, maximum: MOST_DAYS }), Type.Null()], {
      description: 'From now on; null for never, which is the default for a new link.',
    }),
  ),
  shows_name: Type.Optional(
    Type.Boolean({ description: 'Whether readers see your username; false by default.' }),
  ),
});

export const Share = Type.Object(
  {
    share: { ...NullableString, description: 'The path of the link; null if there is none.' },
    kind: Type.Union([Kind, Type.Null()]),
    expires_at: { ...NullableString, description: 'When the link ends; null for never.' },
    shared_at: {
      ...NullableString,
      description: 'When it was shared, or the snapshot was taken; null if that is not known.',
    },
    shows_name: Type.Boolean(),
  },
  { description: 'What anyone with the link can read.' },
);

const {
  cost: _cost,
  paid_by: _payer,
  tools: _tools,
  thinking: _thinking,
  ...withoutCost
} = messageFields;
export const SharedConversation = Type.Object(
  {
    title: Type.String(),
    kind: Kind,
    shared_at: NullableString,
    expires_at: NullableString,
    username: { ...NullableString, description: 'Who shared it; null if that is not shown.' },
    messages: Type.Array(Type.Object({ ...withoutCost, tools: SharedTools })),
    ...paged,
  },
  { description: 'The branch that is shared, oldest first.' },
);
