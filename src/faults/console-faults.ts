import type { FaultRow } from './fault-row.ts';

/** What goes wrong between a screen and its gateway. */
export const consoleFaults = {
  CONSOLE_DISCONNECTED: {
    text: 'The gateway is not connected; nothing was sent.',
    kind: 'failure',
    audience: 'person',
  },
  CONSOLE_LOST: {
    text: 'The connection was lost before the gateway answered: look whether it was done before doing it again.',
    kind: 'failure',
    audience: 'person',
  },
  CONSOLE_TIMEOUT: {
    text: 'The gateway did not answer in time: look whether it was done before doing it again.',
    kind: 'failure',
    audience: 'person',
  },
  CONSOLE_REPLY_BAD: {
    text: 'The answer of the gateway does not have the shape agreed on.',
    kind: 'failure',
    audience: 'installer',
  },
  CONSOLE_URL_REFUSED: {
    text: 'The address must be wss://, or ws:// on a loopback address.',
    kind: 'refusal',
    audience: 'installer',
  },
  CONSOLE_REQUEST_BAD: {
    text: 'What was typed does not have the shape this takes.',
    kind: 'fault',
    audience: 'person',
  },
  NOT_A_TERMINAL: {
    text: 'The screen needs a terminal: run it at one, not through a pipe.',
    kind: 'failure',
    audience: 'person',
  },
} as const satisfies Record<string, FaultRow>;
