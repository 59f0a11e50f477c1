/** The one funnel that decides what a person may do, and puts on file what he did or was refused. */
import type { MethodName, RoleName } from '../../console/contract.ts';
import { HitlineError } from '../../faults/fault.ts';
import type { Stream } from '../ledger/ledger.ts';
import type { Parts } from '../parts.ts';
import type { PersonState } from '../people/person.ts';
import { type Doer, fileAct } from '../records/acts.ts';
import { sealedStatus } from '../records/sealable.ts';
import type { ConsoleSession, Handlers } from './console-calls.ts';

/** Who logged on has one of these roles, or the call is refused. Gives the person's OSN. */
export function requireRole(session: ConsoleSession, ...roles: readonly RoleName[]): string {
  if (session.person === null) throw new HitlineError('NOT_LOGGED_ON');
  if (!session.person.roles.some((role) => roles.includes(role))) throw new HitlineError('ROLE_MISSING');
  return session.person.osn;
}

/** Whoever is logged on, as acts and looks name him. */
export function doerOf({ person, device }: ConsoleSession): Doer {
  if (person === null) throw new HitlineError('NOT_LOGGED_ON');
  return { osn: person.osn, roles: person.roles, device };
}

/** Screens call these by themselves to redraw; they show ids, keys and times, and change nothing. */
const plain: ReadonlySet<string> = new Set<MethodName>(['status', 'language', 'list', 'cases', 'alarms']);

/** These file a look of their own before they show anything; only a refusal is filed here. */
const looks: ReadonlySet<string> = new Set<MethodName>([
  'show',
  'case',
  'search',
  'export',
  'iiiLog',
  'sealedSubjects',
  'packetPart',
]);

/** What a custodian may do with what is sealed. */
const forCustodian: ReadonlySet<string> = new Set<MethodName>(['show', 'case', 'export']);

type AnyHandler = (params: Readonly<Record<string, unknown>>, session: ConsoleSession) => Promise<unknown>;

/**
 * The same handlers behind two rules: what is sealed is not there but for the custodian, and what a person did or was refused
 * is on file before he has the answer (CJISSECPOL AU-2, AU-3).
 */
export function recordedHandlers(parts: Parts, handlers: Handlers): Handlers {
  const recorded = Object.entries(handlers).map(([method, handler]) => {
    const plainHandler = handler as AnyHandler;
    return [method, plain.has(method) ? plainHandler : recordedHandler(parts, method, plainHandler)];
  });
  // Each entry takes and gives what it did before, which the compiler cannot follow through the pairs.
  return Object.fromEntries(recorded) as Handlers;
}

function recordedHandler(parts: Parts, method: string, handler: AnyHandler): AnyHandler {
  return async (params, session) => {
    const named = await thingsIn(parts, params);
    const beside = await besideIn(parts, params);
    const reason = typeof params['reason'] === 'string' ? params['reason'] : undefined;
    const file = (outcome: string, made: readonly string[] = []): Promise<void> => {
      const about = [...new Set([...named.map((one) => one.id), ...made])];
      return fileAct(parts, doerOf(session), { what: method, about, outcome, reason, beside });
    };
    let result: unknown;
    try {
      const maySee = forCustodian.has(method) && session.person?.roles.includes('custodian') === true;
      if (!maySee && named.some((one) => one.isSealed)) throw new HitlineError('NOT_FOUND');
      result = await handler(params, session);
    } catch (error) {
      // When not even this can be kept, what went wrong first is what the person must hear.
      await file(error instanceof HitlineError ? error.code : 'INTERNAL').catch(() => undefined);
      throw error;
    }
    // It is done and on file already; a ledger that fails now raises its own alarm, and a "no" here would be untrue.
    if (!looks.has(method)) await file(outcomeOf(result), idsIn(result)).catch(() => undefined);
    return result;
  };
}

/** A draft with faults is answered like any other and was not taken: that is no success. */
function outcomeOf(result: unknown): 'OK' | 'FAULTY' {
  return (result as { readonly status?: unknown } | null)?.status === 'FAULTY' ? 'FAULTY' : 'OK';
}

/** The id of what an act has made. */
function idsIn(result: unknown): readonly string[] {
  const id = (result as { readonly id?: unknown } | null)?.id;
  return typeof id === 'string' ? [id] : [];
}

/** Who gives a factor beside the caller, when there is such an account: anything else typed there may be a password. */
async function besideIn(
  { ledger }: Parts,
  params: Readonly<Record<string, unknown>>,
): Promise<{ readonly osn: string; readonly roles: readonly RoleName[] } | undefined> {
  const given = (params['approver'] as { readonly osn?: unknown } | undefined)?.osn;
  if (typeof given !== 'string') return undefined;
  const osn = given.toUpperCase();
  const stored = await ledger.state('person', osn);
  return stored === undefined ? undefined : { osn, roles: (stored.body as PersonState).roles };
}

const idFields: readonly (readonly [string, readonly Stream[]])[] = [
  ['id', ['message', 'case', 'system']],
  ['messageId', ['message']],
  ['caseId', ['case']],
  ['alarmId', ['alarm']],
];

/** The things of the ledger that a call names, and whether they are sealed. */
async function thingsIn(
  parts: Parts,
  params: Readonly<Record<string, unknown>>,
): Promise<readonly { readonly id: string; readonly isSealed: boolean }[]> {
  const found: { id: string; isSealed: boolean }[] = [];
  const also = (params['also'] ?? []) as readonly { readonly id: string }[];
  const given = [
    ...idFields.map(([field, streams]) => [params[field], streams] as const),
    ...also.map(({ id }) => [id, ['message']] as const),
  ];
  for (const [id, streams] of given) {
    if (typeof id !== 'string') continue;
    for (const stream of streams) {
      const row = await parts.ledger.state(stream, id);
      if (row === undefined) continue;
      found.push({ id, isSealed: row.status === sealedStatus });
      break;
    }
  }
  return found;
}
