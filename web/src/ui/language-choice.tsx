import { type Language, language } from '../state/preferences.ts';
import { strings } from '../strings/strings.ts';

/**
 * The language of the page; each is called as it calls itself.
 * @param props `id` where a label stands beside it
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
