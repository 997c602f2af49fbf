const MAX_QUOTED_CHARACTERS = 60;

/** The beginning of a long text, enough to recognise it. */
export function shorten(text: string): string {
  return text.length > MAX_QUOTED_CHARACTERS ? `${text.slice(0, MAX_QUOTED_CHARACTERS)}…` : text;
}
