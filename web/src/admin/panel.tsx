import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { SignInPage } from '../accounts/sign-in-page.tsx';
import { Waiting } from '../chat/waiting.tsx';
import { me } from '../state/account.ts';
import { path } from '../state/router.ts';
import { Announcer } from '../ui/announcer.tsx';
import { Icon } from '../ui/icons.tsx';
import { useTitle } from '../ui/use-title.ts';
import { NewUserPage } from './accounts/new-user-page.tsx';
import { UserPage } from './accounts/user-page.tsx';
import { UsersPage } from './accounts/users-page.tsx';
import { CreditsPage } from './credits/credits-page.tsx';
import { ModelsPage } from './operations/models-page.tsx';
import { SettingsPage } from './operations/settings-page.tsx';
import { AuditPage } from './staff/audit-page.tsx';
import { ChatsPage } from './staff/chats-page.tsx';
import { OpenQuestion } from './ui/confirm.tsx';
import { Nowhere } from './ui/heading.tsx';
import { Notice } from './ui/toast.tsx';
import { UsagePage } from './usage/usage-page.tsx';
import { words } from './words/words.ts';

const PLACES = ['users', 'credits', 'usage', 'chats', 'models', 'settings', 'audit'] as const;

/** The panel: for staff, everybody else is told so. */
export function Panel() {
  useLayoutEffect(() => scrollTo(0, 0), [path.value]);
  if (me.value === undefined) return <Waiting />;
  if (me.value === null) return <Titled title={words.value.title} place={<SignInPage />} />;
  if (!me.value.is_staff) return <Titled title={words.value.title} place={<NotForYou />} />;
  return (
    <>
      <SkipLink />
      <div class="panel">
        <Navigation />
        <main class="panel-main">
          <Place key={path.value} />
        </main>
        <Notice />
        <Announcer />
        <OpenQuestion />
      </div>
    </>
  );
}

function NotForYou() {
  return (
    <main class="page">
      <h1>{words.value.title}</h1>
      <p>{words.value.notStaff}</p>
      <a href="/">{words.value.toChat}</a>
    </main>
  );
}

/** The way past everything that stands before what one came for. */
function SkipLink() {
  const skip = () => {
    const target =
      document.querySelector<HTMLElement>('.panel-main tbody tr[tabindex="0"]') ??
      document.querySelector<HTMLElement>('.panel-main h1');
    if (target && target.tabIndex < 0) target.tabIndex = -1;
    target?.focus();
  };
  const [, , place = ''] = path.value.split('/');
  const isList = placeOf(place) === 'users' && path.value.split('/').length < 4;
  return (
    <button type="button" class="skip" onClick={skip}>
      {isList ? words.value.toList : words.value.toContent}
    </button>
  );
}

function placeOf(name: string): string {
  return name === '' ? 'users' : name;
}

function Navigation() {
  const [isOpen, setOpen] = useState(false);
  const [, , place = ''] = path.value.split('/');
  return (
    <nav class={isOpen ? 'panel-nav open' : 'panel-nav'} aria-label={words.value.title}>
      <div class="panel-name">
        <a href="/admin/">Chit</a>
        <button
          type="button"
          class="quiet menu-toggle"
          aria-label={words.value.title}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="menu" />
        </button>
      </div>
      <ul>
        {PLACES.map((it) => (
          <li key={it}>
            <a
              href={it === 'users' ? '/admin/' : `/admin/${it}`}
              aria-current={it === placeOf(place) ? 'page' : undefined}
              onClick={() => setOpen(false)}
            >
              {words.value[it]}
            </a>
          </li>
        ))}
      </ul>
      <a class="to-chat" href="/">
        {words.value.toChat}
      </a>
    </nav>
  );
}

function Place() {
  const [, , place = '', id = '', ...more] = path.value.split('/');
  if (more.some((it) => it !== '')) return <NoSuchPlace />;
  if (placeOf(place) === 'users') {
    if (id === 'new') return <NewUserPage />;
    return id === '' ? <UsersPage /> : <UserPage id={id} />;
  }
  if (id !== '') return <NoSuchPlace />;
  switch (place) {
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
      return <NoSuchPlace />;
  }
}

function Titled({ title, place }: { title: string; place: ComponentChildren }) {
  useTitle(title);
  return <>{place}</>;
}

function NoSuchPlace() {
  return <Nowhere title={words.value.noSuchPlace} text={words.value.noSuchPlaceText(path.value)} />;
}
