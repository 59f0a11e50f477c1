/** What the console contract lets a person read, and what it lets a keeper of records do: histories, sealed subjects. */
import type { Takes } from '../../console/contract.ts';
import { HitlineError } from '../../faults/fault.ts';
import { freeQuarantined } from '../intake/free-quarantined.ts';
import type { StateQuery, TokenKind } from '../ledger/ledger.ts';
import { disseminate, iiiRowOf, iiiRows } from '../records/iii-desk.ts';
import { fileLook, ScreenLooks } from '../records/look.ts';
import { sealedStatus } from '../records/sealable.ts';
import { sealedSubjects, sealSubject, unsealSubject } from '../records/sealed-subjects.ts';
import { caseViewOf, frameViewOf, messageRowOf, messageViewOf } from '../records/views.ts';
import type { Handlers, SeatedSession } from './console-calls.ts';
import { doerOf, requireRole } from './console-roles.ts';
import { type LedgerDesk, twoPeople } from './ledger-handlers.ts';

type Part<Name extends keyof Handlers> = Pick<Handlers, Name>;

function isCustodian(session: SeatedSession): boolean {
  return session.person.roles.includes('custodian');
}

/** Reading: each is filed before anything is shown. `statuses` are those of every box. */
export function lookHandlers(
  desk: LedgerDesk,
  statuses: readonly string[],
): Part<'show' | 'case' | 'search' | 'iiiLog'> {
  const { parts } = desk;
  const screens = new ScreenLooks(parts);
  return {
    async show({ id, reason }, session) {
      requireRole(session, 'operator', 'supervisor', 'auditor', 'custodian');
      const stored = await parts.ledger.state('message', id);
      // Looked up first: only an id of the ledger may stand in clear, not whatever a screen asked for.
      const view = await messageViewOf(parts, id);
      const at = { sessionId: session.id, version: stored?.version ?? 0 };
      await screens.file(doerOf(session), { what: 'show', id, reason }, at);
      const frames = await desk.kept.packetRows([{ stream: 'frame', id, below: true }]);
      return { ...view, frames: frames.map(frameViewOf) };
    },
    async case({ id }, session) {
      requireRole(session, 'operator', 'supervisor', 'auditor', 'custodian');
      const stored = await parts.ledger.state('case', id);
      const view = await caseViewOf(parts, id);
      const at = { sessionId: session.id, version: stored?.version ?? 0 };
      await screens.file(doerOf(session), { what: 'case', id }, at);
      return view;
    },
    async search(params, session) {
      requireRole(session, 'operator', 'supervisor', 'auditor', 'custodian');
      await fileLook(parts, doerOf(session), { what: 'search', by: fieldsIn(params), reason: params.reason });
      const rows = await parts.ledger.states(searchQuery(params, statuses, isCustodian(session)));
      const found = { rows: rows.map(messageRowOf) };
      const token = tokenOf(params);
      if (!isCustodian(session) || token === undefined) return found;
      const sealed = await sealedSubjects(parts, token);
      return sealed.length === 0 ? found : { ...found, sealed };
    },
    async iiiLog(params, session) {
      requireRole(session, 'operator', 'supervisor', 'auditor', 'custodian');
      await fileLook(parts, doerOf(session), { what: 'iii', by: fieldsIn(params), reason: params.reason });
      const rows = await iiiRows(parts, params);
      return { rows: await Promise.all(rows.map((row) => iiiRowOf(parts, row))) };
    },
  };
}

/** Which fields were searched by is filed; what was searched for may be a name, and is not. */
function fieldsIn(params: object): readonly string[] {
  return Object.keys(params).filter((one) => one !== 'limit' && one !== 'reason');
}

function searchQuery(params: Takes<'search'>, statuses: readonly string[], withSealed: boolean): StateQuery {
  const token = tokenOf(params);
  return {
    stream: 'message',
    status: withSealed ? [...statuses, sealedStatus] : statuses,
    order: 'newest',
    limit: params.limit,
    ...(params.key === undefined ? {} : { key: params.key }),
    ...(params.ori === undefined ? {} : { ori: params.ori }),
    ...(params.osn === undefined ? {} : { osn: params.osn }),
    ...(params.fromMs === undefined ? {} : { fromMs: params.fromMs }),
    ...(params.untilMs === undefined ? {} : { untilMs: params.untilMs }),
    ...(token === undefined ? {} : { token }),
  };
}

function tokenOf(params: Takes<'search'>): { readonly kind: TokenKind; readonly value: string } | undefined {
  if (params.nic !== undefined) return { kind: 'NIC', value: params.nic };
  return params.name === undefined ? undefined : { kind: 'NAM', value: params.name };
}

/** Histories passed on, subjects sealed, messages freed from quarantine. */
export function recordHandlers(
  desk: LedgerDesk,
): Part<'disseminate' | 'free' | 'sealSubject' | 'unsealSubject' | 'sealedSubjects'> {
  const { parts } = desk;
  return {
    // S0 .20: a history is released by the Records Section alone.
    async disseminate(params, session) {
      return disseminate(parts, requireRole(session, 'operator', 'supervisor', 'custodian'), params);
    },
    async free({ id, belongs, reason }, session) {
      const osn = requireRole(session, 'operator', 'supervisor');
      return { status: await freeQuarantined(parts, id, { osn, belongs, reason }) };
    },
    async sealSubject(params, session) {
      const osn = requireRole(session, 'custodian');
      const { messageIds = [], dob: _, ...identifiers } = params.subject;
      if (messageIds.length === 0 && Object.keys(identifiers).length === 0) throw new HitlineError('BAD_REQUEST');
      return sealSubject(parts, osn, params);
    },
    async unsealSubject({ id, reason, approver }, session) {
      requireRole(session, 'custodian');
      const by = await twoPeople(desk, session, approver);
      return { status: await unsealSubject(parts, by, { id, reason }) };
    },
    async sealedSubjects({ reason }, session) {
      requireRole(session, 'custodian');
      await fileLook(parts, doerOf(session), { what: 'sealed subjects', reason });
      return { rows: await sealedSubjects(parts) };
    },
  };
}
