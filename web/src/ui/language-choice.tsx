import { type Language, language } from '../state/preferences.ts';
import { strings } from '../strings/strings.ts';

/**
 * Chooses the language of the page; each is listed by its own name.
 * @param props `id` where a label refers to it
 */
export function LanguageChoice({ id }: { id?: string }) {
  return (
    <select
      id={id}
      aria-label={id ? undefined : strings.value.language}
      value={language.value}
      onChange={(event) => {
        language.value = event.currentTarget.value as Language;
      }}
    >
      <option value="en" lang="en">
        English
      </option>
      <option value="de" lang="de">
        Deutsch
      </option>
    </select>
  );
}
