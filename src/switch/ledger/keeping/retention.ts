/** How long each class of record is kept. Data; an agency's schedule may only lengthen what a rule asks for. Pure. */

/** One class: a stream of the ledger, the least time a rule asks for, and where the rule stands. */
export interface RetentionRow {
  readonly stream: string;
  readonly what: string;
  /** Days that must be kept at least; undefined means for ever. */
  readonly daysMin: number | undefined;
  readonly source: string;
  readonly provenance: 'verified' | 'state' | 'recalled';
}

const auditCycleDays = 3 * 366;

/** Seeds and policy. Nothing is purged on a default install: an agency must set a figure for a class before it ends. */
export const retentionTable: readonly RetentionRow[] = [
  {
    stream: 'frame',
    what: 'Bytes of every frame',
    daysMin: 366,
    source: 'CJISSECPOL v6.0 AU-11',
    provenance: 'verified',
  },
  {
    stream: 'message',
    what: 'Every message, in and out',
    daysMin: 366,
    source: 'CJISSECPOL v6.0 AU-11',
    provenance: 'verified',
  },
  {
    stream: 'case',
    what: 'Hit confirmation cases',
    daysMin: auditCycleDays,
    source: 'CBI audit cycle of three years',
    provenance: 'state',
  },
  {
    stream: 'deadline',
    what: 'Clocks of cases',
    daysMin: auditCycleDays,
    source: 'CBI audit cycle of three years',
    provenance: 'state',
  },
  {
    stream: 'person',
    what: 'Accounts and acts',
    daysMin: auditCycleDays,
    source: 'CBI audit cycle of three years',
    provenance: 'state',
  },
  {
    stream: 'session',
    what: 'Log-ons, successes and failures',
    daysMin: 366,
    source: 'CJISSECPOL v6.0 AU-2, AU-11',
    provenance: 'verified',
  },
  { stream: 'alarm', what: 'Alarms', daysMin: 366, source: 'CJISSECPOL v6.0 AU-11', provenance: 'verified' },
  {
    stream: 'system',
    what: 'Seals, tombstones, rotations',
    daysMin: undefined,
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
