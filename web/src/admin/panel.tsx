import { useState } from 'preact/hooks';
import { Icon } from '../components/icons.tsx';
import { Waiting } from '../components/waiting.tsx';
import { SignInPage } from '../pages/sign-in-page.tsx';
import { me } from '../state/account.ts';
import { path } from '../state/router.ts';
import { AuditPage } from './audit-page.tsx';
import { ChatsPage } from './chats-page.tsx';
import { OpenQuestion } from './confirm.tsx';
import { CreditsPage } from './credits-page.tsx';
import { notice } from './list.tsx';
import { ModelsPage } from './models-page.tsx';
import { NewUserPage } from './new-user-page.tsx';
import { SettingsPage } from './settings-page.tsx';
import { UsagePage } from './usage-page.tsx';
import { UserPage } from './user-page.tsx';
import { UsersPage } from './users-page.tsx';
import { words } from './words.ts';

const PLACES = ['users', 'credits', 'usage', 'chats', 'models', 'settings', 'audit'] as const;

/** The panel: for staff, everybody else is told so. */
export function Panel() {
  const [isMenuOpen, setMenuOpen] = useState(false);
  if (me.value === undefined) return <Waiting />;
  if (me.value === null) return <SignInPage />;
  if (!me.value.is_staff) {
    return (
      <main class="page">
        <h1>{words.title}</h1>
        <p>{words.notStaff}</p>
        <a href="/">{words.toChat}</a>
      </main>
    );
  }
  const [, , place = ''] = path.value.split('/');
  const current = place === '' ? 'users' : place;
  return (
    <div class={isMenuOpen ? 'panel menu-open' : 'panel'}>
      <nav class="panel-nav" aria-label={words.title}>
        <div class="panel-name">
          <a href="/admin/">Chit</a>
          <button
            type="button"
            class="quiet menu-toggle"
            aria-label={words.title}
            aria-expanded={isMenuOpen}
            onClick={() => setMenuOpen(!isMenuOpen)}
          >
            <Icon name="menu" />
          </button>
        </div>
        <ul>
          {PLACES.map((it) => (
            <li key={it}>
              <a
                href={it === 'users' ? '/admin/' : `/admin/${it}`}
                aria-current={it === current ? 'page' : undefined}
                onClick={() => setMenuOpen(false)}
              >
                {words[it]}
              </a>
            </li>
          ))}
        </ul>
        <a class="to-chat" href="/">
          {words.toChat}
        </a>
      </nav>
      <main class="panel-main">
        <Notice />
        <Place key={path.value} />
      </main>
      <OpenQuestion />
    </div>
  );
}

function Place() {
  const [, , place = '', id = ''] = path.value.split('/');
  switch (place) {
    case 'users':
      if (id === 'new') return <NewUserPage />;
      return id === '' ? <UsersPage /> : <UserPage id={id} />;
    case 'credits':
      return <CreditsPage />;
    case 'chats':
      return <ChatsPage />;
    case 'usage':
      return <UsagePage />;
    case 'models':
      return <ModelsPage />;
    case 'settings':
      return <SettingsPage />;
    case 'audit':
      return <AuditPage />;
    default:
      return <UsersPage />;
  }
}

function Notice() {
  const { value } = notice;
  return (
    <div class="notices" role="status" aria-live="polite">
      {value && (
        <p class={value.isFault ? 'notice fault' : 'notice'}>
          {value.text}
          <button
            type="button"
            class="quiet"
            aria-label={words.clear}
            onClick={() => {
              notice.value = undefined;
            }}
          >
            ×
          </button>
        </p>
      )}
    </div>
  );
}
