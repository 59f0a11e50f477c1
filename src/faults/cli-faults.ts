import type { FaultRow } from './fault.ts';

/** Faults of the command line. */
export const cliFaults = {
  FILE_UNREADABLE: { text: 'The file cannot be read.', kind: 'failure', audience: 'person' },
} as const satisfies Record<string, FaultRow>;
