import { type Theme, theme } from '../../state/preferences.ts';
import { query, setQuery } from '../../state/router.ts';
import { strings } from '../../strings/strings.ts';
import { LanguageChoice } from '../../ui/language-choice.tsx';
import type { Settings } from '../types.ts';
import { Labelled } from '../ui/filters.tsx';
import { Heading } from '../ui/heading.tsx';
import { Answered, useAnswer } from '../ui/resource.tsx';
import { TableFrame } from '../ui/tables.tsx';
import type { Words } from '../words/en.ts';
import { saidHere, words } from '../words/words.ts';

/** Every setting, its value and where it comes from. */
export function SettingsPage() {
  const answer = useAnswer<Settings>('/api/admin/settings/');
  const text = query.value.get('q') ?? '';
  const { meaningsInEnglish: inEnglish } = words.value;
  return (
    <>
      <header class="place-head">
        <Heading title={words.value.settings} />
      </header>
      <search class="filter-row open">
        <div class="filter-fields">
          <Labelled name="q" label={strings.value.search}>
            <input
              type="search"
              id="filter-q"
              value={text}
              onInput={(event) => setQuery({ q: event.currentTarget.value })}
            />
          </Labelled>
          <Appearance />
        </div>
        {inEnglish !== '' && <p class="hint">{inEnglish}</p>}
      </search>
      <Answered answer={answer}>
        {({ settings }) => <SettingTable settings={settings.filter((it) => has(it, text))} />}
      </Answered>
    </>
  );
}

/** How the panel looks and which language it speaks, in this browser. */
function Appearance() {
  return (
    <>
      <Labelled name="theme" label={words.value.themeOf}>
        <select
          id="filter-theme"
          value={theme.value}
          onChange={(event) => {
            theme.value = event.currentTarget.value as Theme;
          }}
        >
          <option value="system">{strings.value.system}</option>
          <option value="light">{strings.value.light}</option>
          <option value="dark">{strings.value.dark}</option>
        </select>
      </Labelled>
      <Labelled name="language" label={strings.value.language}>
        <LanguageChoice id="filter-language" />
      </Labelled>
    </>
  );
}

type Setting = Settings['settings'][number];

function has({ name, meaning }: Setting, text: string): boolean {
  return `${name} ${meaning}`.toLowerCase().includes(text.trim().toLowerCase());
}

/** Written for Markdown, shown without. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}

function SettingTable({ settings }: { settings: readonly Setting[] }) {
  if (settings.length === 0) return <p class="empty">{words.value.noSettings}</p>;
  return (
    <TableFrame name={words.value.settings}>
      <table class="data stacks">
        <thead>
          <tr>
            <th>{words.value.setting}</th>
            <th>{words.value.value}</th>
            <th>{words.value.from}</th>
          </tr>
        </thead>
        <tbody>
          {settings.map((it) => (
            <tr key={it.name}>
              <td class="wide">
                <code>{it.name}</code>
                <p class="hint" lang="en">
                  {plain(it.meaning)}
                </p>
              </td>
              <td class="said" data-name={words.value.value}>
                {it.value === null ? words.value.hidden : saidHere(plain(it.value))}
              </td>
              <td data-name={words.value.from}>
                {words.value.sources[it.source as keyof Words['sources']] ?? it.source}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
