import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  attemptsMax,
  isUnheld,
  type OutboundEvent,
  outboundMachine,
  type SendClass,
} from '../../../src/switch/outbound/outbound-message.ts';
import { drive } from '../stepping.ts';

const digest = 'a'.repeat(64);
const otherDigest = 'b'.repeat(64);

function drafted(keyClass: SendClass, requester = 'PRACOP1'): OutboundEvent {
  return {
    type: 'DRAFTED',
    key: 'YQ',
    keyClass,
    ori: 'CO0990100',
    terminalId: 'COJ1',
    destinations: ['WY0990200'],
    priority: 'U',
    requester,
    stationId: null,
    caseId: null,
    requestNumber: 1,
    answersAs: null,
    answersUntilMs: null,
    sha256: digest,
    expects: ['NLETS'],
  };
}

const persons = ['PRACOP1', 'PRACOP2', 'PRACSU1', 'PRACSU2'] as const;
const anyEvent: fc.Arbitrary<OutboundEvent> = fc.oneof(
  ...(
    [
      'HELD',
      'ACCEPTED',
      'WITHDRAWN',
      'QUEUED',
      'ACKED',
      'NAKED',
      'RETRIED',
      'STALED',
      'EXPIRED',
      'ANSWER_WAIT_ENDED',
    ] as const
  ).map((type) => fc.constant({ type } as OutboundEvent)),
  fc
    .constantFrom(digest, otherDigest)
    .map((sha256): OutboundEvent => ({ type: 'RELEASED', sha256, overShoulderOf: null })),
  fc.constant<OutboundEvent>({ type: 'SENT', frameId: 'f-1', exchangeId: 7 }),
  fc.constant<OutboundEvent>({ type: 'NOT_SENT', cause: 'BUSY' }),
  fc.constant<OutboundEvent>({ type: 'IN_DOUBT', cause: 'LOST' }),
  fc.constant<OutboundEvent>({ type: 'ANSWERED', answerId: 'm-1', source: 'NLETS' }),
  fc
    .constantFrom('send-again', 'arrived', 'give-up')
    .map((decision): OutboundEvent => ({ type: 'RESOLVED', decision: decision as 'arrived' })),
);
const anyStory = fc.record({
  keyClass: fc.constantFrom<SendClass>('inquiry', 'history', 'record', 'confirm', 'tell', 'unknown'),
  requester: fc.constantFrom(...persons),
  events: fc.array(fc.record({ event: anyEvent, actor: fc.constantFrom(...persons) }), { maxLength: 25 }),
});

const play = (story: {
  keyClass: SendClass;
  requester: string;
  events: readonly { event: OutboundEvent; actor: string }[];
}) =>
  drive(outboundMachine, [
    { event: drafted(story.keyClass, story.requester), actor: story.requester },
    ...story.events,
  ]);

describe('whatever happens to an outbound message', () => {
  test('what must be held never leaves without an accepting operator and a release of its very bytes by somebody else', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const { taken } = play(story);
        for (const [index, step] of taken.entries()) {
          if (step.event.type !== 'SENT' || isUnheld(story.keyClass)) continue;
          const before = taken.slice(0, index);
          const release = before.findLast((one) => one.event.type === 'RELEASED' || one.event.type === 'RESOLVED');
          const firstRelease = before.find((one) => one.event.type === 'RELEASED');
          expect(firstRelease?.event).toMatchObject({ sha256: digest });
          expect(step.before?.operator).not.toBeNull();
          expect(release?.actor).not.toBe(story.requester);
          expect(step.before?.approver).not.toBe(step.before?.operator);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('it is sent again only with a person’s word, or as an inquiry, three times in all', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const { taken } = play(story);
        const count = (type: string): number => taken.filter((one) => one.event.type === type).length;
        const sent = count('SENT') - count('NOT_SENT');
        const words = taken.filter(
          (one) => one.event.type === 'RESOLVED' && one.event.decision === 'send-again',
        ).length;
        expect(sent).toBeLessThanOrEqual(words + (isUnheld(story.keyClass) ? attemptsMax : 1));
      }),
      { numRuns: 2_000 },
    );
  });

  test('every way into the queue rings the sender, and nothing else does', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const { taken, effects } = play(story);
        const entered = taken.filter((one) => one.after.status === 'QUEUED' && one.before?.status !== 'QUEUED').length;
        expect(effects.filter((one) => one.do === 'ready')).toHaveLength(entered);
      }),
    );
  });
});

describe('a release', () => {
  const held: { event: OutboundEvent; actor?: string }[] = [
    { event: drafted('confirm', 'DISPATCH'), actor: 'DISPATCH' },
    { event: { type: 'HELD' } },
  ];
  const accepted = [...held, { event: { type: 'ACCEPTED' } as OutboundEvent, actor: 'PRACOP1' }];
  const release = (sha256 = digest): OutboundEvent => ({ type: 'RELEASED', sha256, overShoulderOf: null });

  test('is refused before an operator has accepted', () => {
    expect(drive(outboundMachine, [...held, { event: release(), actor: 'PRACSU1' }]).refusals).toEqual([
      'NOT_ACCEPTED',
    ]);
  });

  test('is refused to the operator who transmits and to who asked', () => {
    for (const actor of ['PRACOP1', 'DISPATCH']) {
      expect(drive(outboundMachine, [...accepted, { event: release(), actor }]).refusals).toEqual(['SAME_PERSON']);
    }
  });

  test('is refused for any text but the one on file', () => {
    expect(drive(outboundMachine, [...accepted, { event: release(otherDigest), actor: 'PRACSU1' }]).refusals).toEqual([
      'TEXT_CHANGED',
    ]);
  });

  test('happens once', () => {
    const twice = [...accepted, { event: release(), actor: 'PRACSU1' }, { event: release(), actor: 'PRACSU2' }];
    expect(drive(outboundMachine, twice).refusals).toEqual(['ALREADY_DONE']);
  });

  test('of a message that did not leave in time must be given again', () => {
    const stale = drive(outboundMachine, [
      ...accepted,
      { event: release(), actor: 'PRACSU1' },
      { event: { type: 'QUEUED' } },
      { event: { type: 'STALED' } },
      { event: { type: 'QUEUED' } },
    ]);
    expect(stale.refusals).toEqual(['ALREADY_DONE']);
    expect(stale.state).toMatchObject({ status: 'HELD', stale: true, approver: null });
  });

  test('cannot be followed by its own approver taking over as operator', () => {
    const taken = drive(outboundMachine, [
      ...accepted,
      { event: release(), actor: 'PRACSU1' },
      { event: { type: 'ACCEPTED' }, actor: 'PRACSU1' },
    ]);
    expect(taken.refusals).toEqual(['SAME_PERSON']);
  });
});

describe('an answer', () => {
  const sent: { event: OutboundEvent; actor?: string }[] = [
    { event: drafted('inquiry') },
    { event: { type: 'QUEUED' } },
    { event: { type: 'SENT', frameId: 'f-1', exchangeId: 1 } },
  ];

  test('may precede the acknowledgement', () => {
    const done = drive(outboundMachine, [
      ...sent,
      { event: { type: 'ANSWERED', answerId: 'm-1', source: 'NLETS' } },
      { event: { type: 'ACKED' } },
    ]);
    expect(done.state).toMatchObject({ status: 'ANSWERED', answerIds: ['m-1'] });
    expect(done.state?.ackedAtMs).not.toBeNull();
  });

  test('settles a doubt', () => {
    const done = drive(outboundMachine, [
      ...sent,
      { event: { type: 'IN_DOUBT', cause: 'LOST' } },
      { event: { type: 'ANSWERED', answerId: 'm-1', source: 'NLETS' } },
    ]);
    expect(done.state?.status).toBe('ANSWERED');
  });

  test('from one of two expected sources leaves the question waiting for the other', () => {
    const question = { ...drafted('inquiry'), expects: ['STATE', 'NCIC'] } as OutboundEvent;
    const one = [{ event: question }, ...sent.slice(1), { event: { type: 'ACKED' } as OutboundEvent }];
    const first = drive(outboundMachine, [...one, { event: { type: 'ANSWERED', answerId: 'm-1', source: 'NCIC' } }]);
    expect(first.state).toMatchObject({ status: 'ACKED', answered: ['NCIC'] });
    const both = drive(outboundMachine, [
      ...one,
      { event: { type: 'ANSWERED', answerId: 'm-1', source: 'NCIC' } },
      { event: { type: 'ANSWERED', answerId: 'm-2', source: 'STATE' } },
    ]);
    expect(both.state?.status).toBe('ANSWERED');
  });

  test('shows the worst of what was said: a want behind a record that is none is not hidden by it', () => {
    const question = { ...drafted('inquiry'), expects: ['STATE', 'NCIC'] } as OutboundEvent;
    const said = (...verdicts: string[]) =>
      drive(outboundMachine, [
        { event: question },
        ...sent.slice(1),
        ...verdicts.map((verdict, nth) => ({
          event: {
            type: 'ANSWERED',
            answerId: `m-${nth}`,
            source: nth === 0 ? 'STATE' : 'NCIC',
            verdict,
          } as OutboundEvent,
        })),
      ]).state?.verdict;
    const hit = 'POSSIBLE HIT - UNCONFIRMED';
    expect(said('NO RECORD', 'NO RECORD')).toBe('NO RECORD');
    expect(said('NO RECORD', 'READ IT')).toBe('READ IT');
    expect(said(`${hit} - NOT A WANT`, hit)).toBe(`${hit} - READ EACH ANSWER`);
    expect(said(hit, `${hit} - NOT A WANT - RESTRICTED FILE`)).toBe(`${hit} - READ EACH ANSWER`);
    expect(said(hit, 'NO RECORD', hit)).toBe(hit);
  });
});
