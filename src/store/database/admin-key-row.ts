/** A key of staff for programs; see `schema.ts`. */
export interface AdminKeyRow {
  id: string;
  user_id: number;
  name: string;
  prefix: string;
  secret_hash: string;
  /** JSON, names of scopes. */
  scopes: string;
  created_at: number;
  expires_at: number;
  last_used_at: number | null;
  ended_at: number | null;
  /** The kind of proof that it was made with; null if it is not known. */
  proved_by: string | null;
}
