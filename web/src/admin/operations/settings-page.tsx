import { type Theme, theme } from '../../state/preferences.ts';
import { query, setQuery } from '../../state/router.ts';
import { strings } from '../../strings/strings.ts';
import { LanguageChoice } from '../../ui/language-choice.tsx';
import type { Settings } from '../types.ts';
import { Labelled } from '../ui/filters.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, useResource } from '../ui/resource.tsx';
import { TableFrame } from '../ui/tables.tsx';
import type { Words } from '../words/en.ts';
import { words } from '../words/words.ts';
import { ServerSection } from './servers.tsx';

/** Every setting, its value and where the value comes from. */
export function SettingsPage() {
  const resource = useResource<Settings>('/api/admin/settings/');
  const text = query.value.get('q') ?? '';
  const { descriptionsNote } = words.value;
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.settings} />
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
        {descriptionsNote !== '' && <p class="hint">{descriptionsNote}</p>}
      </search>
      <ServerSection />
      <Loaded resource={resource}>
        {({ settings }) => <SettingTable settings={settings.filter((it) => matches(it, text))} />}
      </Loaded>
    </>
  );
}

/** The theme and the language of this browser. */
function Appearance() {
  return (
    <>
      <Labelled name="theme" label={words.value.display}>
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

function matches({ name, meaning }: Setting, text: string): boolean {
  return `${name} ${meaning}`.toLowerCase().includes(text.trim().toLowerCase());
}

/** Removes the Markdown of inline code. */
function plainText(text: string): string {
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
            <th>{words.value.source}</th>
          </tr>
        </thead>
        <tbody>
          {settings.map((it) => (
            <tr key={it.name}>
              <td class="wide">
                <code>{it.name}</code>
                <p class="hint" lang="en">
                  {plainText(it.meaning)}
                </p>
              </td>
              <td class="long-text" data-name={words.value.value}>
                <SettingValue setting={it} />
              </td>
              <td data-name={words.value.source}>
                {words.value.sources[it.source as keyof Words['sources']] ?? it.source}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

/** The server describes some default values in English. */
function SettingValue({ setting: { value, source } }: { setting: Setting }) {
  if (value === null) return words.value.hidden;
  return <span lang={source === 'default' ? 'en' : undefined}>{plainText(value)}</span>;
}
