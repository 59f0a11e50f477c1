import { isIPv4 } from 'node:net';

/**
 * Tells whether a host as written in a configuration names this machine only: 127.0.0.0/8, ::1 or localhost.
 * Any other name is taken to be another machine, because what a name resolves to can change.
 */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase();
  if (name === 'localhost' || name === '::1') return true;
  const mapped = name.startsWith('::ffff:') ? name.slice('::ffff:'.length) : name;
  return isIPv4(mapped) && mapped.startsWith('127.');
}
