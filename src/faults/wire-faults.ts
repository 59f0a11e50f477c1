import type { FaultRow } from './fault.ts';

/** Faults of the line: what a frame or a session can have wrong. */
export const wireFaults = {
  FRAME_START: { text: 'The bytes do not begin with the start pattern.', kind: 'fault', audience: 'peer' },
} as const satisfies Record<string, FaultRow>;
