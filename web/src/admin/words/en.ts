import { enAccounts } from './en/accounts.ts';
import { enBackups } from './en/backups.ts';
import { enCredits } from './en/credits.ts';
import { enDirectory } from './en/directory.ts';
import { enDoctor } from './en/doctor.ts';
import { enErrors } from './en/errors.ts';
import { enFactors } from './en/factors.ts';
import { enGroups } from './en/groups.ts';
import { enImport } from './en/import.ts';
import { enInvitations } from './en/invitations.ts';
import { enKeys } from './en/keys.ts';
import { enLook } from './en/look.ts';
import { enNotices } from './en/notices.ts';
import { enOperations } from './en/operations.ts';
import { enPlans } from './en/plans.ts';
import { enSignIn } from './en/sign-in.ts';
import { enStaff } from './en/staff.ts';
import { enUsage } from './en/usage.ts';
import { enVouchers } from './en/vouchers.ts';

/** The panel's texts in English. */
export const en = {
  title: 'Administration',
  toChat: 'Back to chat',
  notStaff: 'This page is for staff only. Your account is not a staff account.',
  pageGroups: { people: 'People', tokens: 'Tokens', operation: 'Operation', site: 'Site' },
  users: 'Users',
  credits: 'Credits',
  chats: 'Chats',
  usage: 'Usage',
  models: 'Models',
  settings: 'Settings',
  audit: 'Audit log',
  skipToList: 'Skip to the list',
  skipToContent: 'Skip to the content',
  pageNotFound: 'Page not found',
  pageNotFoundText: (address: string) =>
    `There is no page at ${address}. Check the address for typing errors.`,
  allUsers: 'All users',

  loadFailed: 'This couldn’t be loaded.',
  showAll: (count: string) => `Show all ${count}`,
  searchedBackTo: (when: string) => `Searched back to ${when}.`,
  searchFurtherBack: 'Search further back',
  downloadCsv: 'Download as CSV',
  typeToConfirm: (phrase: string) => `Type ${phrase} to confirm`,
  reason: 'Reason',
  reasonOptional: 'Reason (optional, kept in the audit log)',
  filters: (count: number) => (count === 0 ? 'Filters' : `Filters (${count} set)`),
  fromDay: 'From',
  toDay: 'To',
  clearDates: 'Clear dates',

  user: 'User',
  message: 'Message',
  messages: 'Messages',
  deletedUser: 'deleted',

  ...enAccounts,
  ...enCredits,
  ...enPlans,
  ...enFactors,
  ...enGroups,
  ...enUsage,
  ...enOperations,
  ...enStaff,
  ...enKeys,
  ...enLook,
  ...enErrors,
  ...enVouchers,
  ...enImport,
  ...enInvitations,
  ...enBackups,
  ...enDoctor,
  ...enNotices,
  ...enDirectory,
  ...enSignIn,
};

/** Every language has all of these texts. */
export type Words = typeof en;
