/**
 * Alarms: filed like everything else, shown on every screen until a person silences them. Each alarm stands alone; they
 * are never merged, because a hit beside a confirmation must not fall silent.
 */
import type { Change, Machine, Stepped } from '../change.ts';
import type { JsonObject } from '../ledger/ledger.ts';

/** Every alarm there is: how loud, and the sentence a screen shows. */
export const alarmTable = {
  YQ_RECEIVED_URGENT: { level: 'urgent', text: 'URGENT hit confirmation request received: 10 minutes to answer.' },
  YQ_RECEIVED_ROUTINE: { level: 'warning', text: 'Hit confirmation request received: 1 hour to answer.' },
  YQ_REPEATED: {
    level: 'urgent',
    text: 'A second or third request: the answer is OVERDUE, and the State may cancel the record.',
  },
  YQ_AGAIN: { level: 'warning', text: 'The same hit confirmation request came once more; its clock runs on.' },
  YQ_RAISED: {
    level: 'urgent',
    text: 'A routine hit confirmation request came again as URGENT: 10 minutes to answer from now, unless it was due sooner.',
  },
  YQ_UNDERSTOOD_BY_NAME: {
    level: 'urgent',
    text: 'READ IT: a message names our ORI and a record; it was taken for a request, and its clock runs.',
  },
  CASE_UNREADABLE: {
    level: 'urgent',
    text: 'READ IT: a message about one of our records did not parse; a case was opened.',
  },
  YR_RECEIVED: {
    level: 'urgent',
    text: 'The answer to our hit confirmation request is here: read it and accept its class.',
  },
  YR_TAKEN: {
    level: 'urgent',
    text: "The answer to our hit confirmation request is here; its class was taken by the State's verified code map. Read it.",
  },
  YR_WITHOUT_CONTROL: {
    level: 'urgent',
    text: 'An answer without our control field may belong to this case: read it and link it.',
  },
  YR_UNMATCHED: { level: 'urgent', text: 'A hit confirmation answer belongs to no open case of ours: read it.' },
  CONTRADICTION: {
    level: 'urgent',
    text: 'An answer with our reference contradicts its question; it was put in quarantine and stops nothing.',
  },
  POSSIBLE_HIT: { level: 'urgent', text: 'POSSIBLE HIT - UNCONFIRMED: read the reply.' },
  HIT_WITH_CAVEAT: {
    level: 'urgent',
    text: 'POSSIBLE HIT - UNCONFIRMED - CAVEAT AGAINST ARREST: entered as a want, but its words speak against arrest. Read them first.',
  },
  HIT_NOT_A_WANT: {
    level: 'warning',
    text: 'POSSIBLE HIT - UNCONFIRMED - NOT A WANT: a record on which nobody is arrested. Read the reply.',
  },
  READ_IT: { level: 'warning', text: 'READ IT: a message from the switch needs a person to read it.' },
  REJECTED_BY_SWITCH: { level: 'urgent', text: 'The switch or NCIC rejected a message of ours.' },
  NOT_DELIVERED: {
    level: 'urgent',
    text: 'Our hit confirmation request was NOT delivered: telephone the agency. The clock runs on.',
  },
  FORWARD_LATER: {
    level: 'warning',
    text: 'The other agency is out of service; Nlets will forward. The clock runs on.',
  },
  ANSWER_NOT_DELIVERED: {
    level: 'urgent',
    text: 'Our hit confirmation answer did NOT arrive; the case is open again at its original time.',
  },
  COPY_NOT_DELIVERED: {
    level: 'warning',
    text: 'A copy of our hit confirmation request was not delivered; the agency itself has it. The clock runs on.',
  },
  TELEPHONE_DUE: {
    level: 'urgent',
    text: 'The time is over and nobody has recorded a telephone contact with the agency: telephone now.',
  },
  TIME_TOO_LATE: {
    level: 'urgent',
    text: 'The agency named a time later than the priority allows: a supervisor must look at it.',
  },
  REQUESTER_GONE: {
    level: 'urgent',
    text: 'The station that asked is set up no more: tell whoever asked what became of the message.',
  },
  STATION_REFUSES: {
    level: 'urgent',
    text: 'A station refuses what it is owed: reach it by other means. It is offered again when it reconnects.',
  },
  SENT_AGAIN: {
    level: 'notice',
    text: 'A station sent a message again that is on file already: it was joined to the first and not taken twice.',
  },
  SAME_TEXT: {
    level: 'warning',
    text: 'POSSIBLE DUPLICATE: the station sent the same bytes a short while ago. Look at both before one is released.',
  },
  RAW_TRACE: {
    level: 'warning',
    text: 'A RAW TRACE of a line was started by two people: what is said on it is recorded, sealed, for 24 hours at most.',
  },
  UNSORTED: {
    level: 'urgent',
    text: 'READ IT: the gateway could not sort a message from the switch; it is on file as it came.',
  },
  QUALITY_CONTROL_UNKNOWN: {
    level: 'urgent',
    text: 'Request 3 is drafted, but NCIC Quality Control is not in the address table: tell it by other means.',
  },
  CANNOT_LEAVE: {
    level: 'urgent',
    text: 'The line cannot carry a message: it is too long, or holds a character the line keeps for itself.',
  },
  NAKED: { level: 'urgent', text: 'The switch refused a message of ours.' },
  IN_DOUBT: {
    level: 'urgent',
    text: 'A message may or may not have been sent: a person must decide. Nothing is sent again by itself.',
  },
  NO_ANSWER: { level: 'warning', text: 'An inquiry was not answered by every source in time.' },
  REGION_ENDED: {
    level: 'warning',
    text: 'The wait for the answers of a region is over: how many were to come is not known. Read each that came.',
  },
  HELD: { level: 'warning', text: 'A message waits for the operator and a supervisor.' },
  HELD_URGENT: { level: 'urgent', text: 'An URGENT message waits for the operator and a supervisor.' },
  APPROVAL_LATE: { level: 'urgent', text: 'A held message has waited too long for approval.' },
  STALE: {
    level: 'urgent',
    text: 'A released message did not leave in time; it is HELD - STALE and must be released again.',
  },
  EXPIRED: { level: 'warning', text: 'A message expired without leaving.' },
  CLOCK_HALF: { level: 'urgent', text: 'Half of the time to answer a hit confirmation is gone.' },
  CLOCK_LATE: { level: 'urgent', text: 'Four fifths of the time to answer a hit confirmation is gone.' },
  ANSWER_OVERDUE: { level: 'urgent', text: 'OVERDUE: our answer to a hit confirmation request is late.' },
  REQUEST_LAPSED: {
    level: 'urgent',
    text: 'No answer in time: the next request stands drafted and held. Nothing was sent.',
  },
  NO_ANSWER_LEFT: { level: 'urgent', text: 'No answer after the last request: act, and close the case with a reason.' },
  FOLLOW_UP: { level: 'warning', text: 'A hit confirmation case is still open: act on it or close it with a reason.' },
  NO_APPROVER: { level: 'warning', text: 'NO APPROVER: no supervisor can release what is held.' },
  NO_OPERATOR: { level: 'urgent', text: 'NO OPERATOR at the COJ.' },
  STATION_SILENT: {
    level: 'warning',
    text: 'A station fell silent or takes nothing any more; its link was closed. What it is owed waits for it.',
  },
  STATION_LINKS_FULL: {
    level: 'warning',
    text: 'A station is turned away: it has as many connections open as one may have. Those it has stay.',
  },
  STATIONS_FULL: {
    level: 'urgent',
    text: 'The door of the stations is full: connections are turned away, and a station may be unable to come in.',
  },
  OUT_GAP: {
    level: 'warning',
    text: 'The switch counts what it sends to us, and numbers are left out: messages may be missing. The message says which.',
  },
  UPSTREAM_DOWN: { level: 'urgent', text: 'The line to the State switch is down.' },
  CLOCK_STEPPED: { level: 'warning', text: 'The clock of this machine stepped; no deadline was moved.' },
  LEDGER_SPACE_LOW: { level: 'warning', text: 'The disk of the ledger will be full within 30 days: make room.' },
  LEDGER_FULL: {
    level: 'urgent',
    text: 'The disk of the ledger is full up to what is kept back: only YQ, YR and messages of open cases are taken.',
  },
  LEDGER_DOUBTED: {
    level: 'urgent',
    text: 'The ledger LACKS ROWS that its second place knows of, or that place was changed. What comes is filed: tell the custodian, who runs "hitline ledger verify".',
  },
  SECOND_PLACE_FAILED: {
    level: 'warning',
    text: 'The second place of the ledger cannot be written: rows that are taken away could be missed. The ledger itself goes on.',
  },
  LEDGER_FAILED: {
    level: 'urgent',
    text: 'The ledger cannot write: nothing is taken and nothing is sent until it can.',
  },
} as const satisfies Record<string, { readonly level: 'notice' | 'warning' | 'urgent'; readonly text: string }>;

export type AlarmCode = keyof typeof alarmTable;

export interface AlarmState extends JsonObject {
  readonly status: 'RAISED' | 'SILENCED';
  readonly code: AlarmCode;
  readonly messageId: string | null;
  readonly caseId: string | null;
  /** The station it is about, where it is about one. */
  readonly stationId?: string | null;
  readonly atMs: number;
}

export type AlarmEvent =
  | {
      readonly type: 'RAISED';
      readonly code: AlarmCode;
      readonly messageId: string | null;
      readonly caseId: string | null;
      readonly stationId?: string | null;
    }
  | { readonly type: 'SILENCED' };

/** The machine of alarms. */
export const alarmMachine: Machine<AlarmState, AlarmEvent> = {
  stream: 'alarm',
  step(state, event, { now, id }): Stepped<AlarmState> {
    if (event.type === 'RAISED') {
      const raised: AlarmState = {
        status: 'RAISED',
        code: event.code,
        messageId: event.messageId,
        caseId: event.caseId,
        stationId: event.stationId ?? null,
        atMs: now.atMs,
      };
      return { ok: true, state: raised, effects: [{ do: 'alarm', id, alarm: raised }] };
    }
    if (state?.status !== 'RAISED') return { ok: false, code: 'ALREADY_DONE' };
    return { ok: true, state: { ...state, status: 'SILENCED' }, effects: [{ do: 'changed', what: 'alarm', id }] };
  },
  row: (state) => ({
    status: state.status,
    key: state.code,
    ...(state.caseId === null ? {} : { parent: state.caseId }),
    body: state,
  }),
};

/** Files an alarm in the same unit as what caused it. */
export async function raise(
  change: Change,
  code: AlarmCode,
  about: {
    readonly alarmId: string;
    readonly messageId?: string | null;
    readonly caseId?: string | null;
    readonly stationId?: string;
  },
): Promise<void> {
  const { alarmId, messageId = null, caseId = null, stationId } = about;
  const station = stationId === undefined ? {} : { stationId };
  await change.begin(alarmMachine, alarmId, {
    event: { type: 'RAISED', code, messageId, caseId, ...station },
    actor: 'system',
  });
}
