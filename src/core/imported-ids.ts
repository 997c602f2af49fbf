/** Ids of chats that were imported: from the ids that they had, so that none is imported twice. */

/**
 * The id of a conversation, as a UUID version 8 (RFC 9562, 5.8), whose bits are the hash.
 * @param hash at least 128 bits in hexadecimal
 */
export function importedChatId(hash: string): string {
  return uuidOf(hash.slice(0, 12), '8', hash.slice(12));
}

/**
 * The id of a message, as a UUID version 7 of its moment, since messages are sorted by their ids.
 * @param createdMs in milliseconds since 1970
 */
export function importedMessageId(createdMs: number, hash: string): string {
  return uuidOf(Math.floor(createdMs).toString(16).padStart(12, '0'), '7', hash);
}

function uuidOf(first48: string, version: '7' | '8', rest: string): string {
  const variant = ((Number.parseInt(rest.slice(3, 5), 16) & 0x3f) | 0x80).toString(16);
  return [
    first48.slice(0, 8),
    first48.slice(8, 12),
    version + rest.slice(0, 3),
    variant.padStart(2, '0') + rest.slice(5, 7),
    rest.slice(7, 19),
  ].join('-');
}
