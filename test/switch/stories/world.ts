/** Anything that can happen to the rooms of a gateway, as data: a story is a list of these, drawn at random and replayed by seed. */
import fc from 'fast-check';
import {
  acceptMessage,
  refuseMessage,
  releaseMessage,
  resolveMessage,
  withdrawMessage,
} from '../../../src/switch/approval/approval-desk.ts';
import type { ConfirmationClass } from '../../../src/switch/cases/case.ts';
import {
  classifyAnswer,
  closeByPerson,
  linkMessage,
  recordCheck,
  recordContact,
} from '../../../src/switch/cases/case-desk.ts';
import { draftAnswer } from '../../../src/switch/cases/our-answer.ts';
import { freeQuarantined } from '../../../src/switch/intake/free-quarantined.ts';
import type { InboundState } from '../../../src/switch/intake/inbound-message.ts';
import type { OutboundState } from '../../../src/switch/outbound/outbound-message.ts';
import { delivered, networkSays, type Rooms, theirAnswer, theirRequest } from '../rooms.ts';

const minuteMs = 60_000;
const agencies = ['WY0990200', 'WY0990300', 'WY0990000'] as const;
const nics = ['W990000002', 'W990000003', 'W990000001'] as const;
const osns = ['PRACOP1', 'PRACOP2', 'PRACSU1', 'PRACSU2'] as const;
const classes: readonly ConfirmationClass[] = [
  'confirmed',
  'not-confirmed',
  'time-named',
  'in-process',
  'valid-extradition-open',
  'unclear',
];
const said = ['Y', 'N', 'I', 'I.HTC/2', 'E', 'Q'] as const;
const waits = [0, 1_000, minuteMs, 2 * minuteMs + 1, 5 * minuteMs, 10 * minuteMs + 1, 65 * minuteMs, 200 * minuteMs];
const outcomes = ['acked', 'acked', 'acked', 'naked', 'lost', 'timeout', 'not-sent', 'wait'] as const;
const ends = ['acked', 'naked', 'lost', 'timeout', 'not-sent'] as const;

/** What happens, and three numbers by which it chooses to what and how. */
export interface Happening {
  readonly do: (typeof happenings)[number];
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

const happenings = [
  'station-request',
  'station-inquiry',
  'station-message',
  'their-request',
  'their-answer',
  'their-answer',
  'network-word',
  'reply',
  'approve',
  'approve',
  'approve',
  'accept',
  'release',
  'refuse',
  'withdraw',
  'resolve',
  'classify',
  'classify',
  'link',
  'free',
  'check',
  'answer',
  'contact',
  'close',
  'line',
  'line-answer',
  'line-down',
  'line-up',
  'pass',
  'pass-on',
  'ledger-fails',
  'crash',
] as const;

const number = fc.nat({ max: 23 });
export const story = (lengthMin: number, lengthMax: number): fc.Arbitrary<Happening[]> =>
  fc.array(fc.record({ do: fc.constantFrom(...happenings), a: number, b: number, c: number }), {
    minLength: lengthMin,
    maxLength: lengthMax,
    size: 'max',
  });

const pick = <T>(from: readonly T[], at: number): T | undefined => from[at % Math.max(1, from.length)];

/** What is there to be chosen from, at this moment. */
class Now {
  readonly #rooms: Rooms;
  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }
  async outbound(
    ...status: readonly string[]
  ): Promise<readonly { readonly id: string; readonly state: OutboundState }[]> {
    const rows = await this.#rooms.ledger.states({ stream: 'message', order: 'newest', limit: 5_000 });
    return rows
      .map((row) => ({ id: row.id, state: row.body as OutboundState }))
      .filter(({ state }) => state.direction === 'out' && (status.length === 0 || status.includes(state.status)));
  }
  async inbound(fits: (state: InboundState) => boolean): Promise<readonly string[]> {
    return (await this.#rooms.inbound()).filter(({ state }) => fits(state)).map(({ id }) => id);
  }
  async caseIds(side?: 'ask' | 'answer'): Promise<readonly string[]> {
    const cases = await this.#rooms.cases();
    return cases.filter(({ state }) => side === undefined || state.side === side).map(({ id }) => id);
  }
}

type Doing = (rooms: Rooms, now: Now, by: Happening) => Promise<unknown>;

const wordOf = (b: number) => ({ osn: pick(osns, b) ?? '' });

function stationRequest({ a, b, c }: Happening): string {
  const [to, nic] = [pick(agencies, a), pick(nics, b)];
  return [
    `YQ.CO099013N.${to}.*DISP${String(a + 24 * (b + 24 * c)).padStart(6, '0')}.TXT`,
    `RTY/WP.RNO/${1 + (c % 3)}.PRI/${c % 2 === 0 ? 'U' : 'R'}.OCA/SC26000002.NIC/${nic}.NAM/RECORD, ROBIN.DOB/19800202.SEX/M.`,
    'RNA/DISPATCHER SAMPLE.RAG/PINE RIDGE COMMUNICATIONS.PHO/5550100113.REM/SUBJECT DETAINED',
  ].join('\n');
}

async function theirAnswerTo(rooms: Rooms, now: Now, { a, b, c }: Happening): Promise<void> {
  const asked = (await now.outbound()).filter(({ state }) => state.key === 'YQ');
  const control = c % 5 === 0 ? undefined : pick(asked, a)?.id;
  const text = theirAnswer(pick(said, b) ?? 'Y', control);
  const from = c % 7 === 1 ? text.replace('WY0990200', pick(agencies, b) ?? '') : text;
  const about = c % 4 === 1 ? from.replace('W990000002', pick(nics, a) ?? '') : from;
  await rooms.fromSwitch(c % 11 === 2 ? about.replace('.CON/', ' CON ') : about);
}

async function reply(rooms: Rooms, now: Now, { a, b, c }: Happening): Promise<void> {
  const asked = (await now.outbound()).filter(({ state }) => state.keyClass === 'inquiry');
  const reference = pick(asked, a)?.id ?? 'GA00099999';
  const bodies = [
    'CO099013N\nNO NCIC WANT NAM/SAMPLE, SAM DOB/19900303 SEX/M',
    'CO099013N\nNO NCIC WANT NAM/RECORD, ROBIN DOB/19800202 SEX/M',
    'CO099013N\nREJ - FIELD ERROR',
    'CO099013N\nNOBODY KNOWS WHAT THIS SAYS',
  ];
  if (c % 5 === 0) await rooms.fromSwitch(delivered({ key: 'AM', body: 'WORDS OF AN AGENCY', control: reference }));
  else await rooms.fromSwitch(`1L01${reference}\n${pick(bodies, b)}`);
}

async function release(rooms: Rooms, now: Now, { a, b, c }: Happening): Promise<unknown> {
  const held = pick(await now.outbound('HELD'), a);
  if (held === undefined) return;
  const also = (await now.outbound('HELD')).filter(({ state }) => state.companionOf === held.id);
  return releaseMessage(rooms.parts, held.id, {
    actor: wordOf(b),
    sha256: c % 9 === 0 ? '0'.repeat(64) : held.state.sha256,
    ...(c % 2 === 0 ? {} : { also: also.map(({ id, state }) => ({ id, sha256: state.sha256 })) }),
  });
}

async function approve(rooms: Rooms, now: Now, by: Happening): Promise<unknown> {
  const held = pick(await now.outbound('HELD'), by.a);
  if (held === undefined) return;
  const also = (await now.outbound('HELD')).filter(({ state }) => state.companionOf === held.id);
  await acceptMessage(rooms.parts, held.id, { osn: 'PRACOP1' });
  return releaseMessage(rooms.parts, held.id, {
    actor: { osn: 'PRACSU1' },
    sha256: held.state.sha256,
    also: also.map(({ id, state }) => ({ id, sha256: state.sha256 })),
  });
}

async function check(rooms: Rooms, now: Now, { a, b, c }: Happening): Promise<unknown> {
  const caseId = pick(await now.caseIds(c % 6 === 0 ? undefined : 'answer'), a);
  const look = { documentNumber: 'PRW0001', lookedBy: 'OPERATOR SAMPLE', lookedAtMs: 1, terms: 'FULL EXTRADITION' };
  if (caseId === undefined) return;
  return recordCheck(rooms.parts, caseId, {
    osn: 'PRACOP1',
    check: { ...look, identityAgrees: b % 4 !== 0, stillOutstanding: b % 5 !== 0 },
  });
}

async function answer(rooms: Rooms, now: Now, { a, b, c }: Happening): Promise<unknown> {
  const caseId = pick(await now.caseIds('answer'), a);
  if (caseId === undefined) return;
  const as = pick(classes, b) ?? 'unclear';
  const hours = as === 'time-named' ? { hoursToConfirm: 1 + (c % 5) } : {};
  return draftAnswer(rooms.parts, caseId, {
    osn: pick(osns, c) ?? '',
    name: 'OPERATOR SAMPLE',
    as,
    remarks: '',
    ...hours,
  });
}

const ofMessage =
  (status: readonly string[], act: (rooms: Rooms, id: string, by: Happening) => Promise<unknown>): Doing =>
  async (rooms, now, by) => {
    const id = pick(await now.outbound(...(by.c % 7 === 0 ? [] : status)), by.a)?.id;
    return id === undefined ? undefined : act(rooms, id, by);
  };

const ofCase =
  (act: (rooms: Rooms, caseId: string, by: Happening) => Promise<unknown>, side?: 'ask' | 'answer'): Doing =>
  async (rooms, now, by) => {
    const caseId = pick(await now.caseIds(side), by.a);
    return caseId === undefined ? undefined : act(rooms, caseId, by);
  };

const reason = 'SYNTHETIC REASON';
const doings: Readonly<Record<Happening['do'], Doing>> = {
  'station-request': (rooms, _, by) => rooms.fromStation(stationRequest(by)),
  'station-inquiry': (rooms, _, { a }) =>
    rooms.fromStation(
      pick(
        [
          '1N01DSP1.QW.CO099013N.NAM/SAMPLE, SAM.DOB/19900303.SEX/M',
          'RQ.CO099013N.WY,NE.*DISP000001.TXT\nLIC/PRAC001.LIY/2030.LIT/PC',
          'RQ.CO099013N.Z1.*DISP000001.TXT\nLIC/PRAC001.LIY/2030.LIT/PC',
        ],
        a,
      ) ?? '',
    ),
  'station-message': (rooms, _, { a }) =>
    rooms.fromStation(`AM.CO099013N.WY0990200.*DISM${String(a).padStart(6, '0')}.TXT\nSYNTHETIC WORDS`),
  'their-request': (rooms, _, { a, b, c }) => {
    const text = theirRequest({ number: 1 + (a % 3), priority: b % 2 === 0 ? 'U' : 'R' });
    if (c % 5 === 0) return rooms.fromSwitch(delivered({ key: 'YQ', body: 'PLEASE CONFIRM AT ONCE' }));
    return rooms.fromSwitch(c % 3 === 0 ? text.replace('W990000001', pick(nics, c) ?? '') : text);
  },
  'their-answer': theirAnswerTo,
  async 'network-word'(rooms, now, { a, b, c }) {
    const left = (await now.outbound()).filter(({ state }) => state.attempts > 0);
    const of = pick(left, a)?.id ?? 'GA00099999';
    await rooms.fromSwitch(networkSays(c % 2 === 0 ? 'ER' : 'SM', pick(['01', '02', '04', '22'], b) ?? '01', of));
  },
  reply,
  approve,
  release,
  check,
  answer,
  accept: ofMessage(['HELD'], (rooms, id, { b }) => acceptMessage(rooms.parts, id, wordOf(b))),
  refuse: ofMessage(['HELD'], (rooms, id, { b }) => refuseMessage(rooms.parts, id, { actor: wordOf(b), reason })),
  withdraw: ofMessage(['HELD', 'QUEUED'], (rooms, id, { b }) =>
    withdrawMessage(rooms.parts, id, { actor: wordOf(b), reason }),
  ),
  resolve: ofMessage(['IN_DOUBT', 'NAKED'], (rooms, id, { b, c }) =>
    resolveMessage(rooms.parts, id, {
      actor: wordOf(b),
      decision: pick(['send-again', 'arrived', 'give-up'] as const, c) ?? 'give-up',
      reason,
    }),
  ),
  classify: ofCase(async (rooms, caseId, { a, b, c }) => {
    const messages = (await rooms.inbound()).filter(({ state }) => c % 4 === 0 || state.caseId === caseId);
    const proposed = (await rooms.cases()).find(({ id }) => id === caseId)?.state.proposal?.messageId;
    const messageId = (c % 3 === 0 ? proposed : undefined) ?? pick(messages, c)?.id;
    const as = pick(classes, b) ?? 'unclear';
    const untilMs = rooms.clock.wallMs() + (1 + a) * 10 * minuteMs;
    const word = { osn: pick(osns, a) ?? '', as, ...(as === 'time-named' ? { untilMs } : {}) };
    return messageId === undefined ? undefined : classifyAnswer(rooms.parts, caseId, { ...word, messageId });
  }),
  link: ofCase(async (rooms, caseId, { b }) => {
    const messageId = pick(await rooms.inbound(), b)?.id;
    return messageId === undefined ? undefined : linkMessage(rooms.parts, caseId, { osn: 'PRACOP1', messageId });
  }),
  async free(rooms, now, { a, b }) {
    const id = pick(await now.inbound((state) => state.sorted === 'QUARANTINED'), a);
    if (id !== undefined) await freeQuarantined(rooms.parts, id, { osn: 'PRACSU1', belongs: b % 2 === 0, reason });
  },
  contact: ofCase(
    (rooms, caseId) =>
      recordContact(rooms.parts, caseId, {
        osn: 'PRACOP1',
        contact: { who: 'CLERK SAMPLE', number: '5550100122', atMs: 1, said: 'SYNTHETIC' },
      }),
    'ask',
  ),
  close: ofCase(async (rooms, caseId, { c }) =>
    c % 3 === 0 ? closeByPerson(rooms.parts, caseId, { osn: 'PRACOP1', reason }) : undefined,
  ),
  async line(rooms, _now, { a, b }) {
    rooms.link.outcome = pick(outcomes, a) ?? 'acked';
    // What an open line gives back as busy would be offered to it again without an end; a line that waits gives it back once.
    rooms.link.reason = rooms.link.outcome === 'not-sent' || b % 5 === 0 ? 'TOO_LONG' : 'BUSY';
  },
  'line-answer': async (rooms, _now, { a }) => rooms.link.answer(pick(ends, a) ?? 'acked'),
  async 'line-down'(rooms) {
    rooms.link.state = 'closed';
    rooms.sender.linkDown();
    rooms.link.answer('lost');
  },
  async 'line-up'(rooms) {
    rooms.link.state = 'open';
    await rooms.sender.linkUp(rooms.link);
  },
  pass: (rooms, _now, { a }) => rooms.pass(pick(waits, a) ?? 0),
  'pass-on': (rooms) => rooms.pass(10 * minuteMs + 1),
  async 'ledger-fails'(rooms, now, by) {
    rooms.ledger.failing = true;
    await doings.approve(rooms, now, by).catch(() => undefined);
    rooms.ledger.failing = false;
  },
  crash: (rooms) => rooms.crash(),
};

/** Lets one thing happen. A rule that says no is as good an end of it as any other; what it throws is given back. */
export async function happen(rooms: Rooms, one: Happening): Promise<unknown> {
  try {
    await doings[one.do](rooms, new Now(rooms), one);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    if (one.do !== 'crash') await rooms.pass(0);
  }
}
