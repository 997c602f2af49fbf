import { Type } from 'typebox';
import { text } from './common.ts';

export const ChatBody = Type.Object({
  message: text({ description: 'What to say to the model, as typed.' }),
});

export const ChatReply = Type.Object(
  {
    user: Type.Integer({ description: 'The id of the user who asked.' }),
    message: Type.String(),
    response: Type.String(),
    timestamp: Type.String({ description: 'When it was asked, in UTC.' }),
  },
  { description: 'The reply. It is charged and stored.' },
);
