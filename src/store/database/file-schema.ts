/** Row types of the tables for files in chats and of assistants; see `schema.ts`. */
import type { FileKind } from '../../core/files.ts';

/** A file of a user, stored once whatever messages have it; or one of a shared assistant. */
export interface FileRow {
  id: string;
  /** null for one of a shared assistant, which belongs to nobody. */
  user_id: number | null;
  /** SHA-256 of its bytes, in hexadecimal. */
  hash: string;
  /** As it was called last. */
  name: string;
  kind: FileKind;
  media_type: string;
  /** In bytes. */
  size: number;
  width: number | null;
  height: number | null;
  pages: number | null;
  text_bytes: number | null;
  /** Whether all of its pieces are stored. */
  is_stored: 0 | 1;
  /** Since when it was uploaded or was to be sent; null once it is known which messages have it. */
  pending_since: number | null;
  /** Then nobody can see it any more, and its pieces are deleted one after the other. */
  deleted_at: number | null;
  created_at: number;
}

/** A part of the content of a file, or of the text that was found in it. */
export interface FilePieceRow {
  file_id: string;
  /** 0 is the content, 1 the text. */
  part: 0 | 1;
  piece: number;
  data: Uint8Array;
}

/** Which files a message has. Written before the message, which may never be. */
export interface MessageFileRow {
  message_id: string;
  position: number;
  file_id: string;
  name: string;
}

/** Which files an assistant has. */
export interface PromptFileRow {
  prompt_id: string;
  position: number;
  file_id: string;
  name: string;
}

/** The files of the assistant that a chat was begun with, as they were then. */
export interface ConversationFileRow {
  conversation_id: string;
  position: number;
  file_id: string;
  name: string;
}

export interface FileTables {
  files: FileRow;
  file_pieces: FilePieceRow;
  message_files: MessageFileRow;
  prompt_files: PromptFileRow;
  conversation_files: ConversationFileRow;
}
