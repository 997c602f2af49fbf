import { Announcer } from './components/announcer.tsx';
import { Waiting } from './components/waiting.tsx';
import { AccountPage } from './pages/account-page.tsx';
import { ChatPage } from './pages/chat-page.tsx';
import { LinkPage } from './pages/link-page.tsx';
import { Nowhere } from './pages/nowhere-page.tsx';
import { SharedPage } from './pages/shared-page.tsx';
import { SignInPage } from './pages/sign-in-page.tsx';
import { StatementPage } from './pages/statement-page.tsx';
import { me } from './state/account.ts';
import { path } from './state/router.ts';

/** The page that the path names, or the one to sign in. */
export function App() {
  return (
    <>
      <Page />
      <Announcer />
    </>
  );
}

function Page() {
  const [, first = '', second, ...rest] = path.value.replace(/(?<=.)\/$/, '').split('/');
  if (rest.length > 0) return <Nowhere />;
  if (first === 'shared' && second) return <SharedPage token={second} />;
  if (first === 'c' && second) return <OwnPage first={first} second={second} />;
  if (second !== undefined) return <Nowhere />;
  if (first === 'setup' || first === 'reset') return <LinkPage key={first} purpose={first} />;
  return ['', 'account', 'statement'].includes(first) ? <OwnPage first={first} /> : <Nowhere />;
}

/** A page for those who are signed in. */
function OwnPage({ first, second }: { first: string; second?: string }) {
  if (me.value === undefined) return <Waiting />;
  if (me.value === null) return <SignInPage />;
  if (first === 'account') return <AccountPage />;
  if (first === 'statement') return <StatementPage />;
  return <ChatPage id={second} />;
}
