import { strings } from '../strings/strings.ts';

/** Warns where the connection is not encrypted. */
export function Insecure() {
  const isSafe = location.protocol === 'https:' || /^(localhost|127\.|\[::1\])/.test(location.host);
  return isSafe ? null : <p class="insecure">{strings.value.plainHttp}</p>;
}
