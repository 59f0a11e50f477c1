/** What the console contract lets a person read, and what it lets a keeper of records do: histories, sealed subjects. */
import type { MessageRow, Takes } from '../../console/contract.ts';
import { HitlineError } from '../../faults/fault.ts';
import { freeQuarantined } from '../intake/free-quarantined.ts';
import type { StateQuery, StoredState, TokenKind } from '../ledger/ledger.ts';
import type { Parts } from '../parts.ts';
import { disseminate, iiiRowOf, iiiRows } from '../records/iii-desk.ts';
import { isIii } from '../records/iii-log.ts';
import { fileLook, ScreenLooks } from '../records/look.ts';
import { sealedStatus } from '../records/sealable.ts';
import { sealedSubjects, sealSubject, unsealSubject } from '../records/sealed-subjects.ts';
import { caseViewOf, frameViewOf, messageRowOf, messageViewOf } from '../records/views.ts';
import type { Handlers, SeatedSession } from './console-calls.ts';
import { doerOf, requireRole } from './console-roles.ts';
import { type LedgerDesk, twoPeople } from './ledger-handlers.ts';

/** Rows of the log that one search looks through. */
const loggedMax = 500;

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
      const query = searchQuery(params, statuses, isCustodian(session));
      const { purpose, requestor, recipient } = params;
      const byLog = purpose !== undefined || requestor !== undefined || recipient !== undefined;
      const stored = byLog ? await requestsBy(parts, params, query) : await parts.ledger.states(query);
      const rows = await Promise.all(stored.map((row) => withLog(parts, row)));
      const found = { rows };
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

/** The requests that the criminal-history log names, as far as the rest of the question fits them. */
async function requestsBy(parts: Parts, params: Takes<'search'>, query: StateQuery): Promise<readonly StoredState[]> {
  const { purpose, requestor, recipient, fromMs, untilMs } = params;
  const times = { ...(fromMs === undefined ? {} : { fromMs }), ...(untilMs === undefined ? {} : { untilMs }) };
  const by = {
    ...(purpose === undefined ? {} : { purpose }),
    ...(requestor === undefined ? {} : { requestor }),
    ...(recipient === undefined ? {} : { recipient }),
  };
  const logged = await iiiRows(parts, { ...by, ...times, limit: loggedMax });
  const ids = new Set(logged.map((row) => row.parent ?? ''));
  const found: StoredState[] = [];
  for (const id of ids) {
    const row = await parts.ledger.state('message', id);
    const fits =
      row !== undefined &&
      query.status?.includes(row.status) === true &&
      (['key', 'ori', 'osn'] as const).every((column) => query[column] === undefined || query[column] === row[column]);
    if (fits) found.push(row);
    if (found.length >= query.limit) break;
  }
  return found;
}

/** A row of a search; for a criminal-history request with what stands in clear in its log. */
async function withLog(parts: Parts, stored: StoredState): Promise<MessageRow> {
  const row = messageRowOf(stored);
  const logged = isIii(row.key, row.keyClass) ? await parts.ledger.state('iii', row.id) : undefined;
  if (logged === undefined) return row;
  const { osn = '', ori = '', key = '' } = logged;
  return { ...row, history: { operator: osn, receivingAgency: ori, purposeCode: key } };
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
