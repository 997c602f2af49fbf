import { Type } from 'typebox';
import { FailureCode } from '../chat/conversation-schema.ts';
import { NullableString, Reason, storable } from '../framework/common-schema.ts';
import { Limit, OpaqueCursor, paged, SEARCHED, Search } from '../framework/paging-schema.ts';

export const ChatSearch = Type.Object({
  reason: Reason,
  user: Type.Optional(
    storable({
      maxLength: 100,
      description: 'A username, or an id such as `user:1`; by default all users.',
    }),
  ),
  q: Search('Text in messages or replies.'),
  cursor: OpaqueCursor,
  limit: Limit,
});

export const ChatList = Type.Object(
  {
    chats: Type.Array(
      Type.Object({
        id: Type.String(),
        user: Type.Integer(),
        username: NullableString,
        model: Type.String(),
        message: Type.String(),
        response: NullableString,
        failure: NullableString,
        failure_code: FailureCode,
        timestamp: Type.String(),
      }),
    ),
    searched_back_to: NullableString,
    ...paged,
  },
  { description: SEARCHED },
);
