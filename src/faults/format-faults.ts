import type { FaultRow } from './fault.ts';

/** Faults of the language: what a text can have wrong. */
export const formatFaults = {
  TEXT_EMPTY: { text: 'The text is empty.', kind: 'fault', audience: 'peer' },
} as const satisfies Record<string, FaultRow>;
