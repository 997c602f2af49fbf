import type { InvitationFaultCode, InvitationState } from '../../types.ts';
import { counted, number } from './plurals.ts';

/** Texts about invitations. */
export const enInvitations = {
  invitations: 'Invitations',
  invitationsText:
    'Everyone who is invited gets a code, on a slip or as a link, and chooses a password with ' +
    'it. Only then is the account created, with its groups, plan and tokens.',
  invitationNew: 'Invite people',
  invitationNone: 'Nobody has been invited yet.',
  invitationNoneFound: 'No invitation matches these filters.',
  invitationSearch: 'Search by name or e-mail address',
  invitationStates: {
    open: 'open',
    expired: 'expired',
    ended: 'withdrawn',
    accepted: 'joined',
  } satisfies Record<InvitationState, string>,
  invitationAnyState: 'All',
  invitationEmail: 'E-mail',
  invitationGroups: 'Groups',
  invitationState: 'State',
  invitationLast: 'Last invited',
  invitationUntil: 'Valid until',
  invitationCame: (when: string) => `joined ${when}`,
  invitationGives: (tokens: number, plan: string | null) =>
    plan === null ? counted(tokens, 'token') : `${counted(tokens, 'token')}, plan ${plan}`,
  invitationSelect: (name: string) => `Select ${name}`,
  invitationSelectAll: 'Select all that are shown',
  invitationSelectFound: (count: number) => `Select all ${number(count)}`,
  invitationPrint: 'Print slips',
  invitationPrintBatch: 'Print these slips',
  invitationExtend: 'Extend',
  invitationExtendTitle: (count: number) => `Extend ${counted(count, 'invitation')}?`,
  invitationExtendText:
    'They become valid from now on, also those that have expired. The codes stay the same.',
  invitationExtendDone: (count: number) => `${counted(count, 'invitation')} extended.`,
  invitationMail: 'Mail the link to those who have an e-mail address',
  invitationSend: 'Send by e-mail',
  invitationSendDone: (count: number) => `${counted(count, 'invitation')} will be mailed.`,
  invitationEnd: 'Withdraw',
  invitationEndTitle: (count: number) => `Withdraw ${counted(count, 'invitation')}?`,
  invitationEndText:
    'Nobody can use these codes any more. Usernames reserved for them are free again.',
  invitationEndDone: (count: number) => `${counted(count, 'invitation')} withdrawn.`,
  invitationOfGroup: 'Only this group',
  invitationOfBatch: 'Invited together',
  invitationTogether: 'invited together',
  invitationCheck: 'Check',
  invitationBack: 'Back to the form',
  invitationOne: 'One person',
  invitationMany: 'From a CSV file',
  invitationForName: 'Name, as printed on the slip',
  invitationUsername: 'Username (optional)',
  invitationUsernameHint: 'Leave it empty to let the person choose one.',
  invitationEmailOptional: 'E-mail address (optional)',
  invitationGroupsOptional: 'Groups, separated by semicolons (optional)',
  invitationPlanOptional: 'Plan (optional)',
  invitationNoPlan: 'No plan',
  invitationTokens: 'Opening balance (optional)',
  invitationLasts: 'Valid for',
  invitationUntilDay: 'Until a day…',
  invitationLastDay: 'Last day',
  invitationSpans: {
    24: '1 day',
    168: '1 week',
    336: '2 weeks',
    720: '30 days',
    2160: '90 days',
    8760: '1 year',
  } as Readonly<Record<number, string>>,
  invitationInvite: 'Invite',
  invitationFileText:
    'A CSV file with a line of headings: name, username or email, at least one of them; and, if ' +
    'you like, groups (several separated by semicolons), plan and tokens (the opening balance). ' +
    'Without a username, people choose one themselves. You see first what it would do.',
  invitationExample: 'name,username,groups\nAda Lovelace,ada,Class 7a\nGrace Hopper,,Class 7b',
  invitationWould: 'The file has no errors. This is what it will do:',
  invitationNothing:
    'Everyone in the file has an account or an invitation. There is nothing to do.',
  invitationFaultCount: (count: number) =>
    `${counted(count, 'error')}. Nobody can be invited until the file is corrected.`,
  invitationRun: (count: number) => `Invite ${counted(count, 'person', 'people')}`,
  invitationRunning: 'Inviting…',
  invitationLost:
    'The server did not answer, so it is not known whether they were invited. Try again: nobody ' +
    'is invited twice.',
  invitationDone: (count: number) => `${counted(count, 'person', 'people')} invited.`,
  invitationAnother: 'Invite more people',
  invitationAll: 'All invitations',
  invitationLinkText: 'Give this code or link to the person. It works once.',
  invitationDownload: 'Download as CSV',
  invitationCounts: {
    invitations: 'Invitations',
    here: 'Have an account',
    invited: 'Already invited',
    emails: 'With an e-mail address',
    mails: 'Mails that are sent',
    new_groups: 'New groups',
    new_pools: 'of these with a pool',
    joins: 'Group members, once all have come',
    plans: 'Plans, once all have come',
    tokens: 'Tokens, once all have come',
  },
  inviteeStates: {
    new: 'will be invited',
    here: 'has an account',
    invited: 'already invited',
  },
  invitationChooses: 'chooses one',
  invitationSheetText: (count: number) => `${counted(count, 'slip')}, one for each person.`,
  invitationSlipFor: 'Your access',
  invitationSlipName: (username: string) => `Your username: ${username}`,
  invitationSlipOpen: 'Open this page, or scan the picture:',
  invitationSlipType: 'Choose “I have an invitation code” and type:',
  invitationSlipChooseBoth:
    'Then choose a username and a password, and keep this slip to yourself.',
  invitationSlipChoose: 'Then choose a password, and keep this slip to yourself.',
  invitationSlipUntil: (when: string) => `Valid until ${when}`,
  invitationQr: (name: string) => `QR code for ${name}`,
  invitationFaultTexts: {
    not_csv:
      'This is not CSV: a quotation mark is missing, or is in the middle of a cell. Put the ' +
      'whole cell in quotation marks, and double those inside it.',
    workbook:
      'This is a workbook, not CSV. In your spreadsheet, choose Save as and the type CSV UTF-8.',
    no_rows: 'There is no row with a person. Add one below the headings.',
    too_many_rows: 'A file can have at most 2,000 rows. Split it up.',
    no_person_column:
      'There is no column that says who. The first row must have headings, one of them name, ' +
      'username or email.',
    unknown_column:
      'This column is not known. Delete it, or name it as one of these: name (or first name and ' +
      'last name), username, email, groups, plan, tokens.',
    column_twice: 'Another column has the same meaning. Delete one of them.',
    cell_without_column:
      'There is text here under no heading. Put cells that have a comma or semicolon in them in ' +
      'quotation marks, or give the column a heading:',
    nobody: 'Nothing here says who: enter a name, a username or an e-mail address.',
    not_storable: 'The cell has a character that can’t be stored. Type it again.',
    too_long: 'The cell is too long. Shorten it: names have at most 100 characters, usernames 50.',
    not_a_username:
      'No account can have this name. Use letters of one script, digits, dots and dashes, ' +
      'no colon, and not “system”.',
    named_twice: 'This name, or one too similar to it, is used above. Change one of them.',
    name_taken:
      'Choose another name. There is an account or an invitation with one that is too similar:',
    not_an_email: 'This is not an e-mail address. Correct it, or leave the cell empty.',
    email_twice: 'This address is used above. Delete one of the two rows, or one of the addresses.',
    not_tokens: 'This is not a whole number of tokens. Write only digits, such as 500.',
    unknown_plan:
      'There is no plan with this name. Correct it, create the plan first, or leave the cell ' +
      'empty.',
  } satisfies Record<InvitationFaultCode, string>,
  invitationEarlierRow: (row: number, text: string) => `Same as in row ${number(row)}. ${text}`,
};
