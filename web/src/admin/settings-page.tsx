import { useState } from 'preact/hooks';
import { type Theme, theme } from '../state/preferences.ts';
import { strings } from '../strings/strings.ts';
import { ListState, useOne } from './list.tsx';
import { TableFrame } from './tables.tsx';
import type { Settings } from './types.ts';
import { words } from './words.ts';

/** Every setting, its value and where it comes from. */
export function SettingsPage() {
  const { it, fault } = useOne<Settings>('/api/admin/settings/');
  const [text, setText] = useState('');
  const shown = it?.settings.filter(({ name, meaning }) =>
    `${name} ${meaning}`.toLowerCase().includes(text.trim().toLowerCase()),
  );
  return (
    <>
      <header class="place-head">
        <h1>{words.settings}</h1>
      </header>
      <search class="filters">
        <input
          type="search"
          aria-label={strings.value.search}
          placeholder={strings.value.search}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <select
          aria-label={words.themeOf}
          value={theme.value}
          onChange={(event) => {
            theme.value = event.currentTarget.value as Theme;
          }}
        >
          <option value="system">{strings.value.system}</option>
          <option value="light">{strings.value.light}</option>
          <option value="dark">{strings.value.dark}</option>
        </select>
      </search>
      <ListState list={{ items: shown, fault }} empty={words.noEntries}>
        <TableFrame name={words.settings}>
          <table class="data">
            <thead>
              <tr>
                <th>{words.setting}</th>
                <th>{words.value}</th>
                <th>{words.from}</th>
              </tr>
            </thead>
            <tbody>
              {shown?.map((it) => (
                <tr key={it.name}>
                  <td class="wide">
                    <code>{it.name}</code>
                    <p class="hint">{it.meaning.replaceAll('`', '')}</p>
                  </td>
                  <td class="said">{it.value ?? words.hidden}</td>
                  <td>{it.source}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      </ListState>
    </>
  );
}
