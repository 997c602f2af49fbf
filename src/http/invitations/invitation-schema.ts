/** Invitations, as staff make them and as people come by them. */
import { Type } from 'typebox';
import { MAX_AT_ONCE } from '../../app/invitations/manage-invitations.ts';
import { DEFAULT_HOURS, MAX_HOURS } from '../../app/invitations/plan-invitations.ts';
import { INVITATION_FAULTS } from '../../app/invitations/read-people.ts';
import { MAX_CREDITS } from '../../core/credits.ts';
import { MAIL_LANGUAGES } from '../../core/notices.ts';
import { INVITATION_STATES } from '../../store/invitations/invitations.ts';
import {
  NullableString,
  Password,
  Reason,
  storable,
  Username,
} from '../framework/common-schema.ts';
import { ID_PATTERN, Limit, OpaqueCursor, paged, Search } from '../framework/paging-schema.ts';

const MAX_LISTED = 100;
const Id = Type.String({ pattern: `^${ID_PATTERN}$` });
const State = Type.Enum([...INVITATION_STATES]);

const Hours = Type.Integer({
  minimum: 1,
  maximum: MAX_HOURS,
  description: `How long they last from now on, in hours; ${DEFAULT_HOURS}, two weeks, by default.`,
});

const Until = Type.String({
  format: 'date-time',
  description: 'Until when they last, at most a year; in place of `hours`.',
});

const Language = Type.Enum([...MAIL_LANGUAGES], {
  description: 'The language of the mail to those who have an address; without it nothing is sent.',
});

const InvitedPerson = Type.Object({
  name: Type.Optional(
    storable({ maxLength: 100, description: 'Whom the invitation is for, as it is printed.' }),
  ),
  username: Type.Optional(
    storable({
      maxLength: 50,
      description:
        'The name of the account, kept until then. Without it, the person chooses a name.',
    }),
  ),
  email: Type.Optional(storable({ maxLength: 254, description: 'An e-mail address.' })),
  groups: Type.Optional(
    Type.Array(storable({ maxLength: 100 }), {
      maxItems: 50,
      description: 'Names of groups to join; those that do not exist are created.',
    }),
  ),
  plan: Type.Optional(storable({ maxLength: 100, description: 'The name of a plan.' })),
  tokens: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_CREDITS,
      description: 'The opening balance; by default that of every new account.',
    }),
  ),
});

export const NewInvitations = Type.Object({
  csv: Type.Optional(
    Type.String({
      description:
        'A file: a line of headings, then one person per row, at most 2,000. Columns: `name`, ' +
        '`username` or `email`, at least one of them in each row; and optionally `groups` ' +
        '(separated by semicolons), `plan` and `tokens`. Or give `people`.',
    }),
  ),
  people: Type.Optional(Type.Array(InvitedPerson, { minItems: 1, maxItems: MAX_LISTED })),
  hours: Type.Optional(Hours),
  until: Type.Optional(Until),
  pools: Type.Optional(
    Type.Boolean({
      description:
        'Whether groups that are created get a pool, which can pay for their members; by default ' +
        'they do, and it is empty.',
    }),
  ),
  mail: Type.Optional(Language),
  dry_run: Type.Optional(Type.Boolean({ description: 'Do nothing; tell what it would do.' })),
  expected: Type.Optional(
    storable({
      maxLength: 100,
      description:
        '`expected` of the dry run. A file needs it. Sent again with it, nobody is invited twice.',
    }),
  ),
});

const Fault = Type.Object({
  row: Type.Integer({ description: 'As a spreadsheet counts it; of `people`, from 1.' }),
  column: NullableString,
  code: Type.Enum([...INVITATION_FAULTS]),
  value: NullableString,
  earlier_row: Type.Union([Type.Integer(), Type.Null()], {
    description: 'The row above that says the same.',
  }),
  message: Type.String(),
});

const Invitee = Type.Object({
  row: Type.Integer(),
  state: Type.Enum(['new', 'here', 'invited'], {
    description:
      '`new` is invited. `here` has an account of this name or verified address, `invited` an ' +
      'invitation that has not ended: nothing is done for them.',
  }),
  name: Type.String(),
  username: NullableString,
  email: NullableString,
  joins: Type.Array(Type.String(), { description: 'Groups that the person will join.' }),
  plan: NullableString,
  tokens: Type.Integer(),
});

const HandedOut = Type.Object({
  id: Type.String(),
  name: Type.String(),
  username: NullableString,
  email: NullableString,
  groups: Type.Array(Type.String()),
  code: Type.String({ description: 'As it is printed.' }),
  path: Type.String({ description: 'The path of the page that the code leads to.' }),
  expires_at: Type.String(),
});

export const InvitationsReply = Type.Object(
  {
    invited: Type.Boolean({ description: 'Whether something was done: false for a dry run.' }),
    batch: NullableString,
    expected: NullableString,
    counts: Type.Union([
      Type.Object({
        rows: Type.Integer(),
        invitations: Type.Integer(),
        here: Type.Integer(),
        invited: Type.Integer(),
        emails: Type.Integer({ description: 'Of the invitations, those with an address.' }),
        mails: Type.Integer({ description: 'How many mails are sent.' }),
        new_groups: Type.Integer(),
        new_pools: Type.Integer({ description: 'How many of the new groups get a pool.' }),
        joins: Type.Integer({ description: 'How often somebody will join a group.' }),
        plans: Type.Integer(),
        tokens: Type.Integer({ description: 'The opening balances, once everybody has come.' }),
        faults: Type.Integer(),
      }),
      Type.Null({ description: 'It was done by an earlier request.' }),
    ]),
    new_groups: Type.Array(Type.String()),
    faults: Type.Array(Fault, { description: 'The first 200. With any, nobody is invited.' }),
    rows: Type.Array(Invitee, { description: 'Of a dry run, what it would do, row by row.' }),
    invitations: Type.Array(HandedOut, { description: 'Those that were made, with their codes.' }),
  },
  { description: 'Who was invited, or for a dry run would be.' },
);

export const InvitationQuery = Type.Object({
  q: Search('In the name, the username or the address.'),
  state: Type.Optional(State),
  batch: Type.Optional(Id),
  group: Type.Optional(Id),
  format: Type.Optional(
    Type.Union([Type.Literal('json'), Type.Literal('csv')], {
      description: '`csv` for a file of all that the filters find.',
    }),
  ),
  cursor: OpaqueCursor,
  limit: Limit,
});

const Invitation = Type.Object({
  id: Type.String(),
  batch: Type.String({ description: 'The same for those that were made together.' }),
  name: Type.String(),
  username: NullableString,
  email: NullableString,
  groups: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
  plan: NullableString,
  tokens: Type.Integer(),
  state: State,
  invited_by: Type.String(),
  invited_by_name: NullableString,
  created_at: Type.String(),
  last_invited_at: Type.String({ description: 'When it was made, mailed or extended last.' }),
  expires_at: Type.String(),
  ended_at: NullableString,
  accepted_at: NullableString,
  user: Type.Union([Type.Object({ id: Type.Integer(), username: NullableString }), Type.Null()]),
});

export const InvitationList = Type.Object(
  {
    invitations: Type.Array(Invitation),
    counts: Type.Union([
      Type.Object({
        open: Type.Integer(),
        expired: Type.Integer(),
        ended: Type.Integer(),
        accepted: Type.Integer(),
      }),
      Type.Null({ description: 'Only the first page tells them.' }),
    ]),
    ...paged,
  },
  { description: 'Invitations, newest first, and how many there are of each state.' },
);

export const CodesQuery = Type.Object({
  batch: Type.Optional(Id),
  group: Type.Optional(Id),
  id: Type.Optional(
    Type.String({
      pattern: `^${ID_PATTERN}(,${ID_PATTERN}){0,99}$`,
      description: 'One id, or up to a hundred with commas between them.',
    }),
  ),
  format: Type.Optional(
    Type.Union([Type.Literal('json'), Type.Literal('csv')], { description: '`csv` for a file.' }),
  ),
});

export const CodeList = Type.Object(
  { invitations: Type.Array(HandedOut) },
  { description: 'Open invitations with their codes, at most 2,000.' },
);

/** Which invitations: at least one of these is given. */
const some = {
  ids: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: MAX_AT_ONCE })),
  batch: Type.Optional(Id),
  group: Type.Optional(Id),
  state: Type.Optional(
    Type.Union([Type.Literal('open'), Type.Literal('expired')], {
      description: 'Only these; without it, both.',
    }),
  ),
  q: Search('In the name, the username or the address.'),
};

export const Extension = Type.Object({
  ...some,
  hours: Type.Optional(Hours),
  until: Type.Optional(Until),
});
export const Ending = Type.Object({ ...some, reason: Type.Optional(Reason) });

export const Sending = Type.Object({ ...some, language: Type.Optional(Language) });

export const Changed = Type.Object(
  { changed: Type.Integer({ description: 'How many; those whom nobody has come by.' }) },
  { description: 'How many invitations were changed.' },
);

const Code = storable({
  maxLength: 200,
  description:
    '10 letters and digits, in which case, spaces and dashes do not matter and O is read as 0, I ' +
    'and L as 1; or what a link has after `#`.',
});

export const TypedInvitation = Type.Object({ code: Code });

export const FoundInvitation = Type.Object(
  {
    name: Type.String({ description: 'Whom it is for.' }),
    username: Type.Union([Type.String(), Type.Null()], {
      description: 'The name of the account; null if it is to be chosen.',
    }),
    expires_at: Type.String(),
  },
  { description: 'An invitation that is open.' },
);

export const Acceptance = Type.Object({
  code: Code,
  username: Type.Optional(Username),
  password: Password,
});

export const Accepted = Type.Object(
  { username: Type.String() },
  { description: 'The account is there; sign in with this name.' },
);

export const Continuation = Type.Object({
  code: Code,
  provider: storable({ maxLength: 100, description: 'A name of `signIn` in `chit.json`.' }),
});

export const ContinuedInvitation = Type.Object(
  { url: Type.String({ description: 'Where the browser has to go next.' }) },
  { description: 'The provider decides who it is; a cookie knows the browser when it is back.' },
);
