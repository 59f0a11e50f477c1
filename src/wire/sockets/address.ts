/** IP addresses in the one way of writing that a socket names its peer by. */
import { isIP, SocketAddress } from 'node:net';

/**
 * The same address as `peerOf` gives it: shortest form, lower case, IPv4 without the IPv6 it was mapped into; a zone stays. What
 * is no address comes back as it is.
 */
export function canonicalAddress(address: string): string {
  const [head = '', zone] = address.split('%');
  const version = isIP(head);
  if (version === 0) return address;
  const written = new SocketAddress({ address: head, family: version === 4 ? 'ipv4' : 'ipv6' }).address;
  const plain = written.replace(/^::ffff:(?=[\d.]+$)/, '');
  return zone === undefined ? plain : `${plain}%${zone}`;
}
