import { strings } from '../strings/strings.ts';

/** Says that others in the network can read along, where that is so. */
export function Insecure() {
  const isSafe = location.protocol === 'https:' || /^(localhost|127\.|\[::1\])/.test(location.host);
  return isSafe ? null : <p class="insecure">{strings.value.plainHttp}</p>;
}
