import type { FaultRow } from './fault-row.ts';

/** What can be wrong with what the simulated switch is given. */
export const simulatorFaults = {
  SCRIPT_INVALID: { text: 'The script of the simulated switch is wrong.', kind: 'failure', audience: 'installer' },
  HOT_FILES_INVALID: { text: 'The records of the simulated switch are wrong.', kind: 'failure', audience: 'installer' },
  SIMULATOR_CLOSED: { text: 'The simulated switch was closed.', kind: 'failure', audience: 'installer' },
} as const satisfies Record<string, FaultRow>;
