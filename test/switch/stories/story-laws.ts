/**
 * What must be true of the rooms at every moment of every story, beside the laws that scenarios check: which clocks run for
 * what, who had a part in what left, and what a screen may say of it.
 */
import { type CaseState, caseMachine } from '../../../src/switch/cases/case.ts';
import { foldHistory } from '../../../src/switch/change.ts';
import { deadlineMachine } from '../../../src/switch/deadlines/deadline.ts';
import { inboundMachine } from '../../../src/switch/intake/inbound-message.ts';
import type { StoredEvent, StoredState } from '../../../src/switch/ledger/ledger.ts';
import {
  attemptsMax,
  isUnheld,
  type OutboundState,
  outboundMachine,
} from '../../../src/switch/outbound/outbound-message.ts';
import { messageRowOf } from '../../../src/switch/records/views.ts';
import { brokenLaws } from '../../scenarios/laws/laws.ts';
import type { Rooms } from '../rooms.ts';

interface Seen {
  readonly rooms: Rooms;
  readonly messages: readonly StoredState[];
  readonly cases: readonly { readonly id: string; readonly state: CaseState }[];
  /** The due time of each armed deadline, by its id. */
  readonly armed: ReadonlyMap<string, number>;
}

type Law = (seen: Seen) => readonly string[] | Promise<readonly string[]>;

const outboundOf = ({ messages }: Seen): readonly { readonly id: string; readonly state: OutboundState }[] =>
  messages
    .map((row) => ({ id: row.id, state: row.body as OutboundState }))
    .filter(({ state }) => state.direction === 'out');

/** Nothing that waits, waits without an end; and what has ended has no clock left. */
const everyWaitEnds: Law = (seen) =>
  outboundOf(seen).flatMap(({ id, state }) => {
    const has = (kind: string): boolean => seen.armed.has(`${id}.${kind}`);
    const missing = state.expects.some((one) => !state.answered.includes(one));
    const broken: string[] = [];
    const must = (kind: string, is: boolean): void => {
      if (is && !has(kind)) broken.push(`${id} is ${state.status} and has no ${kind}`);
    };
    const unheld = isUnheld(state.keyClass);
    must('approval', state.status === 'HELD');
    must('hold-expiry', state.status === 'QUEUED' && unheld);
    must('release-limit', state.status === 'QUEUED' && !unheld);
    must('hold-expiry', state.status === 'IN_DOUBT' && unheld && state.attempts < attemptsMax);
    must('answer-wait', ['SENT', 'ACKED'].includes(state.status) && missing && state.key !== 'YQ');
    const over = ['REFUSED', 'WITHDRAWN', 'EXPIRED', 'ANSWERED', 'NAKED'].includes(state.status);
    for (const kind of ['approval', 'hold-expiry', 'release-limit', 'answer-wait'])
      if (over && has(kind)) broken.push(`${id} is ${state.status} and still has ${kind}`);
    return broken;
  });

/** A running clock of ours is armed at the time the screen shows, and so is one of theirs until it is overdue. */
const clocksAreArmed: Law = ({ cases, armed }) =>
  cases.flatMap(({ id, state }) => {
    if (state.status === 'closed') return [];
    const at = (kind: string): number | undefined => armed.get(`${id}.${kind}`);
    if (state.side === 'answer') {
      const due = at('answer') ?? at('follow-up');
      if (due === undefined) return [`their case ${id} has no clock of its own`];
      const isOver = state.overdue || state.stoppedAtMs !== null;
      return !isOver && at('answer') !== state.dueAtMs ? [`their case ${id} shows another time than is armed`] : [];
    }
    const running = state.startedAtMs !== null && state.stoppedAtMs === null && state.dueAtMs !== null;
    if (!running || state.overdue) return [];
    // The telephone clock goes on, time after time, until somebody has telephoned.
    const isArmed = at('telephone') !== undefined || at('confirm') === state.dueAtMs;
    return isArmed ? [] : [`our case ${id} shows a clock that is not armed`];
  });

/** What stopped a clock is what the screen says, until something newer is to be read. */
const stopIsShown: Law = ({ cases }) =>
  cases.flatMap(({ id, state }) => {
    const isNegative = state.side === 'ask' && state.stoppedAtMs !== null && state.outcome === 'not-confirmed';
    const says = state.proposal !== null || state.status === 'closed' || state.phase.includes('DO NOT ACT');
    return isNegative && !says ? [`case ${id} was not confirmed and says: ${state.phase}`] : [];
  });

/** Nothing waits to leave for a case that is over; one answer of ours at a time. */
const casesHoldNothingOver: Law = (seen) =>
  seen.cases.flatMap(({ id, state }) => {
    const waiting = outboundOf(seen).filter(
      (one) => one.state.caseId === id && ['HELD', 'QUEUED'].includes(one.state.status),
    );
    const isOver = state.status === 'closed' && waiting.some((one) => ['YQ', 'YR'].includes(one.state.key));
    const answers = waiting.filter((one) => one.state.key === 'YR');
    return [
      ...(isOver ? [`closed case ${id} still has a message that waits`] : []),
      ...(answers.length > 1 ? [`case ${id} has two answers that wait`] : []),
      ...(answers.some((one) => one.id !== state.answerId) && state.status === 'open'
        ? [`case ${id} does not know of its answer`]
        : []),
    ];
  });

/** NO RECORD is shown only when each source that was asked has said it and nobody anything else. */
const noRecordIsWhole: Law = (seen) =>
  outboundOf(seen).flatMap(({ id, state }) => {
    const row = seen.messages.find((one) => one.id === id);
    if (row === undefined || messageRowOf(row).verdict !== 'NO RECORD') return [];
    const isWhole = state.expects.every((one) => state.answered.includes(one));
    const answers = state.answerIds.map((one) => seen.messages.find((other) => other.id === one)?.body['verdict']);
    const saidSo = state.expects.length > 0 && answers.filter((one) => one !== 'NO RECORD').length === 0;
    return isWhole && saidSo ? [] : [`${id} shows NO RECORD and ${JSON.stringify(answers)} was said`];
  });

/** Law 1, from the events alone: who let it go had no other part in it, and what it confirms had been looked at. */
const approvedByAnother: Law = async (seen) => {
  const broken: string[] = [];
  for (const { id, state } of outboundOf(seen)) {
    if (isUnheld(state.keyClass) || state.attempts === 0) continue;
    const history = await seen.rooms.ledger.history('message', id);
    for (const [at, event] of history.entries()) {
      if (event.type !== 'SENT') continue;
      const before = history.slice(0, at);
      const approver = before.findLast(isWord)?.actor;
      const operator = before.findLast((one) => one.type === 'ACCEPTED')?.actor;
      const had = [state.requester, operator, ...state.drafters];
      if (approver === undefined || operator === undefined || had.includes(approver))
        broken.push(`law 1: ${id} was let go by one who had a part in it, or by nobody`);
      if (state.answersAs === 'confirmed' && !(await bornOut(seen.rooms, state.caseId, event)))
        broken.push(`${id} confirms what no look at the document bears out`);
    }
  }
  return broken;
};

const isWord = (one: StoredEvent): boolean =>
  one.type === 'RELEASED' || (one.type === 'RESOLVED' && one.data['decision'] === 'send-again');

async function bornOut({ ledger }: Rooms, caseId: string | null, sent: StoredEvent): Promise<boolean> {
  const looks = (await ledger.history('case', caseId ?? '')).filter(
    (one) => one.type === 'CHECKED' && one.seq < sent.seq,
  );
  const last = looks.at(-1);
  const text = last === undefined ? undefined : await ledger.text(last, 'check');
  const look = text === undefined ? undefined : JSON.parse(Buffer.from(text).toString('utf8'));
  return look?.identityAgrees === true && look.stillOutstanding === true;
}

/** The count of requests of a case never goes back. */
const requestsCountOn: Law = async ({ rooms, cases }) => {
  const broken: string[] = [];
  for (const { id, state } of cases) {
    if (state.side !== 'ask') continue;
    let last = 0;
    for (const event of await rooms.ledger.history('case', id)) {
      if (event.type !== 'NEXT_DRAFTED') continue;
      const drafted = Number(event.data['requestNumber']);
      if (drafted <= last) broken.push(`case ${id} drafted request ${drafted} after ${last}`);
      last = drafted;
    }
  }
  return broken;
};

/** Every row says what its events say. */
const rowsAreFolded: Law = async ({ rooms, messages }) => {
  const { ledger } = rooms;
  const broken: string[] = [];
  const deadlines = await ledger.states({ stream: 'deadline', limit: 5_000 });
  const cases = await ledger.states({ stream: 'case', limit: 5_000 });
  for (const row of [...messages, ...deadlines, ...cases]) {
    const isOut = row.body['direction'] === 'out';
    const folded =
      row.stream === 'message'
        ? isOut
          ? await foldHistory(ledger, outboundMachine, row.id)
          : await foldHistory(ledger, inboundMachine, row.id)
        : row.stream === 'case'
          ? await foldHistory(ledger, caseMachine, row.id)
          : await foldHistory(ledger, deadlineMachine, row.id);
    if (JSON.stringify(folded?.state) !== JSON.stringify(row.body)) broken.push(`${row.stream} ${row.id} is no fold`);
  }
  return broken;
};

const laws: readonly Law[] = [
  everyWaitEnds,
  clocksAreArmed,
  stopIsShown,
  casesHoldNothingOver,
  noRecordIsWhole,
  approvedByAnother,
  requestsCountOn,
];

async function look(rooms: Rooms): Promise<Seen> {
  const messages = await rooms.ledger.states({ stream: 'message', order: 'oldest', limit: 5_000 });
  const rows = await rooms.ledger.states({ stream: 'deadline', status: ['ARMED'], limit: 5_000 });
  const armed = new Map(rows.map((row) => [row.id, row.dueAtMs ?? 0]));
  return { rooms, messages, cases: await rooms.cases(), armed };
}

/** Every law that does not hold now. */
export async function brokenNow(rooms: Rooms): Promise<readonly string[]> {
  const seen = await look(rooms);
  const broken: string[] = [];
  for (const law of laws) broken.push(...(await law(seen)));
  return broken;
}

/** At the end of a story, what takes longer to look at. */
export async function brokenAtTheEnd(rooms: Rooms): Promise<readonly string[]> {
  const shared = await brokenLaws({ ledger: rooms.ledger, simulatorEvents: [], paths: [], secrets: [] });
  return [...shared, ...(await rowsAreFolded(await look(rooms)))];
}
