import type { FaultRow } from './fault-row.ts';

/** Faults of the command line. */
export const cliFaults = {
  FILE_UNREADABLE: { text: 'The file cannot be read.', kind: 'failure', audience: 'person' },
  FILE_UNWRITABLE: { text: 'The file cannot be written.', kind: 'failure', audience: 'person' },
  INPUT_TOO_LONG: { text: 'The input is longer than this command takes.', kind: 'fault', audience: 'person' },
  INPUT_NOT_UTF8: { text: 'The text is not UTF-8.', kind: 'fault', audience: 'person' },
  INPUT_NOT_JSON: { text: 'The input is not JSON.', kind: 'fault', audience: 'person' },
  INPUT_SHAPE: {
    text: 'The JSON does not have the shape this command takes.',
    kind: 'fault',
    audience: 'person',
  },
} as const satisfies Record<string, FaultRow>;
