import { Type } from 'typebox';
import { ID_PATTERN, Limit, OpaqueCursor, paged } from '../framework/paging-schema.ts';

/** What `data` has, by `kind`. */
export type { UserNotices } from '../../core/notices.ts';

export const NoticeQuery = Type.Object({ cursor: OpaqueCursor, limit: Limit });

export const NoticeList = Type.Object(
  {
    notices: Type.Array(
      Type.Object({
        id: Type.String(),
        kind: Type.String({
          description:
            'Such as `sign_in.new`, `password.new`, `key.new` or `balance.low`. There can be more.',
        }),
        data: Type.Any({ description: 'An object; which members it has depends on `kind`.' }),
        created_at: Type.String({ format: 'date-time' }),
        is_seen: Type.Boolean(),
      }),
    ),
    unseen: Type.Integer({ description: 'How many you have not seen; 100 stands for more.' }),
    ...paged,
  },
  { description: 'What happened to your account in the last 90 days, newest first.' },
);

export const SeenNotices = Type.Object({
  up_to: Type.String({
    pattern: `^${ID_PATTERN}$`,
    description: 'The newest notice that you have seen.',
  }),
});
