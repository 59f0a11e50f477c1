/** The one funnel that decides what a person may do. */
import type { RoleName } from '../../console/contract.ts';
import { HitlineError } from '../../faults/fault.ts';
import type { ConsoleSession } from './console-calls.ts';

/** Who logged on has one of these roles, or the call is refused. Gives the person's OSN. */
export function requireRole(session: ConsoleSession, ...roles: readonly RoleName[]): string {
  if (session.person === null) throw new HitlineError('NOT_LOGGED_ON');
  if (!session.person.roles.some((role) => roles.includes(role))) throw new HitlineError('ROLE_MISSING');
  return session.person.osn;
}
