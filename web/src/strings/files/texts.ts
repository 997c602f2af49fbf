/** What the server can refuse files for. */
export type FileErrorCode =
  | 'file_not_found'
  | 'file_in_use'
  | 'file_too_large'
  | 'file_unreadable'
  | 'files_quota_exceeded'
  | 'files_not_read'
  | 'files_too_large';
