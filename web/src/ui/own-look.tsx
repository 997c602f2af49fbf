import { ownLook } from '../state/own-look.ts';
import { PREFIX } from '../state/site-address.ts';
import { strings } from '../strings/strings.ts';

/** The site's logo, if it has one; its name stands beside it. */
export function SiteLogo() {
  const logo = ownLook.value?.logo;
  if (!logo) return null;
  const { path, width, height } = logo;
  return <img class="site-logo" src={PREFIX + path} width={width} height={height} alt="" />;
}

/** Links to the site's terms and to what it does with data, where it has them. */
export function SiteLinks() {
  const { terms_url: terms, privacy_url: privacy } = ownLook.value ?? {};
  if (!terms && !privacy) return null;
  const link = (url: string | null | undefined, label: string) =>
    url && (
      <a href={url} target="_blank" rel="noopener noreferrer">
        {label}
      </a>
    );
  return (
    <p class="site-links">
      {link(terms, strings.value.terms)} {link(privacy, strings.value.privacy)}
    </p>
  );
}
