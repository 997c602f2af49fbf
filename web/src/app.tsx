import { Waiting } from './components/waiting.tsx';
import { AccountPage } from './pages/account-page.tsx';
import { ChatPage } from './pages/chat-page.tsx';
import { LinkPage } from './pages/link-page.tsx';
import { SharedPage } from './pages/shared-page.tsx';
import { SignInPage } from './pages/sign-in-page.tsx';
import { StatementPage } from './pages/statement-page.tsx';
import { me } from './state/account.ts';
import { path } from './state/router.ts';

/** The page that the path names, or the one to sign in. */
export function App() {
  const [, first = '', second] = path.value.split('/');
  if (first === 'shared' && second) return <SharedPage token={second} />;
  if (first === 'setup' || first === 'reset') return <LinkPage key={first} purpose={first} />;
  if (me.value === undefined) return <Waiting />;
  if (me.value === null) return <SignInPage />;
  if (first === 'account') return <AccountPage />;
  if (first === 'statement') return <StatementPage />;
  return <ChatPage id={first === 'c' ? second : undefined} />;
}
