/** What the browser calls the window. */
import { effect } from '@preact/signals';
import { strings } from '../strings/strings.ts';
import { me } from './account.ts';
import { path } from './router.ts';
import { title } from './thread.ts';

/** Names the window after what it shows, from now on. */
export function keepTitle(): void {
  effect(() => {
    const { appName, account, statement } = strings.value;
    const [, first = ''] = path.value.split('/');
    const known: Record<string, string> = { c: title.value, account, statement };
    const name = me.value ? (known[first] ?? '') : '';
    document.title = name === '' ? appName : `${name} – ${appName}`;
  });
}
