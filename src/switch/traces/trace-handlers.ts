/** What the console contract lets a person do with traces: ask, approve, stop, list, read. */
import { HitlineError } from '../../faults/fault.ts';
import type { ConsoleSession, Handlers, Params } from '../doors/console-calls.ts';
import { requireRole } from '../doors/console-roles.ts';
import { decrypt } from '../ledger/cipher.ts';
import type { Parts } from '../parts.ts';
import type { People } from '../people/people.ts';
import { goneAtMs } from './trace.ts';
import type { TraceAct, TraceDesk } from './trace-desk.ts';
import { boundRecord, readSealed, type TraceKey } from './trace-folder.ts';

type TraceMethod = 'traceStart' | 'traceApprove' | 'traceStop' | 'traces' | 'traceRead' | 'tracePart';

export interface TraceHandlerPorts {
  readonly parts: Parts;
  readonly people: People;
  readonly traces: TraceDesk;
}

/** Sealed bytes that go in one answer: in base64 below the largest frame, the last record included. */
const partBytes = 393_216;
/** Readings that are under way at most, and how long each may take. */
const readingsMax = 4;
const readingMs = 300_000;

interface Reading {
  readonly osn: string;
  readonly id: string;
  readonly key: TraceKey;
  readonly file: string;
  readonly untilMonoMs: number;
  next: number;
  place: number;
}

/** Made once for a gateway. */
export function traceHandlers(ports: TraceHandlerPorts): Pick<Handlers, TraceMethod> {
  const { traces } = ports;
  return {
    async traceStart({ of, raw, minutes, reason }, session) {
      const osn = requireRole(session, 'supervisor', 'custodian');
      const { id, state } = await traces.ask({ of, raw, durationMs: minutes * 60_000 }, { osn, reason });
      return { id, status: state.status };
    },
    async traceApprove(params, session) {
      const state = await traces.approve(params.id, await approverOf(ports, session, params));
      return { status: state.status };
    },
    async traceStop({ id, reason }, session) {
      const osn = requireRole(session, 'supervisor', 'custodian');
      return { status: (await traces.stop(id, { osn, reason })).status };
    },
    async traces(_params, session) {
      requireRole(session, 'supervisor', 'custodian', 'auditor');
      return {
        rows: traces.list().map((one) => ({
          id: one.id,
          status: one.status,
          of: one.of,
          raw: one.raw,
          askedBy: one.askedBy,
          approvedBy: one.approvedBy,
          startedAtMs: one.startedAtMs,
          goneAtMs: goneAtMs(one) ?? null,
        })),
      };
    },
    ...readHandlers(ports),
  };
}

/** Who approves: the person logged on at his own console, or, over a shoulder, whoever gives a fresh factor for this one act. */
async function approverOf(
  { people }: TraceHandlerPorts,
  session: ConsoleSession,
  { reason, approver }: Params<'traceApprove'>,
): Promise<TraceAct> {
  if (approver === undefined) return { osn: requireRole(session, 'supervisor', 'custodian'), reason };
  const overShoulderOf = requireRole(session, 'operator', 'supervisor', 'custodian');
  const verified = await people.verify(approver.osn, approver.factor, { device: session.consoleId, use: 'act' });
  if (!verified.ok) throw new HitlineError(verified.code);
  const { osn, roles } = verified.person;
  if (!roles.some((role) => role === 'supervisor' || role === 'custodian')) throw new HitlineError('ROLE_MISSING');
  return { osn, reason, overShoulderOf };
}

function readHandlers({ parts, traces }: TraceHandlerPorts): Pick<Handlers, 'traceRead' | 'tracePart'> {
  const readings = new Map<string, Reading>();
  /** Drops what nobody went on with in time, and the oldest when there is no room for one more. */
  const sweep = (roomFor: number): void => {
    for (const [readId, { untilMonoMs }] of readings) {
      const isOld = untilMonoMs <= parts.clock.monoMs();
      if (isOld || readings.size > readingsMax - roomFor) readings.delete(readId);
    }
  };
  return {
    async traceRead({ id, reason }, session) {
      const osn = requireRole(session, 'supervisor', 'custodian', 'auditor');
      const opened = await traces.open(id, { osn, reason });
      sweep(1);
      const readId = parts.ids.next('reading');
      const untilMonoMs = parts.clock.monoMs() + readingMs;
      readings.set(readId, { ...opened, osn, id, untilMonoMs, next: 0, place: 0 });
      return { readId };
    },
    async tracePart({ readId }, session) {
      const osn = requireRole(session, 'supervisor', 'custodian', 'auditor');
      sweep(0);
      const reading = readings.get(readId);
      if (reading?.osn !== osn || !traces.isThere(reading.id)) throw new HitlineError('NOT_FOUND');
      const clear = readOn(traces, reading);
      if (clear.length === 0) readings.delete(readId);
      return { base64: clear.toString('base64') };
    },
  };
}

/** The next part in clear; empty at the end. Faults: NOT_FOUND, TRACE_UNREADABLE. */
function readOn(traces: TraceDesk, reading: Reading): Buffer {
  const part = readSealed(reading.file, reading.next, partBytes);
  if (part === undefined) throw new HitlineError('NOT_FOUND');
  const clear = part.records.map((record, index) => {
    const bound = boundRecord(traces.folder, reading.key, reading.place + index);
    const text = decrypt(reading.key.key, record, bound);
    if (text === undefined) throw new HitlineError('TRACE_UNREADABLE');
    return text;
  });
  reading.next = part.next;
  reading.place += part.records.length;
  return Buffer.concat(clear);
}
