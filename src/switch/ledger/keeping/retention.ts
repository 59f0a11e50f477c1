/** How long each class of record is kept. Data; an agency's schedule may only lengthen what a rule asks for. Pure. */

/** One class: a stream of the ledger, the least time a rule asks for, how long it is kept unless an agency says more, and where that stands. */
export interface RetentionRow {
  readonly stream: string;
  readonly what: string;
  /** Days that must be kept at least; undefined means for ever. */
  readonly daysMin: number | undefined;
  /** Days that are kept unless the agency sets another figure. */
  readonly days: number | undefined;
  readonly source: string;
  readonly provenance: 'verified' | 'state' | 'recalled';
}

/** The least that CJISSECPOL AU-11 asks for, in the longest year. */
const yearDays = 366;
/** The State audits every three years and asks for all that lies between two audits. */
const auditCycleDays = 3 * 366;
const auditCycle = 'CJISSECPOL v6.0 AU-11; CBI audit cycle of three years';

/** Seeds and policy. Nothing is purged on a default install: an agency must allow it first. */
export const retentionTable: readonly RetentionRow[] = [
  {
    stream: 'frame',
    what: 'What came and left, frame by frame',
    daysMin: yearDays,
    days: auditCycleDays,
    source: auditCycle,
    provenance: 'verified',
  },
  {
    stream: 'message',
    what: 'Every message, in and out',
    daysMin: yearDays,
    days: auditCycleDays,
    source: auditCycle,
    provenance: 'verified',
  },
  {
    stream: 'iii',
    what: 'Criminal-history log: who asked, for whom, and what was passed on',
    daysMin: yearDays,
    days: auditCycleDays,
    source: `CJIS 5.4 s.5.4.7, a year on all III transactions; ${auditCycle}`,
    provenance: 'verified',
  },
  {
    stream: 'case',
    what: 'Hit confirmation cases',
    daysMin: auditCycleDays,
    days: auditCycleDays,
    source: 'CBI audit cycle of three years',
    provenance: 'state',
  },
  {
    stream: 'deadline',
    what: 'Clocks of cases',
    daysMin: auditCycleDays,
    days: auditCycleDays,
    source: 'CBI audit cycle of three years',
    provenance: 'state',
  },
  {
    stream: 'person',
    what: 'Accounts; what somebody still logs on with is kept as long as he may',
    daysMin: auditCycleDays,
    days: auditCycleDays,
    source: 'CBI audit cycle of three years',
    provenance: 'state',
  },
  {
    stream: 'session',
    what: 'Log-ons, successes and failures',
    daysMin: yearDays,
    days: auditCycleDays,
    source: auditCycle,
    provenance: 'verified',
  },
  {
    stream: 'act',
    what: 'What people did or were refused',
    daysMin: yearDays,
    days: auditCycleDays,
    source: auditCycle,
    provenance: 'verified',
  },
  {
    stream: 'alarm',
    what: 'Alarms',
    daysMin: yearDays,
    days: auditCycleDays,
    source: auditCycle,
    provenance: 'verified',
  },
  {
    stream: 'system',
    what: 'Seals, tombstones, rotations, looks, holds',
    daysMin: undefined,
    days: undefined,
    source: 'the proof itself',
    provenance: 'verified',
  },
];

/** Days a class is kept, by stream; a stream that is not named is kept for ever. */
export type RetentionDays = Readonly<Record<string, number>>;

/** What is wrong with an agency's schedule: each class that ends before its rule allows, or that never may. */
export function retentionFaults(days: RetentionDays): readonly string[] {
  return Object.entries(days).flatMap(([stream, count]) => {
    const row = retentionTable.find((one) => one.stream === stream);
    if (row === undefined) return [`${stream}: there is no such class`];
    if (row.daysMin === undefined) return [`${stream}: is kept for ever`];
    return count >= row.daysMin ? [] : [`${stream}: at least ${row.daysMin} days (${row.source})`];
  });
}

const dayMs = 86_400_000;

/** The moment before which a class has ended; undefined when it is kept for ever or the schedule breaks a rule. */
export function cutoffMs(days: RetentionDays, stream: string, nowMs: number): number | undefined {
  const count = days[stream];
  if (count === undefined || retentionFaults({ [stream]: count }).length > 0) return undefined;
  return nowMs - count * dayMs;
}
