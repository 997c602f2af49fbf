/** The tables of chats, and of what a search looks up; see `schema.ts`. */
import type { Generated } from 'kysely';

export type Flag = 0 | 1;

/** A thread of messages. */
export interface ConversationRow {
  id: string;
  user_id: number;
  title: string;
  model: string | null;
  system_prompt: string;
  /** The message at the end of the branch that is shown. */
  leaf_id: string | null;
  /** Of earlier versions: live, for ever. */
  share_token: string | null;
  /** How hard the model thinks, where it can be told; null leaves it to the model. */
  effort: Generated<string | null>;
  temperature_hundredths: Generated<number | null>;
  /** Whether messages that were sent without a conversation are moved into it; one of each user. */
  adopts_orphans: Flag;
  /** JSON, names of the tools that are turned on; null for none. */
  tools: Generated<string | null>;
  /** When it was pinned, and when it was archived. */
  pinned_at: Generated<number | null>;
  archived_at: Generated<number | null>;
  folder_id: Generated<string | null>;
  /** Whether it is not kept; then it is in no list. */
  is_temporary: Generated<Flag>;
  /** The name of the assistant that it was begun with, as it was then. */
  assistant: Generated<string | null>;
  created_at: number;
  updated_at: number;
}

/** A folder of a user for chats. */
export interface FolderRow {
  id: string;
  user_id: number;
  name: string;
  created_at: number;
}

/** A prompt or an assistant: of a user, of a group, or, without both, of everybody. */
export interface PromptRow {
  id: string;
  kind: 'prompt' | 'assistant';
  user_id: number | null;
  group_id: string | null;
  title: string;
  content: string;
  model: string | null;
  created_at: number;
  updated_at: number;
}

/** The instructions that new chats of a user begin with; no row for none. */
export interface DefaultInstructionsRow {
  user_id: number;
  content: string;
}

/** A title that a model made, or was to make; one of each conversation, also if that is gone. */
export interface TitleGenerationRow {
  /** Of the generation; a hold and a charge have it as well, if there are any. */
  id: string;
  conversation_id: string;
  user_id: number;
  created_at: number;
}

/** How far messages are in the index of searches; one row. */
export interface SearchProgressRow {
  id: number;
  mark: string;
}
