/** The types of the panel's API, from the server's schemas. */
import type { Static } from 'typebox';
import type { ImportReply } from '../../../src/http/accounts/import-schema.ts';
import type {
  AdminUserDetail,
  MadeUser as MadeUserSchema,
  OneTimeLinkReply,
} from '../../../src/http/accounts/managed-user-schema.ts';
import type {
  CheckedDirectory as CheckedDirectorySchema,
  CheckedProvider as CheckedProviderSchema,
  SignInWays as SignInWaysSchema,
  Trial,
  TriedDirectory as TriedDirectorySchema,
} from '../../../src/http/accounts/sign-in-admin-schema.ts';
import type {
  AdminKeyList,
  MadeAdminKey as MadeAdminKeySchema,
} from '../../../src/http/admin/admin-key-schema.ts';
import type { AuditList, AuditQuery } from '../../../src/http/admin/audit-schema.ts';
import type { ChatList } from '../../../src/http/admin/staff-chat-schema.ts';
import type { GrantsPlan } from '../../../src/http/credits/grant-schema.ts';
import type {
  NewPlanBody,
  PlanEffectReply,
  PlanOutcomeReply,
  PlanReply,
} from '../../../src/http/credits/plan-schema.ts';
import type { AdminStatement, PoolStatement } from '../../../src/http/credits/statement-schema.ts';
import type {
  MadeScimToken as MadeScimTokenSchema,
  ScimTokenList,
} from '../../../src/http/directory/scim-token-schema.ts';
import type {
  GroupBudget as GroupBudgetSchema,
  GroupDetail as GroupDetailSchema,
  Group as GroupSchema,
  GroupsOfUser as GroupsOfUserSchema,
  GroupsUsage,
  GroupUsage,
  MemberList,
  OwnGroups as OwnGroupsSchema,
} from '../../../src/http/groups/group-schema.ts';
import type {
  CodeList as InvitationCodes,
  InvitationList,
  InvitationsReply,
} from '../../../src/http/invitations/invitation-schema.ts';
import type {
  FailedMailList as FailedMailListSchema,
  MailState as MailStateSchema,
  ResentMail as ResentMailSchema,
  TestedMail as TestedMailSchema,
} from '../../../src/http/notices/mail-state-schema.ts';
import type {
  DeliveryList,
  NewSecret as NewSecretSchema,
  WebhookList,
} from '../../../src/http/notices/webhook-schema.ts';
import type {
  AccentReply,
  AppearanceReply,
} from '../../../src/http/operations/appearance-schema.ts';
import type { BackupsReply } from '../../../src/http/operations/backup-schema.ts';
import type { AdminModels, AdminSettings } from '../../../src/http/operations/deployment-schema.ts';
import type {
  DoctorReply,
  FindingCode as FindingCodeOfServer,
} from '../../../src/http/operations/doctor-schema.ts';
import type {
  DeploymentPreviewReply,
  DeploymentState as DeploymentStateSchema,
} from '../../../src/http/operations/reread-schema.ts';
import type { ServerList } from '../../../src/http/operations/server-schema.ts';
import type {
  TopUsers as TopUsersSchema,
  Usage as UsageSchema,
  UserUsage as UserUsageSchema,
} from '../../../src/http/usage/usage-schema.ts';
import type {
  BatchDetail,
  BatchList,
  CodeList,
} from '../../../src/http/vouchers/voucher-schema.ts';

export type UserDetail = Static<typeof AdminUserDetail>;
export type AdminUser = UserDetail['user'];
export type MadeUser = Static<typeof MadeUserSchema>;
export type Link = Static<typeof OneTimeLinkReply>;
export type Line = Static<typeof AdminStatement>['results'][number];
/** A plan that gives accounts an allowance. */
export type AllowancePlan = Static<typeof PlanReply>;
export type NewPlan = Static<typeof NewPlanBody>;
export type PlanEffect = Static<typeof PlanEffectReply>;
export type PlanOutcome = Static<typeof PlanOutcomeReply>;
export type Plan = Static<typeof GrantsPlan>;
/** Why a line of a list cannot be applied. */
export type PlanProblem = NonNullable<Plan['rows'][number]['problem_code']>;
export type Chat = Static<typeof ChatList>['chats'][number];
export type Entry = Static<typeof AuditList>['entries'][number];
/** An action in the audit log. */
export type AuditAction = NonNullable<Static<typeof AuditQuery>['action']>;
export type AdminKey = Static<typeof AdminKeyList>['keys'][number];
export type AdminScope = AdminKey['scopes'][number];
export type MadeAdminKey = Static<typeof MadeAdminKeySchema>;
/** What was set of the site's appearance. */
export type Appearance = Static<typeof AppearanceReply>;
export type AccentColors = Static<typeof AccentReply>;
export type Usage = Static<typeof UsageSchema>;
export type UserUsage = Static<typeof UserUsageSchema>;
export type TopUsers = Static<typeof TopUsersSchema>;
export type Models = Static<typeof AdminModels>;
export type DeploymentState = Static<typeof DeploymentStateSchema>;
export type DeploymentPreview = Static<typeof DeploymentPreviewReply>;
export type Servers = Static<typeof ServerList>;
export type Backups = Static<typeof BackupsReply>;
export type Webhooks = Static<typeof WebhookList>;
export type Webhook = Webhooks['webhooks'][number];
export type Delivery = Static<typeof DeliveryList>['deliveries'][number];
export type NewSecret = Static<typeof NewSecretSchema>;
export type MailState = Static<typeof MailStateSchema>;
export type FailedMailList = Static<typeof FailedMailListSchema>;
export type FailedMail = FailedMailList['mails'][number];
export type ResentMail = Static<typeof ResentMailSchema>;
export type TestedMail = Static<typeof TestedMailSchema>;
export type FindingCode = FindingCodeOfServer;
export type DoctorReport = Static<typeof DoctorReply>;
export type Settings = Static<typeof AdminSettings>;
/** A batch of vouchers. */
export type VoucherBatch = Static<typeof BatchList>['batches'][number];
export type VoucherBatchDetail = Static<typeof BatchDetail>;
export type VoucherCode = Static<typeof CodeList>['codes'][number];
/** What an import of users would do, or did. */
export type UserImport = Static<typeof ImportReply>;
export type ImportedUser = UserImport['rows'][number];
export type ImportProblem = UserImport['faults'][number];
export type ImportFaultCode = ImportProblem['code'];
export type Group = Static<typeof GroupSchema>;
export type GroupBudget = Static<typeof GroupBudgetSchema>;
export type GroupDetail = Static<typeof GroupDetailSchema>;
export type GroupsOfUser = Static<typeof GroupsOfUserSchema>;
export type GroupUsageReport = Static<typeof GroupUsage>;
export type GroupsUsageReport = Static<typeof GroupsUsage>;
export type Member = Static<typeof MemberList>['members'][number];
export type OwnGroups = Static<typeof OwnGroupsSchema>;
export type PoolLine = Static<typeof PoolStatement>['results'][number];
/** The tokens of directories. */
export type ScimTokens = Static<typeof ScimTokenList>;
/** A token of a directory that was just made. */
export type MadeScimToken = Static<typeof MadeScimTokenSchema>;
/** Who would be invited, or was. */
export type Invited = Static<typeof InvitationsReply>;
/** Why somebody of a list cannot be invited. */
export type InvitationProblem = Invited['faults'][number];
export type InvitationFaultCode = InvitationProblem['code'];
export type Invitations = Static<typeof InvitationList>;
export type Invitation = Invitations['invitations'][number];
export type InvitationState = Invitation['state'];
/** An invitation with its code. */
export type InvitationSlip = Static<typeof InvitationCodes>['invitations'][number];
/** The ways to sign in that `chit.json` describes. */
export type SignInWays = Static<typeof SignInWaysSchema>;
export type SignInProvider = SignInWays['providers'][number];
export type SignInDirectory = NonNullable<SignInWays['directory']>;
export type CheckedProvider = Static<typeof CheckedProviderSchema>;
export type CheckedDirectory = Static<typeof CheckedDirectorySchema>;
/** What is wrong with a provider or a directory. */
export type SignInFaultText = NonNullable<CheckedProvider['fault']>;
/** What came of trying one. */
export type SignInTrial = Static<typeof Trial>;
export type TriedDirectory = Static<typeof TriedDirectorySchema>;
export type SignInPreview = TriedDirectory['preview'];
