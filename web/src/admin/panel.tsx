import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { SignInPage } from '../accounts/sign-in-page.tsx';
import { Waiting } from '../chat/waiting.tsx';
import { me } from '../state/account.ts';
import { path } from '../state/router.ts';
import { strings } from '../strings/strings.ts';
import { Announcer } from '../ui/announcer.tsx';
import { Icon } from '../ui/icons.tsx';
import { useTitle } from '../ui/use-title.ts';
import { NewUserPage } from './accounts/new-user-page.tsx';
import { UserPage } from './accounts/user-page.tsx';
import { UsersPage } from './accounts/users-page.tsx';
import { CreditsPage } from './credits/credits-page.tsx';
import { DirectoryPage } from './directory/directory-page.tsx';
import { GroupPage } from './groups/group-page.tsx';
import { GroupsPage } from './groups/groups-page.tsx';
import { ImportPage } from './import/import-page.tsx';
import { InvitationsPage } from './invitations/invitations-page.tsx';
import { NewInvitationsPage } from './invitations/new-invitations-page.tsx';
import { SlipsPage } from './invitations/slips-page.tsx';
import { MailPage } from './notices/mail-page.tsx';
import { WebhookPage } from './notices/webhook-page.tsx';
import { WebhooksPage } from './notices/webhooks-page.tsx';
import { BackupsPage } from './operations/backups-page.tsx';
import { DoctorPage } from './operations/doctor-page.tsx';
import { LookPage } from './operations/look-page.tsx';
import { ModelsPage } from './operations/models-page.tsx';
import { SettingsPage } from './operations/settings-page.tsx';
import { NewPlanPage, PlanPage } from './plans/plan-page.tsx';
import { PlansPage } from './plans/plans-page.tsx';
import { GivePlanPage } from './plans/user-plan.tsx';
import { SignInWaysPage } from './sign-in/sign-in-page.tsx';
import { TrialPage } from './sign-in/trial-page.tsx';
import { AuditPage } from './staff/audit-page.tsx';
import { ChatsPage } from './staff/chats-page.tsx';
import { KeysPage } from './staff/keys-page.tsx';
import type { Settings } from './types.ts';
import { ConfirmDialog } from './ui/confirm.tsx';
import { NotFoundPage } from './ui/page-heading.tsx';
import { useResource } from './ui/resource.tsx';
import { ToastRegion } from './ui/toast.tsx';
import { UsagePage } from './usage/usage-page.tsx';
import { BatchPage } from './vouchers/batch-page.tsx';
import { NewVouchersPage } from './vouchers/new-vouchers-page.tsx';
import { VouchersPage } from './vouchers/vouchers-page.tsx';
import { words } from './words/words.ts';

/** The pages of staff, by what they are about. */
const PAGES = {
  people: ['users', 'invitations', 'groups', 'directory'],
  tokens: ['credits', 'plans', 'vouchers', 'usage'],
  operation: ['models', 'chats', 'audit', 'settings', 'backups', 'doctor'],
  site: ['signin', 'sitelook', 'mail', 'webhooks', 'adminkeys'],
} as const;

type PageGroup = keyof typeof PAGES;
type PageName = (typeof PAGES)[PageGroup][number];

/** Those of superusers only. */
const SUPERUSER_PAGES: readonly PageName[] = [
  'directory',
  'backups',
  'doctor',
  'sitelook',
  'mail',
  'webhooks',
];

/** The pages of those who are not staff but manage a group. */
const MANAGER_PAGES: readonly PageName[] = ['groups'];

/** The panel, for staff, and its groups for those who manage some. */
export function Panel() {
  useLayoutEffect(() => scrollTo(0, 0), [path.value]);
  if (me.value === undefined) return <Waiting />;
  if (me.value === null) return <Titled page={<SignInPage />} />;
  const { is_staff: isStaff, manages_groups: isManager } = me.value;
  if (!isStaff && !isManager) return <Titled page={<StaffOnly />} />;
  if (me.value.needs_second_factor) return <Titled page={<FactorFirst />} />;
  return (
    <>
      <SkipLink />
      <div class="panel">
        <Navigation />
        <main class="panel-main">
          {isStaff && <ProxyNotice />}
          <CurrentPage key={path.value} />
        </main>
        <ToastRegion />
        <Announcer />
        <ConfirmDialog />
      </div>
    </>
  );
}

/** Warns of a proxy that makes all of its clients one address. */
function ProxyNotice() {
  const { data } = useResource<Settings>('/api/admin/settings/');
  const address = data?.undeclared_proxy;
  return address == null ? null : <p class="notice">{words.value.undeclaredProxy(address)}</p>;
}

function StaffOnly() {
  return (
    <main class="page">
      <h1>{words.value.title}</h1>
      <p>{words.value.notStaff}</p>
      <a href="/">{words.value.toChat}</a>
    </main>
  );
}

/** Where staff need a second factor and this one has none yet. */
function FactorFirst() {
  return (
    <main class="page">
      <h1>{words.value.title}</h1>
      <p>{words.value.factorFirst}</p>
      <a class="button primary" href="/account#second-factors">
        {words.value.toFactors}
      </a>
    </main>
  );
}

/** Skips the navigation. */
function SkipLink() {
  const skip = () => {
    const target =
      document.querySelector<HTMLElement>('.panel-main tbody tr[tabindex="0"]') ??
      document.querySelector<HTMLElement>('.panel-main h1');
    if (target && target.tabIndex < 0) target.tabIndex = -1;
    target?.focus();
  };
  const isList = pageName() === 'users' && path.value.split('/').length < 4;
  return (
    <button type="button" class="skip" onClick={skip}>
      {isList ? words.value.skipToList : words.value.skipToContent}
    </button>
  );
}

/** The page that the address names; the first one is at `/admin/` itself. */
function pageName(): string {
  const [, , name = ''] = path.value.split('/');
  return name === '' ? firstPage() : name;
}

function firstPage(): 'users' | 'groups' {
  return me.value?.is_staff ? 'users' : 'groups';
}

/** The pages that the user may open, by group, without groups that have none. */
function shownGroups() {
  const { is_staff: isStaff, is_superuser: isSuperuser } = me.value ?? {};
  const isShown = (page: PageName) =>
    isStaff ? isSuperuser || !SUPERUSER_PAGES.includes(page) : MANAGER_PAGES.includes(page);
  return Object.entries(PAGES)
    .map(([group, pages]) => ({ group: group as PageGroup, pages: pages.filter(isShown) }))
    .filter(({ pages }) => pages.length > 0);
}

function Navigation() {
  const [isOpen, setOpen] = useState(false);
  const current = pageName();
  const groups = shownGroups();
  return (
    <nav class={isOpen ? 'panel-nav open' : 'panel-nav'} aria-label={words.value.title}>
      <div class="panel-name">
        <a href="/admin/">{strings.value.appName}</a>
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
      <div class="panel-pages">
        {groups.map(({ group, pages }) => (
          <div key={group}>
            {groups.length > 1 && <p id={`pages-${group}`}>{words.value.pageGroups[group]}</p>}
            <ul aria-labelledby={groups.length > 1 ? `pages-${group}` : undefined}>
              {pages.map((it) => (
                <li key={it}>
                  <a
                    href={it === firstPage() ? '/admin/' : `/admin/${it}`}
                    aria-current={it === current ? 'page' : undefined}
                    onClick={() => setOpen(false)}
                  >
                    {words.value[it]}
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
      <a class="to-chat" href="/">
        {words.value.toChat}
      </a>
    </nav>
  );
}

function CurrentPage() {
  const [, , , id = '', ...more] = path.value.split('/');
  if (more.some((it) => it !== '')) return <PageNotFound />;
  const name = pageName();
  if (name === 'groups') return id === '' ? <GroupsPage /> : <GroupPage id={id} />;
  if (!me.value?.is_staff) return <PageNotFound />;
  if (name === 'users') {
    if (id === 'new') return <NewUserPage />;
    if (id === 'import') return <ImportPage />;
    return id === '' ? <UsersPage /> : <UserPage id={id} />;
  }
  if (name === 'invitations') {
    if (id === 'new') return <NewInvitationsPage />;
    if (id === 'slips') return <SlipsPage />;
    return id === '' ? <InvitationsPage /> : <PageNotFound />;
  }
  if (name === 'vouchers') {
    if (id === 'new') return <NewVouchersPage />;
    return id === '' ? <VouchersPage /> : <BatchPage id={id} />;
  }
  if (name === 'plans') {
    if (id === 'new') return <NewPlanPage />;
    if (id === 'give') return <GivePlanPage />;
    return id === '' ? <PlansPage /> : <PlanPage id={id} />;
  }
  if (name === 'webhooks' && me.value.is_superuser) {
    return id === '' ? <WebhooksPage /> : <WebhookPage id={id} />;
  }
  if (name === 'signin') return id === '' ? <SignInWaysPage /> : <TrialPage id={id} />;
  if (id !== '') return <PageNotFound />;
  switch (name) {
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
    case 'directory':
      return me.value.is_superuser ? <DirectoryPage /> : <PageNotFound />;
    case 'adminkeys':
      return <KeysPage />;
    case 'sitelook':
      return me.value.is_superuser ? <LookPage /> : <PageNotFound />;
    case 'backups':
      return me.value.is_superuser ? <BackupsPage /> : <PageNotFound />;
    case 'mail':
      return me.value.is_superuser ? <MailPage /> : <PageNotFound />;
    case 'doctor':
      return me.value.is_superuser ? <DoctorPage /> : <PageNotFound />;
    default:
      return <PageNotFound />;
  }
}

function Titled({ page }: { page: ComponentChildren }) {
  useTitle(words.value.title);
  return <>{page}</>;
}

function PageNotFound() {
  const { pageNotFound, pageNotFoundText } = words.value;
  return <NotFoundPage title={pageNotFound} text={pageNotFoundText(path.value)} />;
}
