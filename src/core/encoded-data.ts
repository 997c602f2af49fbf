/** Encoded data: it has no words, and is longer than any word. */
const ENCODED = /^(data:[^,]{1,200},|[A-Za-z0-9+/_=-]{1000})/;

/** Whether a text is an image, a document or the like, encoded as a data URL or in base64. */
export function isEncodedData(text: string): boolean {
  return ENCODED.test(text);
}
