/** Variables of a prompt, written `{{name}}`: what is asked for when it is used. */

/** A name has no braces and no line break; bounded, so that reading a text takes linear time. */
const VARIABLE = /\{\{([^{}\n]{1,100})\}\}/g;

/** The names of the variables of a text, each once, in the order in which they occur. */
export function variablesIn(text: string): string[] {
  const names = [...text.matchAll(VARIABLE)].map(([, name = '']) => name.trim());
  return [...new Set(names)].filter((name) => name !== '');
}

/** The text with values in the places of its variables; what is in a value stays as it is. */
export function filledIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(VARIABLE, (written, name: string) => {
    const key = name.trim();
    return Object.hasOwn(values, key) ? (values[key] ?? '') : written;
  });
}

/** What a prompt leaves in the composer: in the place of what was typed to find it, or below. */
export function draftWith(draft: string, text: string, isTyped: boolean): string {
  if (isTyped || draft.trim() === '') return text;
  return `${draft.trimEnd()}\n${text}`;
}
