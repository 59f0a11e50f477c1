/** Why a door could not be opened, in words for whoever installs it. */
import { HitlineError } from '../../faults/fault.ts';

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already, perhaps a second gateway.',
  EADDRNOTAVAIL: 'this machine has no such address.',
  EACCES: "this user may not open it; ports below 1024 are the system's own.",
};

/**
 * The failure of a door that should listen on an address and could not: ADDRESS_UNUSABLE with the address, which is of our own
 * configuration, and the reason. `cause` is what the operating system said.
 */
export function cannotListen(at: { readonly host: string; readonly port: number }, cause: Error): HitlineError {
  const code = 'code' in cause ? String(cause.code) : '';
  const reason = reasons[code] ?? 'the operating system refuses it.';
  const address = at.host.includes(':') ? `[${at.host}]:${at.port}` : `${at.host}:${at.port}`;
  return new HitlineError('ADDRESS_UNUSABLE', { detail: `${address}: ${reason}`, cause });
}
