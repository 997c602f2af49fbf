/** The types of the API, from the server's schemas. */
import type { Static } from 'typebox';
import type { Me as MeSchema } from '../../../src/http/accounts/account-schema.ts';
import type { FactorList } from '../../../src/http/accounts/factor-schema.ts';
import type { IdentityList } from '../../../src/http/accounts/identity-schema.ts';
import type { KeyList, MadeKey as MadeKeySchema } from '../../../src/http/accounts/key-schema.ts';
import type { SessionList } from '../../../src/http/accounts/session-schema.ts';
import type { ModelList } from '../../../src/http/chat/chat-schema.ts';
import type {
  ConversationReply,
  MessageReply,
} from '../../../src/http/chat/conversation-schema.ts';
import type {
  FileReply,
  FileSpace as FileSpaceSchema,
  FileTokens as FileTokensSchema,
} from '../../../src/http/chat/file-schema.ts';
import type { PromptList, PromptReply } from '../../../src/http/chat/prompt-schema.ts';
import type {
  SharedConversation,
  Share as ShareSchema,
} from '../../../src/http/chat/share-schema.ts';
import type { ToolList } from '../../../src/http/chat/tool-schema.ts';
import type { LimitsReply } from '../../../src/http/credits/limit-schema.ts';
import type { History } from '../../../src/http/credits/statement-schema.ts';
import type { AccountMail as AccountMailSchema } from '../../../src/http/notices/mail-schema.ts';
import type { NoticeList } from '../../../src/http/notices/notice-schema.ts';
import type { Site as SiteSchema } from '../../../src/http/operations/site-schema.ts';
import type { Redeemed } from '../../../src/http/vouchers/voucher-schema.ts';

export type Me = Static<typeof MeSchema>;
export type Model = Static<typeof ModelList>['models'][number];
/** The tools that a user may turn on. */
export type ToolOffer = Static<typeof ToolList>;
export type Conversation = Static<typeof ConversationReply>;
/** A file of a message. */
export type ChatFile = Static<typeof FileReply> & {
  /** Where anyone who has the link reads it, if it is shared. */
  readonly href?: string;
};
/** A message of the user, with its reply. */
export type Message = Static<typeof MessageReply>;
/** How a chat is shared. */
export type Share = Static<typeof ShareSchema>;
export type Shared = Static<typeof SharedConversation>;
/** The accounts that may pay for a user, and every limit. */
export type Limits = Static<typeof LimitsReply>;
/** A prompt or an assistant, with its text. */
export type Prompt = Static<typeof PromptReply>;
export type ListedPrompt = Static<typeof PromptList>['prompts'][number];
export type Booking = Static<typeof History>['results'][number];
export type ApiKey = Static<typeof KeyList>['keys'][number];
export type MadeKey = Static<typeof MadeKeySchema>;
export type Site = Static<typeof SiteSchema>;
export type AccountMail = Static<typeof AccountMailSchema>;
export type FileSpace = Static<typeof FileSpaceSchema>;
export type FileTokens = Static<typeof FileTokensSchema>;
export type RedeemedVoucher = Static<typeof Redeemed>;
export type Factors = Static<typeof FactorList>;
export type TiedIdentity = Static<typeof IdentityList>['identities'][number];
export type AccountNotices = Static<typeof NoticeList>;
export type AccountNotice = AccountNotices['notices'][number];
export type Session = Static<typeof SessionList>['sessions'][number];

/** What adding a factor answers. */
export interface AddedFactor {
  readonly recovery_codes: readonly string[] | null;
  readonly access: string;
}
