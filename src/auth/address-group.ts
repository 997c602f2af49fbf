import { isIPv6 } from 'node:net';

/**
 * The part of an address that one subscriber cannot choose: all of an IPv4 address, also inside an
 * IPv6 one (RFC 4291, 2.5.5.2), and the first 64 bits of an IPv6 address (RFC 6177).
 */
export function addressGroup(address: string): string {
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return bare;
  // A URL writes an IPv6 address in one form only (RFC 5952), IPv4 in hexadecimal.
  const host = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const [head = '', tail] = host.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  const groups = tail === undefined ? left : [...left, ...zeros, ...right];
  if (/^(0:){5}ffff:/.test(`${groups.join(':')}:`)) {
    const bytes = groups.slice(6).flatMap((it) => {
      const pair = Number.parseInt(it, 16);
      return [pair >> 8, pair & 255];
    });
    return bytes.join('.');
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
