import { options } from 'preact';
import { PREFIX } from '../state/site-address.ts';

/** Lets links name paths within the site, wherever the site is on its host. */
export function prefixLinks(): void {
  if (PREFIX === '') return;
  const next = options.vnode;
  options.vnode = (vnode) => {
    const { href } = vnode.props as { href?: unknown };
    // An element that is drawn twice has it already.
    const isOwn = typeof href === 'string' && href.startsWith('/');
    if (vnode.type === 'a' && isOwn && !href.startsWith(`${PREFIX}/`)) {
      Object.assign(vnode.props, { href: PREFIX + href });
    }
    next?.(vnode);
  };
}
