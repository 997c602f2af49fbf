import { BlockList, isIPv4 } from 'node:net';

/** RFC 1918, RFC 6598, RFC 3927, RFC 4193 and the addresses of the machine itself. */
const PRIVATE = new BlockList();
PRIVATE.addSubnet('0.0.0.0', 8, 'ipv4');
PRIVATE.addSubnet('10.0.0.0', 8, 'ipv4');
PRIVATE.addSubnet('100.64.0.0', 10, 'ipv4');
PRIVATE.addSubnet('127.0.0.0', 8, 'ipv4');
PRIVATE.addSubnet('169.254.0.0', 16, 'ipv4');
PRIVATE.addSubnet('172.16.0.0', 12, 'ipv4');
PRIVATE.addSubnet('192.168.0.0', 16, 'ipv4');
PRIVATE.addAddress('::', 'ipv6');
PRIVATE.addAddress('::1', 'ipv6');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');

/** What else no public server has: RFC 6890, RFC 5771, RFC 4291, RFC 6052, RFC 3056, RFC 3879. */
const SPECIAL = new BlockList();
SPECIAL.addSubnet('192.0.0.0', 24, 'ipv4');
SPECIAL.addSubnet('198.18.0.0', 15, 'ipv4');
SPECIAL.addSubnet('224.0.0.0', 3, 'ipv4');
SPECIAL.addSubnet('::', 96, 'ipv6');
SPECIAL.addSubnet('64:ff9b::', 32, 'ipv6');
SPECIAL.addSubnet('2002::', 16, 'ipv6');
SPECIAL.addSubnet('fec0::', 10, 'ipv6');
SPECIAL.addSubnet('ff00::', 8, 'ipv6');

/**
 * Whether an address is not one of a public server. IPv4 addresses that are written as IPv6 are
 * checked as what they are.
 * @param address in the form that a resolver gives, without brackets
 */
export function isPrivateAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  const family = isIPv4(plain) ? 'ipv4' : 'ipv6';
  return PRIVATE.check(plain, family) || SPECIAL.check(plain, family);
}

/** Names that no public server has: RFC 6761, RFC 6762, RFC 8375, and ICANN's `.internal`. */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal|lan|home\.arpa)$/;

/**
 * Whether a server is on a private network by its URL. What it fetches for a client it may fetch
 * from there.
 * @param url a valid URL
 */
export function isOnPrivateNetwork(url: string): boolean {
  const name = new URL(url).hostname.replace(/\.$/, '');
  if (name.startsWith('[')) return PRIVATE.check(name.slice(1, -1), 'ipv6');
  if (/^[\d.]+$/.test(name)) return PRIVATE.check(name, 'ipv4');
  return !name.includes('.') || PRIVATE_NAME.test(name);
}
