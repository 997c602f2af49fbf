import { render } from 'preact';
import { App } from './app.tsx';
import { restoreSession } from './state/account.ts';
import { keepFresh } from './state/keep-fresh.ts';
import { applyPreferences } from './state/preferences.ts';
import { followLinks } from './state/router.ts';
import { loadSite } from './state/site.ts';
import { applyLanguage, textsLoaded } from './strings/strings.ts';
import { prefixLinks } from './ui/prefix-links.ts';
import './styles/base.css';
import './styles/chat.css';
import './styles/pages.css';
import './styles/markdown.css';

applyPreferences();
applyLanguage();
followLinks();
prefixLinks();
keepFresh();
void textsLoaded.then(() => {
  render(<App />, document.getElementById('app') as HTMLElement);
  void loadSite();
  void restoreSession();
});
