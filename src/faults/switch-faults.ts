import type { FaultRow } from './fault.ts';

/** Refusals and failures of the gateway. */
export const switchFaults = {
  NOT_LOGGED_ON: { text: 'Log on first.', kind: 'refusal', audience: 'person' },
  LOGON_REFUSED: { text: 'The identifier or the password is not right.', kind: 'refusal', audience: 'person' },
  LOGON_LOCKED: {
    text: 'Too many failed attempts; a custodian must release the account at this console.',
    kind: 'refusal',
    audience: 'person',
  },
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
  LEDGER_LOCKED: {
    text: 'Another process has this data folder open.',
    kind: 'failure',
    audience: 'installer',
  },
  LEDGER_KEY_WRONG: {
    text: 'The master key is not the one this ledger was made with.',
    kind: 'failure',
    audience: 'installer',
  },
  LEDGER_BROKEN: { text: 'The ledger does not verify.', kind: 'failure', audience: 'installer' },
  KEY_FILE_UNUSABLE: { text: 'The key file cannot be used.', kind: 'failure', audience: 'installer' },
  CONSOLE_UNKNOWN: { text: 'No console of that name is set up here.', kind: 'refusal', audience: 'installer' },
  CONSOLE_TAKEN: {
    text: 'Somebody is logged on at this console on another connection.',
    kind: 'refusal',
    audience: 'person',
  },
  HELLO_MISSING: { text: 'A screen says hello first.', kind: 'fault', audience: 'peer' },
  TOO_MANY_CALLS: { text: 'Too many calls at once; try again.', kind: 'refusal', audience: 'peer' },
  INTERNAL: {
    text: 'The gateway failed unexpectedly; the log has more under this id.',
    kind: 'failure',
    audience: 'installer',
  },
  OSN_TAKEN: { text: 'There is an account with this OSN.', kind: 'refusal', audience: 'person' },
  OSN_NOT_ALLOWED: {
    text: 'The OSN is not well formed, or belongs to the other of practice and live.',
    kind: 'refusal',
    audience: 'person',
  },
  PASSWORD_WEAK: {
    text: 'A password has at least 8 characters and is not one that is commonly guessed.',
    kind: 'refusal',
    audience: 'person',
  },
  DATA_FOLDER_UNUSABLE: { text: 'The data folder cannot be used.', kind: 'failure', audience: 'installer' },
  REDIS_PROGRAM_MISSING: {
    text: 'Neither redis-server nor valkey-server is on the PATH.',
    kind: 'failure',
    audience: 'installer',
  },
  REDIS_AWAY: { text: 'Redis does not answer.', kind: 'failure', audience: 'installer' },
  REDIS_UNCHECKED: { text: 'Redis does not tell its settings.', kind: 'failure', audience: 'installer' },
  REDIS_HZ_LOW: {
    text: 'Redis looks at its timers too seldom; bells ring late. Set hz to 500.',
    kind: 'failure',
    audience: 'installer',
  },
  REDIS_EVICTS: {
    text: 'Redis may throw bells away when it is full. Set maxmemory-policy to noeviction.',
    kind: 'failure',
    audience: 'installer',
  },
  CONFLICT: { text: 'Another change came first; look again.', kind: 'refusal', audience: 'person' },
  CONFIG_INVALID: { text: 'The configuration is wrong.', kind: 'failure', audience: 'installer' },
} as const satisfies Record<string, FaultRow>;
