/** Tables for the order of chats, and for what a search looks up. */

/** A folder of a user for chats. */
export interface FolderRow {
  id: string;
  user_id: number;
  name: string;
  created_at: number;
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
