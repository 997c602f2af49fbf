import { render } from 'preact';
import { provideProofs } from '../api/client.ts';
import { restoreSession } from '../state/account.ts';
import { applyPreferences } from '../state/preferences.ts';
import { followLinks } from '../state/router.ts';
import { loadSite } from '../state/site.ts';
import { applyLanguage, textsLoaded } from '../strings/strings.ts';
import { prefixLinks } from '../ui/prefix-links.ts';
import { Panel } from './panel.tsx';
import '../styles/base.css';
import '../styles/pages.css';
import '../styles/admin.css';
import '../styles/vouchers.css';
import '../styles/look.css';

applyPreferences();
applyLanguage();
followLinks();
provideProofs(async (methods) =>
  (await import('../accounts/factors/proof-dialog.tsx')).askForProof(methods),
);
prefixLinks();
void textsLoaded.then(() => {
  render(<Panel />, document.getElementById('app') as HTMLElement);
  void loadSite();
  void restoreSession();
});
