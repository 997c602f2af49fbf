import { render } from 'preact';
import { App } from './app.tsx';
import { restoreSession } from './state/account.ts';
import { applyPreferences } from './state/preferences.ts';
import { followLinks } from './state/router.ts';
import './styles/base.css';
import './styles/chat.css';
import './styles/pages.css';
import './styles/markdown.css';

applyPreferences();
followLinks();
render(<App />, document.getElementById('app') as HTMLElement);
restoreSession().catch(() => {
  // The server is away; the page asks again when the network is back.
  window.addEventListener('online', () => location.reload(), { once: true });
});
