/** A scripted gateway that plays the first story: a held YQ, its release, the acknowledgement, the YR, the stopped clock. */
import { createHash } from 'node:crypto';
import type {
  AlarmView,
  CaseRow,
  CaseView,
  ConfirmationClass,
  MessageRow,
  MessageView,
  StatusView,
} from '../../src/console/contract.ts';
import { refusal, type ScriptedGateway, scriptedGateway } from '../console/scripted-gateway.ts';

export const storyStartMs = Date.UTC(2026, 10, 21, 3, 12, 0);

const yqText =
  'YQ.CO0990100.WY0990200.*0000000012.TXT\r\nRTY/WP.RNO/1.PRI/U.OCA/26-000123.NIC/W000000001.\r\nNAM/SAMPLE, PAT.DOB/19800101.\r\nRNA/RECORD, ALEX.RAG/PINE RIDGE COMMUNICATIONS.PHO/3035550142.REM/STOPPED ON ROUTE 7.\r\n';
const noteText =
  'AM.CO0990100.DC0990000.*0000000014.TXT\r\nAGENCY WY0990200 HAS NOT ANSWERED TWO HIT CONFIRMATION REQUESTS\r\nON RECORD W000000001.\r\nREQUEST 3 UNDER REFERENCE 0000000012 WAS SENT TO WY0990200.\r\n';
const yrText =
  'YR.WY0990200.CO0990100.*0000000012.TXT\r\nRTY/WP.OCA/26-000123.NIC/W000000001.\r\nNAM/SAMPLE, PAT.CON/Y.REM/HOLD FOR US.\r\n';

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function statusAt(nowMs: number, more: Partial<StatusView> = {}): StatusView {
  return {
    agency: 'Pine Ridge Police Department',
    ori: 'CO0990100',
    consoleId: 'COJ1',
    isCoj: true,
    practice: true,
    nowMs,
    upstream: { state: 'up', sinceMs: nowMs, text: '' },
    scheduler: { kind: 'in-process', ok: true, text: '' },
    operator: '1001',
    approverPresent: true,
    heldCount: 1,
    openCaseCount: 1,
    openAlarmCount: 0,
    notices: ['Practice clocks are shortened'],
    ...more,
  };
}

export function heldYq(more: Partial<MessageView> = {}): MessageView {
  return {
    id: 'msg-1',
    direction: 'out',
    status: 'HELD',
    stale: false,
    key: 'YQ',
    keyClass: 'confirm',
    peerOri: 'WY0990200',
    reference: '0000000012',
    priority: 'U',
    createdAtMs: storyStartMs,
    updatedAtMs: storyStartMs,
    caseId: 'case-1',
    requester: 'CO099013N',
    alarm: false,
    text: yqText,
    sha256: digest(yqText),
    changes: ['The reference 0000000012 was put in.'],
    effect: 'Asks WY0990200 to confirm its record W000000001; an answer is due in 10 minutes.',
    faults: [],
    timeline: [{ atMs: storyStartMs, what: 'HELD', actor: 'CO099013N', note: 'drafted by a station' }],
    answerIds: [],
    ...more,
  };
}

/** The message to NCIC Quality Control that is approved in the same act as request 3. */
export function qualityNote(text = noteText): { id: string; text: string; sha256: string } {
  return { id: '0000000014', text, sha256: digest(text) };
}

export function askCase(more: Partial<CaseView> = {}): CaseView {
  return {
    id: 'case-1',
    side: 'ask',
    status: 'open',
    phase: 'WAITING FOR APPROVAL',
    peerOri: 'WY0990200',
    nic: 'W000000001',
    priority: 'U',
    requestNumber: 1,
    startedAtMs: null,
    dueAtMs: null,
    stoppedAtMs: null,
    overdue: false,
    createdAtMs: storyStartMs,
    messages: [],
    timeline: [],
    proposal: null,
    check: null,
    sourceDocument: null,
    closedReason: null,
    ...more,
  };
}

export function inboundYr(more: Partial<MessageView> = {}): MessageView {
  return {
    ...heldYq(),
    id: 'msg-2',
    direction: 'in',
    status: 'MATCHED',
    key: 'YR',
    createdAtMs: storyStartMs + 60_000,
    text: yrText,
    sha256: digest(yrText),
    changes: [],
    effect: '',
    verdict: 'CONFIRMED',
    alarm: true,
    ...more,
  };
}

function rowOf(view: MessageView): MessageRow {
  const { text: _text, sha256: _sha256, draftText: _draft, changes: _changes, effect: _effect, ...rest } = view;
  const { faults: _faults, timeline: _timeline, answerIds: _answers, ...row } = rest;
  return row;
}

export interface Story extends ScriptedGateway {
  /** The switch acknowledges the YQ and the other agency answers. */
  answer(): void;
}

/** What the story knows, and how each act changes it. */
class Plot {
  held = heldYq();
  hitCase = askCase({ messages: [rowOf(this.held)] });
  readonly inbound: MessageView[] = [];
  readonly alarms: AlarmView[] = [];
  readonly nowMs = storyStartMs + 60_000;

  status(): StatusView {
    return statusAt(this.nowMs, { heldCount: this.held.status === 'HELD' ? 1 : 0 });
  }

  list(box: string): MessageRow[] {
    if (box === 'inbound') return this.inbound.map(rowOf);
    return (box === 'held') === (this.held.status === 'HELD') ? [rowOf(this.held)] : [];
  }

  show(id: string): MessageView {
    const view = [this.held, ...this.inbound].find((one) => one.id === id);
    if (view === undefined) throw refusal('NOT_FOUND');
    return view;
  }

  cases(): CaseRow[] {
    const { messages: _m, timeline: _t, proposal: _p, check: _c, ...rest } = this.hitCase;
    const { sourceDocument: _s, closedReason: _r, ...row } = rest;
    return [row];
  }

  release(sha256: string, approver: { osn: string; factor: string } | undefined): void {
    if (this.held.operator === undefined) throw refusal('NOT_ACCEPTED');
    if (sha256 !== this.held.sha256) throw refusal('TEXT_CHANGED');
    if (approver?.osn !== '2001' || approver.factor !== 'second') throw refusal('LOGON_REFUSED');
    this.held = { ...this.held, status: 'SENT', approver: '2001' };
    const clock = { phase: 'CLOCK RUNNING', startedAtMs: this.nowMs, dueAtMs: this.nowMs + 600_000 };
    this.hitCase = { ...this.hitCase, ...clock, messages: [rowOf(this.held)] };
  }

  answer(): void {
    this.held = { ...this.held, status: 'ACKED' };
    this.inbound.push(inboundYr());
    this.alarms.push({
      id: 'alarm-1',
      level: 'urgent',
      code: 'YR_RECEIVED',
      text: 'The answer to our hit confirmation request is here: read it and accept its class.',
      atMs: this.nowMs,
      caseId: 'case-1',
    });
    this.hitCase = {
      ...this.hitCase,
      messages: [rowOf(this.held), ...this.inbound.map(rowOf)],
      proposal: { messageId: 'msg-2', proposed: 'confirmed', why: 'CON/Y in an answer with our control field.' },
    };
  }

  classify(as: ConfirmationClass): void {
    const phase = as === 'confirmed' ? 'CONFIRMED' : 'NOT CONFIRMED';
    this.hitCase = { ...this.hitCase, proposal: null, phase, dueAtMs: null, stoppedAtMs: this.nowMs };
  }
}

/** Starts the story: operator 1001 with password `first`, supervisor 2001 with factor `second`. */
export async function storyGateway(): Promise<Story> {
  const plot = new Plot();
  const gateway = await scriptedGateway({
    hello: () => plot.status(),
    language: () => ({ stateProfile: null }),
    status: () => plot.status(),
    logoff: () => ({}),
    logon: ({ osn, password }) => {
      if (osn !== '1001' || password !== 'first') throw refusal('LOGON_REFUSED');
      return { osn: '1001', name: 'RECORD, ALEX', roles: ['operator'] };
    },
    list: ({ box }) => ({ rows: plot.list(box) }),
    show: ({ id }) => plot.show(id),
    cases: () => ({ rows: plot.cases() }),
    case: () => plot.hitCase,
    alarms: () => ({ rows: plot.alarms }),
    silence: () => ({ status: 'SILENCED' }),
    accept: () => {
      plot.held = { ...plot.held, operator: '1001' };
      return { status: 'HELD' };
    },
    release: ({ sha256, approver }) => {
      plot.release(sha256, approver);
      return { status: 'APPROVED' };
    },
    classify: ({ as }) => {
      plot.classify(as);
      return { status: 'open' };
    },
  });
  const answer = (): void => {
    plot.answer();
    gateway.notify('changed', { what: 'message', id: 'msg-1' });
    for (const alarm of plot.alarms) gateway.notify('alarm', alarm);
  };
  return { ...gateway, answer };
}
