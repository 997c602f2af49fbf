/** What anyone with the token can read of a conversation. */
export interface ShareRow {
  conversation_id: string;
  token: string;
  /** Whether what was added or changed since then is left out. */
  is_snapshot: 0 | 1;
  /** The message at the end of a snapshot; null if it is empty, or no snapshot. */
  leaf_id: string | null;
  /** The title of a snapshot. */
  title: string | null;
  /** Whether readers see who shared it. */
  shows_name: 0 | 1;
  /** null for never. */
  expires_at: number | null;
  /** When it was shared, or the snapshot was taken. */
  created_at: number;
}
