import type { AttachedFile } from '../../core/files.ts';

/** A file, as whoever may read its message sees it. */
export function shownFile(file: AttachedFile) {
  const { id, name, kind, mediaType, bytes, width, height, pages, isShared } = file;
  return {
    id,
    name,
    kind,
    type: mediaType,
    size: bytes,
    width: width ?? null,
    height: height ?? null,
    pages: pages ?? null,
    is_shared: isShared ?? false,
  };
}
