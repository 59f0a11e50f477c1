/**
 * The contract between the gateway and every screen: JSON-RPC 2.0 over a WebSocket, one zod schema each for what a
 * method takes and gives. The terminal, the practice system and any later web page speak exactly this.
 */
import { z } from 'zod';
import { stateProfile } from '../formats/states/state-profile.ts';
import {
  done,
  frameView,
  idText,
  iiiRow,
  ledgerMethods,
  millis,
  sealedSubject,
  shoulder,
  stampsView,
  why,
} from './ledger-contract.ts';
import { traceMethods } from './trace-contract.ts';

export type { FrameView, IiiRow, SealedSubject } from './ledger-contract.ts';

const shortText = z.string().max(2_000);
const code = z.string().min(1).max(64);

/** A fault or warning as a screen shows it. */
export const faultView = z.object({
  code,
  field: z.string().optional(),
  offset: z.number().optional(),
  text: z.string(),
});

export const roleName = z.enum(['operator', 'supervisor', 'auditor', 'custodian']);
export type RoleName = z.infer<typeof roleName>;

export const personView = z.object({ osn: z.string(), name: z.string(), roles: z.array(roleName) });
export type PersonView = z.infer<typeof personView>;

/** Everything the status line says. */
export const statusView = z.object({
  agency: z.string(),
  ori: z.string(),
  consoleId: z.string(),
  /** True when this console is the one designated to send. */
  isCoj: z.boolean(),
  practice: z.boolean(),
  nowMs: millis,
  upstream: z.object({ state: z.enum(['up', 'connecting', 'down']), sinceMs: millis, text: z.string() }),
  scheduler: z.object({ kind: z.enum(['in-process', 'bullmq']), ok: z.boolean(), text: z.string() }),
  /** OSN of the operator at the COJ, when one is logged on there. */
  operator: z.string().nullable(),
  /** True while somebody who may approve can be reached: a supervisor's account exists that is not the operator's. */
  approverPresent: z.boolean(),
  heldCount: z.number(),
  openCaseCount: z.number(),
  openAlarmCount: z.number(),
  /** Sentences such as NO APPROVER, NO OPERATOR, LEDGER FAILED, clocks shortened for practice. */
  notices: z.array(z.string()),
});
export type StatusView = z.infer<typeof statusView>;

export const direction = z.enum(['out', 'in']);

/** One line of a list. */
export const messageRow = z.object({
  id: idText,
  direction,
  status: z.string(),
  stale: z.boolean(),
  key: z.string(),
  keyClass: z.string(),
  /** The ORI at the other end: the first destination of ours, the sender of theirs. */
  peerOri: z.string(),
  reference: z.string().optional(),
  priority: z.enum(['U', 'R']).optional(),
  createdAtMs: millis,
  updatedAtMs: millis,
  caseId: idText.optional(),
  requester: z.string().optional(),
  operator: z.string().optional(),
  approver: z.string().optional(),
  /** POSSIBLE HIT – UNCONFIRMED, NO RECORD, READ IT, WAITING FOR NCIC … */
  verdict: z.string().optional(),
  reason: z.string().optional(),
  alarm: z.boolean(),
  /** Its subject is sealed; only a custodian ever sees such a row. */
  sealed: z.boolean().optional(),
  /** Of a criminal-history request, in a search: what stands in clear in its log. */
  history: z.object({ operator: z.string(), receivingAgency: z.string(), purposeCode: z.string() }).optional(),
});
export type MessageRow = z.infer<typeof messageRow>;

export const timelineItem = z.object({ atMs: millis, what: z.string(), actor: z.string(), note: z.string() });
export type TimelineItem = z.infer<typeof timelineItem>;

export const messageView = messageRow.extend({
  /** The exact text that will leave, left or came; control characters as they are (a screen paints them as pictures). */
  text: z.string(),
  /** SHA-256 of the UTF-8 bytes of `text`, lower-case hex; release carries it back. */
  sha256: z.string(),
  /** What the requester sent, when it differs. */
  draftText: z.string().optional(),
  /** What changed since the draft, a sentence each. */
  changes: z.array(z.string()),
  /** What sending it will do, one sentence. */
  effect: z.string(),
  faults: z.array(faultView),
  timeline: z.array(timelineItem),
  answerIds: z.array(idText),
  /** What goes with it and is approved in the same act: shown with it, and named in `also` of its release. */
  companions: z.array(z.object({ id: idText, text: z.string(), sha256: z.string() })).optional(),
  /** Where it comes from and goes to, as its header names them. */
  ori: z.string().optional(),
  destinations: z.array(z.string()).optional(),
  /** Their control field. */
  control: z.string().optional(),
  /** The network's own times and numbers. */
  stamps: stampsView.optional(),
  frames: z.array(frameView).optional(),
  /** The rows of the criminal-history log: its own, or those of the request it answers. */
  iii: z.array(iiiRow).optional(),
});
export type MessageView = z.infer<typeof messageView>;

/** What a YR says, as a person accepts it. */
export const confirmationClass = z.enum([
  'confirmed',
  'not-confirmed',
  'time-named',
  'in-process',
  'valid-extradition-open',
  'unclear',
]);
export type ConfirmationClass = z.infer<typeof confirmationClass>;

export const caseRow = z.object({
  id: idText,
  /** `ask`: our YQ to them. `answer`: their YQ to us. */
  side: z.enum(['ask', 'answer']),
  status: z.enum(['open', 'closed']),
  /** One short upper-case phrase: CLOCK RUNNING, OVERDUE, CONFIRMED, DO NOT ACT ON THIS RECORD … */
  phase: z.string(),
  peerOri: z.string(),
  nic: z.string(),
  priority: z.enum(['U', 'R']),
  requestNumber: z.number(),
  startedAtMs: millis.nullable(),
  dueAtMs: millis.nullable(),
  stoppedAtMs: millis.nullable(),
  overdue: z.boolean(),
  createdAtMs: millis,
});
export type CaseRow = z.infer<typeof caseRow>;

/** The recorded look at the source document (warrant, report, order). */
export const sourceCheck = z.object({
  documentNumber: z.string().min(1).max(40),
  lookedBy: z.string().min(1).max(60),
  lookedAtMs: millis,
  identityAgrees: z.boolean(),
  stillOutstanding: z.boolean(),
  terms: z.string().min(1).max(200),
});
export type SourceCheck = z.infer<typeof sourceCheck>;

export const caseView = caseRow.extend({
  messages: z.array(messageRow),
  timeline: z.array(timelineItem),
  /** A YR whose class the reader proposes and a person must accept. */
  proposal: z.object({ messageId: idText, proposed: confirmationClass, why: z.string() }).nullable(),
  check: sourceCheck.nullable(),
  /** The synthetic or scanned source document, when the agency has one on file for this NIC. */
  sourceDocument: z.string().nullable(),
  closedReason: z.string().nullable(),
});
export type CaseView = z.infer<typeof caseView>;

export const alarmView = z.object({
  id: idText,
  level: z.enum(['notice', 'warning', 'urgent']),
  code,
  text: z.string(),
  atMs: millis,
  messageId: idText.optional(),
  caseId: idText.optional(),
});
export type AlarmView = z.infer<typeof alarmView>;

const empty = z.object({});

/** Every method: who may call it is the gateway's to decide, what it takes and gives stands here. */
export const methods = {
  /** First words of a screen: who it is. No log-on needed. */
  hello: { takes: z.object({ consoleId: z.string().min(1).max(20), client: shortText }), gives: statusView },
  logon: {
    takes: z.object({ osn: z.string().min(1).max(20), password: z.string().min(1).max(200) }),
    gives: personView,
  },
  logoff: { takes: empty, gives: empty },
  /** A custodian lets an account that too many wrong passwords locked log on again at that console. */
  unlock: {
    takes: z.object({
      osn: z.string().min(1).max(20),
      consoleId: z.string().min(1).max(20),
      reason: z.string().min(1).max(200),
      custodian: shoulder.optional(),
    }),
    gives: done,
  },
  status: { takes: empty, gives: statusView },
  /** What the State or agency adds to the federal tables; forms are drawn from both. Null when the gateway has no profile. */
  language: { takes: empty, gives: z.object({ stateProfile: stateProfile.nullable() }) },
  /** `held` is what waits for approval, `sent` what left or will, `inbound` what came. Newest first. */
  list: {
    takes: z.object({ box: z.enum(['inbound', 'held', 'sent']), limit: z.number().int().min(1).max(500) }),
    gives: z.object({ rows: z.array(messageRow) }),
  },
  show: { takes: z.object({ id: idText, reason: why.optional() }), gives: messageView },
  /** A person's new message. Inquiries leave at once; everything else is held. Faults come back all at once. */
  draft: {
    takes: z.object({
      key: z.string().min(1).max(8),
      destinations: z.array(z.string().max(9)).max(5),
      fields: z.record(z.string().max(8), z.array(z.string().max(20_000)).max(20)),
      caseId: idText.optional(),
    }),
    gives: z.object({
      id: idText.nullable(),
      status: z.string(),
      faults: z.array(faultView),
      warnings: z.array(faultView),
    }),
  },
  accept: { takes: z.object({ id: idText }), gives: done },
  release: {
    takes: z.object({
      id: idText,
      sha256: z.string().length(64),
      approver: shoulder.optional(),
      /** What goes with it and was shown with it, released in the same act. */
      also: z
        .array(z.object({ id: idText, sha256: z.string().length(64) }))
        .max(5)
        .optional(),
    }),
    gives: done,
  },
  refuse: {
    takes: z.object({ id: idText, reason: z.string().min(1).max(200), approver: shoulder.optional() }),
    gives: done,
  },
  withdraw: { takes: z.object({ id: idText, reason: z.string().min(1).max(200) }), gives: done },
  /** Marks an inbound message as read by the person logged on. */
  read: { takes: z.object({ id: idText }), gives: done },
  /** A person decides on a message in doubt: send it again (a supervisor's word), or record that it arrived. */
  resolve: {
    takes: z.object({
      id: idText,
      decision: z.enum(['send-again', 'arrived', 'give-up']),
      reason: z.string().min(1).max(200),
      approver: shoulder.optional(),
    }),
    gives: done,
  },
  cases: {
    takes: z.object({ open: z.boolean(), limit: z.number().int().min(1).max(500) }),
    gives: z.object({ rows: z.array(caseRow) }),
  },
  case: { takes: z.object({ id: idText }), gives: caseView },
  /** A person says that an unmatched message belongs to a case. */
  link: { takes: z.object({ caseId: idText, messageId: idText }), gives: done },
  /**
   * A person frees a message from quarantine, under his name and with a reason: it belongs to the question it seemed to
   * contradict, or to none.
   */
  free: { takes: z.object({ id: idText, belongs: z.boolean(), reason: why }), gives: done },
  /** A person accepts or corrects the class of a YR; the clock stops as of the YR's receipt. */
  classify: {
    takes: z.object({ caseId: idText, messageId: idText, as: confirmationClass, untilMs: millis.optional() }),
    gives: done,
  },
  check: { takes: z.object({ caseId: idText, check: sourceCheck }), gives: done },
  /** Records a telephone contact: it alone ends the telephone clock of a request that was not delivered. */
  contact: {
    takes: z.object({
      caseId: idText,
      contact: z.object({
        who: z.string().min(1).max(60),
        number: z.string().min(1).max(30),
        atMs: millis,
        said: z.string().min(1).max(500),
      }),
    }),
    gives: done,
  },
  /** Drafts our YR for a case of theirs; it is held. `confirmed` needs a recorded check. */
  answer: {
    takes: z.object({
      caseId: idText,
      as: confirmationClass,
      hoursToConfirm: z.number().int().min(1).max(99).optional(),
      remarks: z.string().max(500),
    }),
    gives: z.object({
      id: idText.nullable(),
      status: z.string(),
      faults: z.array(faultView),
      warnings: z.array(faultView),
    }),
  },
  close: { takes: z.object({ caseId: idText, reason: z.string().min(1).max(200) }), gives: done },
  /** Looks in the ledger; looking is itself filed. */
  search: {
    takes: z.object({
      key: z.string().max(8).optional(),
      ori: z.string().max(9).optional(),
      osn: z.string().max(20).optional(),
      nic: z.string().max(10).optional(),
      name: z.string().max(80).optional(),
      /** Of criminal-history requests: purpose code, requestor, secondary recipient. */
      purpose: z.string().max(1).optional(),
      requestor: z.string().max(60).optional(),
      recipient: z.string().max(60).optional(),
      fromMs: millis.optional(),
      untilMs: millis.optional(),
      limit: z.number().int().min(1).max(500),
      reason: why.optional(),
    }),
    /** `sealed` is told to a custodian alone: orders that hide what was searched for. */
    gives: z.object({ rows: z.array(messageRow), sealed: z.array(sealedSubject).optional() }),
  },
  ...ledgerMethods,
  ...traceMethods,
  alarms: { takes: empty, gives: z.object({ rows: z.array(alarmView) }) },
  silence: { takes: z.object({ alarmId: idText }), gives: done },
} as const;

export type MethodName = keyof typeof methods;
export type Takes<M extends MethodName> = z.input<(typeof methods)[M]['takes']>;
export type Gives<M extends MethodName> = z.output<(typeof methods)[M]['gives']>;

/** What the gateway says unasked. `resync` stands for everything a slow screen missed. */
export const notifications = {
  changed: z.object({ what: z.enum(['message', 'case', 'status', 'alarm']), id: z.string().optional() }),
  alarm: alarmView,
  status: statusView,
  resync: z.object({}),
} as const;

export type NotificationName = keyof typeof notifications;
export type Says<N extends NotificationName> = z.output<(typeof notifications)[N]>;

/** A JSON-RPC error carries this as its `data`: a code of the fault table and what is wrong, never a value. */
export const errorData = z.object({ code, faults: z.array(faultView) });

/** The largest text frame either side takes, in bytes. */
export const frameBytesMax = 1_048_576;
