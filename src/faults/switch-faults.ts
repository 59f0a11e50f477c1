import type { FaultRow } from './fault.ts';

/** Refusals and failures of the gateway. */
export const switchFaults = {
  NOT_LOGGED_ON: { text: 'Log on first.', kind: 'refusal', audience: 'person' },
  LOGON_REFUSED: { text: 'The identifier or the password is not right.', kind: 'refusal', audience: 'person' },
  LOGON_LOCKED: { text: 'Too many failed attempts; wait and try again.', kind: 'refusal', audience: 'person' },
  ROLE_MISSING: { text: 'Your role does not allow this.', kind: 'refusal', audience: 'person' },
  NOT_FOUND: { text: 'There is no such record.', kind: 'refusal', audience: 'person' },
  NOT_AT_COJ: { text: 'Only the designated COJ console may do this.', kind: 'refusal', audience: 'person' },
  NOT_ACCEPTED: { text: 'An operator at the COJ must accept it first.', kind: 'refusal', audience: 'person' },
  SAME_PERSON: {
    text: 'The approver may not have requested, drafted, edited or accepted the message.',
    kind: 'refusal',
    audience: 'person',
  },
  TEXT_CHANGED: { text: 'The text is not the one that was shown; read it again.', kind: 'refusal', audience: 'person' },
  ALREADY_DONE: {
    text: 'Somebody has done this already, or the record has moved on.',
    kind: 'refusal',
    audience: 'person',
  },
  BAD_REQUEST: { text: 'The request does not have the shape this method takes.', kind: 'fault', audience: 'peer' },
  METHOD_UNKNOWN: { text: 'There is no such method.', kind: 'fault', audience: 'peer' },
  STATION_UNKNOWN: {
    text: 'No station is set up for this address or certificate.',
    kind: 'refusal',
    audience: 'installer',
  },
  ORI_NOT_ALLOWED: { text: 'This station may not use that ORI.', kind: 'refusal', audience: 'peer' },
  KEY_NOT_ALLOWED: { text: 'This station may not send that message key.', kind: 'refusal', audience: 'peer' },
  DESTINATION_MISSING: { text: 'The message names no destination.', kind: 'fault', audience: 'peer' },
  SOURCE_CHECK_MISSING: {
    text: 'A confirmation can be drafted only after the source document was checked and the check recorded.',
    kind: 'refusal',
    audience: 'person',
  },
  QUEUE_FULL: { text: 'The gateway is full; nothing was taken. Try again.', kind: 'refusal', audience: 'peer' },
  LEDGER_FAILED: {
    text: 'The ledger could not keep the record; nothing was done.',
    kind: 'failure',
    audience: 'installer',
  },
  CONFLICT: { text: 'Another change came first; look again.', kind: 'refusal', audience: 'person' },
  CONFIG_INVALID: { text: 'The configuration is wrong.', kind: 'failure', audience: 'installer' },
} as const satisfies Record<string, FaultRow>;
