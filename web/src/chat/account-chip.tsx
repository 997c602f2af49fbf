import { signOut } from '../api/client.ts';
import { me } from '../state/account.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { MenuButton, type MenuGroup } from '../ui/menu.tsx';

/** Who is signed in, with a menu of what belongs to the account. */
export function AccountChip({ onGone, onHelp }: { onGone: () => void; onHelp: () => void }) {
  const name = me.value?.username ?? '';
  return (
    <MenuButton
      label={strings.value.accountMenu(name)}
      class="quiet account-chip"
      side="above"
      groups={() => accountActions(onGone, onHelp)}
    >
      <Icon name="person" />
      <span class="account-name" dir="auto">
        {name}
      </span>
      <Icon name="more" />
    </MenuButton>
  );
}

function accountActions(onGone: () => void, onHelp: () => void): MenuGroup[] {
  const text = strings.value;
  const { value: user } = me;
  const panel = user?.is_staff
    ? text.administration
    : user?.manages_groups
      ? text.manageGroups
      : undefined;
  return [
    {
      // The chip cuts a long name.
      label: user?.username,
      items: [
        { label: text.account, icon: 'person', href: '/account', onSelect: onGone },
        { label: text.statement, icon: 'receipt', href: '/statement', onSelect: onGone },
        { label: text.help, icon: 'keyboard', detail: '?', onSelect: onHelp },
      ],
    },
    { items: panel === undefined ? [] : [{ label: panel, icon: 'gear', href: '/admin/' }] },
    { items: [{ label: text.signOut, icon: 'leave', onSelect: () => void signOut() }] },
  ];
}
