import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CaseEvent, type ConfirmationClass, caseMachine, stopsClock } from '../../../src/switch/cases/case.ts';
import { drive } from '../stepping.ts';

function opened(side: 'ask' | 'answer', requestNumber = 1): CaseEvent {
  return {
    type: 'OPENED',
    side,
    peerOri: 'WY0990200',
    nic: 'W990000001',
    ocaToken: 'token',
    priority: 'U',
    requestNumber,
    questionId: 'GA00000001',
    addresses: ['WY0990200'],
    dueAtMs: side === 'answer' ? 1_600_000 : null,
    readable: true,
  };
}

const classes = [
  'confirmed',
  'not-confirmed',
  'time-named',
  'in-process',
  'valid-extradition-open',
  'unclear',
] as const;
const started: CaseEvent = { type: 'CLOCK_STARTED', questionId: 'GA00000001', requestNumber: 1, dueAtMs: 1_600_001 };
const proposal: CaseEvent = {
  type: 'PROPOSED',
  messageId: 'm-1',
  proposed: 'confirmed',
  why: 'CON/Y',
  receivedAtMs: 1_200_000,
  untilMs: null,
  linkNeeded: false,
};
const classified = (as: ConfirmationClass): CaseEvent => ({
  type: 'CLASSIFIED',
  messageId: 'm-1',
  as,
  stoppedAtMs: 1_200_000,
  untilMs: as === 'time-named' ? 5_000_000 : null,
});

describe('our request to them', () => {
  test('its clock starts when the YQ leaves, not before', () => {
    expect(drive(caseMachine, [{ event: opened('ask') }]).state).toMatchObject({ startedAtMs: null, dueAtMs: null });
    expect(drive(caseMachine, [{ event: opened('ask') }, { event: started }]).state).toMatchObject({
      startedAtMs: 1_000_001,
      dueAtMs: 1_600_001,
    });
  });

  test('a proposed class stops nothing; only an accepted one that stops a clock does, as of the receipt', () => {
    fc.assert(
      fc.property(fc.constantFrom(...classes), (as) => {
        const asked = [{ event: opened('ask') }, { event: started }, { event: proposal }];
        expect(drive(caseMachine, asked).state?.stoppedAtMs).toBeNull();
        const after = drive(caseMachine, [...asked, { event: classified(as), actor: 'PRACOP1' }]);
        expect(after.state?.stoppedAtMs).toBe(stopsClock(as) ? 1_200_000 : null);
      }),
    );
  });

  test('a record that was not confirmed is never to be acted on, and the screen says so', () => {
    const after = drive(caseMachine, [
      { event: opened('ask') },
      { event: started },
      { event: classified('not-confirmed') },
    ]);
    expect(after.state?.phase).toContain('DO NOT ACT');
  });

  test('only an accepted "confirmed" ever shows as CONFIRMED', () => {
    fc.assert(
      fc.property(fc.constantFrom(...classes), (as) => {
        const { state } = drive(caseMachine, [{ event: opened('ask') }, { event: started }, { event: classified(as) }]);
        expect(/^CONFIRMED/.test(state?.phase ?? '')).toBe(as === 'confirmed');
      }),
    );
  });
});

describe('their request to us', () => {
  const asked = [{ event: opened('answer') }];
  const answered = (as: ConfirmationClass): CaseEvent => ({
    type: 'ANSWERED',
    messageId: 'GA00000002',
    as,
    untilMs: null,
  });

  test('its clock starts with the case', () => {
    expect(drive(caseMachine, asked).state).toMatchObject({ startedAtMs: 1_000_000, dueAtMs: 1_600_000 });
  });

  test('a drafted answer does not stop it; an acknowledged one does', () => {
    const drafted: CaseEvent = { type: 'ANSWER_DRAFTED', messageId: 'GA00000002', as: 'confirmed' };
    expect(drive(caseMachine, [...asked, { event: drafted }]).state?.stoppedAtMs).toBeNull();
    expect(drive(caseMachine, [...asked, { event: drafted }, { event: answered('confirmed') }]).state).toMatchObject({
      stoppedAtMs: 1_000_002,
      status: 'closed',
    });
  });

  test('an answer "in process" without a time lets it run', () => {
    expect(drive(caseMachine, [...asked, { event: answered('in-process') }]).state).toMatchObject({
      stoppedAtMs: null,
      status: 'open',
      dueAtMs: 1_600_000,
    });
  });

  test('a second request joins, is overdue, and never restarts the clock', () => {
    const again: CaseEvent = { type: 'REPEATED', questionId: 'm-2', requestNumber: 2 };
    expect(drive(caseMachine, [...asked, { event: again, atMs: 1_500_000 }]).state).toMatchObject({
      dueAtMs: 1_600_000,
      startedAtMs: 1_000_000,
      overdue: true,
      requestNumber: 2,
    });
  });

  test('an answer that did not arrive opens the case again at the original due time', () => {
    const { state } = drive(caseMachine, [
      ...asked,
      { event: answered('confirmed') },
      { event: { type: 'REOPENED', cause: 'ER', messageId: 'GA00000002' } },
    ]);
    expect(state).toMatchObject({ status: 'open', stoppedAtMs: null, dueAtMs: 1_600_000, answerId: null });
  });

  test('a closed case takes nothing but being opened again', () => {
    const closed = [...asked, { event: answered('not-confirmed') }];
    const events: CaseEvent[] = [{ type: 'CHECKED' }, { type: 'OWNED' }, { type: 'LAPSED', nextDrafted: false }];
    expect(drive(caseMachine, [...closed, ...events.map((event) => ({ event }))]).refusals).toHaveLength(3);
  });
});
