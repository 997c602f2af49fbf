import { Type } from 'typebox';
import { WEBHOOK_KINDS } from '../../core/notices.ts';
import { NullableString, text } from '../framework/common-schema.ts';
import { Limit, OpaqueCursor, paged } from '../framework/paging-schema.ts';

const Id = Type.String({ maxLength: 100 });
const Kinds = Type.Array(Type.Union(WEBHOOK_KINDS.map((it) => Type.Literal(it))), {
  minItems: 1,
  maxItems: WEBHOOK_KINDS.length,
  uniqueItems: true,
  description: 'What it is told of.',
});

export const WebhookPath = Type.Object({ id: Id });
export const DeliveryPath = Type.Object({ id: Id, delivery: Id });
export const DeliveryQuery = Type.Object({ cursor: OpaqueCursor, limit: Limit });

export const WebhookBody = Type.Object({
  name: text({ maxLength: 60, description: 'For people, such as the program that is told.' }),
  url: text({ maxLength: 2_000, description: 'Where events are posted to.' }),
  kinds: Kinds,
  is_active: Type.Optional(Type.Boolean({ description: 'Events are sent only if it is true.' })),
});

const Webhook = Type.Object({
  id: Type.String(),
  name: Type.String(),
  url: Type.String(),
  kinds: Type.Array(Type.String()),
  is_active: Type.Boolean(),
  gone_since: {
    ...NullableString,
    description:
      'When it was turned off since its receiver had answered with 410 (Gone); null if it was not.',
  },
  created_at: Type.String(),
  earlier_secret_until: {
    ...NullableString,
    description: 'Until when events are signed with the secret before as well.',
  },
});

export const WebhookList = Type.Object(
  {
    webhooks: Type.Array(Webhook),
    kinds: Type.Array(Type.String(), { description: 'All kinds that there are.' }),
    allows_private: Type.Boolean({ description: 'Whether private addresses are allowed.' }),
  },
  { description: 'The webhooks of this site, oldest first.' },
);

export const NewSecret = Type.Object(
  {
    id: Type.String(),
    secret: Type.String({ description: 'Shown only now. It begins with `whsec_`.' }),
  },
  { description: 'What its events are signed with.' },
);

export const DeliveryList = Type.Object(
  {
    deliveries: Type.Array(
      Type.Object({
        id: Type.String(),
        kind: Type.String(),
        state: Type.Union([Type.Literal('waiting'), Type.Literal('sent'), Type.Literal('failed')]),
        attempts: Type.Integer(),
        next_at: { ...NullableString, description: 'When it is tried next.' },
        last_status: Type.Union([Type.Integer(), Type.Null()], {
          description: 'Of the last answer; null if there was none.',
        }),
        last_error: NullableString,
        created_at: Type.String(),
        ended_at: NullableString,
      }),
    ),
    ...paged,
  },
  { description: 'What was sent to it in the last 90 days, newest first.' },
);

export const Queued = Type.Object(
  { id: Type.String({ description: 'Of the delivery.' }) },
  { description: 'It is sent within seconds; its state is in the list of deliveries.' },
);
