import { strings } from '../../strings/strings.ts';
import { Icon } from '../../ui/icons.tsx';
import { MenuButton, type MenuItem } from '../../ui/menu.tsx';

/** On a phone, in a menu: actions of a page that stand beside its heading elsewhere (`spare`). */
export function HeadMenu({ items }: { items: readonly MenuItem[] }) {
  return (
    <span class="head-menu">
      <MenuButton
        label={strings.value.moreActions}
        class="quiet icon-button"
        align="end"
        groups={() => [{ items }]}
      >
        <Icon name="more" />
      </MenuButton>
    </span>
  );
}
