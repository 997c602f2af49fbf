import { LinkPage } from './accounts/link-page.tsx';
import { SignInPage } from './accounts/sign-in-page.tsx';
import { ChatPage } from './chat/chat-page.tsx';
import { ShareHost } from './chat/share/share-host.tsx';
import { SharedPage } from './chat/shared-page.tsx';
import { Waiting } from './chat/waiting.tsx';
import { me } from './state/account.ts';
import { signInProof } from './state/provider-sign-in.ts';
import { path } from './state/router.ts';
import { Announcer } from './ui/announcer.tsx';
import { later } from './ui/later.tsx';
import { Nowhere } from './ui/nowhere-page.tsx';

const AccountPage = later(async () => (await import('./accounts/account-page.tsx')).AccountPage);
const ChatsPage = later(async () => (await import('./chat/order/chats-page.tsx')).ChatsPage);
const ImportPage = later(async () => (await import('./chat-import/import-page.tsx')).ImportPage);
const MailLinkPage = later(
  async () => (await import('./accounts/mail/link-pages.tsx')).MailLinkPage,
);
const InvitedPage = later(async () => (await import('./accounts/invited-page.tsx')).InvitedPage);
const ProveAccountPage = later(
  async () => (await import('./accounts/prove-account.tsx')).ProveAccountPage,
);
const PromptsPage = later(async () => (await import('./prompts/prompts-page.tsx')).PromptsPage);
const StatementPage = later(
  async () => (await import('./credits/statement-page.tsx')).StatementPage,
);

const MAIL_PAGES = ['confirm', 'forgotten', 'unsubscribe'];
const OWN_PAGES = ['', 'account', 'chats', 'import', 'prompts', 'statement'];

/** The page for the path, or the sign-in page. */
export function App() {
  return (
    <>
      <Page />
      <ShareHost />
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
  if (MAIL_PAGES.includes(first)) return <MailLinkPage key={first} />;
  if (first === 'invited') return <InvitedPage />;
  return OWN_PAGES.includes(first) ? <OwnPage first={first} /> : <Nowhere />;
}

/** A page that needs a session. */
function OwnPage({ first, second }: { first: string; second?: string }) {
  if (me.value === undefined) return <Waiting />;
  if (me.value === null) return signInProof.value ? <ProveAccountPage /> : <SignInPage />;
  if (first === 'account') return <AccountPage />;
  if (first === 'chats') return <ChatsPage />;
  if (first === 'import') return <ImportPage />;
  if (first === 'prompts') return <PromptsPage />;
  if (first === 'statement') return <StatementPage />;
  return <ChatPage id={second} />;
}
