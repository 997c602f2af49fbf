/** What a message with files can be refused for. */
export type FileErrorCode = 'file_not_found' | 'files_not_read' | 'files_too_large';

/** What an upload can be refused for, which is said only where files are drawn. */
export type UploadErrorCode =
  | 'file_in_use'
  | 'file_too_large'
  | 'file_unreadable'
  | 'files_quota_exceeded'
  | 'shared_files_quota_exceeded';
