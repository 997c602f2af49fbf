import { render } from 'preact';
import { provideProofs } from './api/client.ts';
import { App } from './app.tsx';
import { loadMarkdown } from './markdown/later-markdown.tsx';
import { me, restoreSession } from './state/account.ts';
import { keepFresh } from './state/keep-fresh.ts';
import { applyPreferences } from './state/preferences.ts';
import { signInFailure } from './state/provider-sign-in.ts';
import { followLinks } from './state/router.ts';
import { loadSite } from './state/site.ts';
import { applyLanguage, textsLoaded } from './strings/strings.ts';
import { prefixLinks } from './ui/prefix-links.ts';
import './styles/base.css';
import './styles/chat.css';
import './styles/sidebar.css';
import './styles/thread.css';
import './styles/composer.css';
import './styles/pages.css';
import './styles/markdown.css';
import './styles/print.css';

applyPreferences();
applyLanguage();
followLinks();
provideProofs(async (methods) =>
  (await import('./accounts/factors/proof-dialog.tsx')).askForProof(methods),
);
prefixLinks();
keepFresh();
void textsLoaded.then(() => {
  render(<App />, document.getElementById('app') as HTMLElement);
  void loadSite();
  void restoreSession().then(async () => {
    if (me.value && signInFailure.value) {
      (await import('./accounts/provider-buttons.tsx')).tellFailure();
    }
  });
});
// After all that the first message needs.
window.addEventListener('load', () => {
  void import('./shell/keep-shell.ts').then(({ keepShell }) => keepShell()).catch(() => undefined);
});
loadMarkdown().catch(() => undefined);
