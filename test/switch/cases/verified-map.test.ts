import { afterEach, describe, expect, test } from 'vitest';
import { readStateProfile } from '../../../src/formats/states/state-profile.ts';
import { classifyAnswer } from '../../../src/switch/cases/case-desk.ts';
import { caseViewOf } from '../../../src/switch/records/views.ts';
import { brokenLaws } from '../../scenarios/laws/laws.ts';
import { delivered, openRooms, operator, type Rooms, theirAnswer } from '../rooms.ts';

const letters = { Y: 'confirmed', N: 'not-confirmed', I: 'in-process', E: 'valid-extradition-open' } as const;
let rooms: Rooms;

/** Our request, sent, at a house whose State says how sure its letters are. */
async function asked(provenance: 'verified' | 'state' | 'recalled') {
  const profile = { state: 'CO', title: 'Practice', version: 7, confirmation: { letters, provenance } };
  rooms = await openRooms({ profile: readStateProfile(profile) });
  return rooms.asked();
}
afterEach(async () => {
  const evidence = { ledger: rooms.ledger, simulatorEvents: [], paths: [], secrets: [], verifiedMap: 'CO 7' };
  expect(await brokenLaws(evidence)).toEqual([]);
});

describe('a class that the verified map of the State says', () => {
  test.each([
    ['Y', 'confirmed', 'CONFIRMED'],
    ['N', 'not-confirmed', 'NOT CONFIRMED. DO NOT ACT ON THIS RECORD.'],
    ['E', 'valid-extradition-open', 'EXTRADITION IS NOT DECIDED'],
  ])('CON/%s stops the clock as of the receipt, with nobody asked, and who asked is told', async (letter, as, line) => {
    const { id, caseId } = await asked('verified');
    await rooms.pass(61_000);
    const receivedAtMs = rooms.clock.wallMs();
    await rooms.fromSwitch(theirAnswer(letter, id));
    expect(await rooms.caseOf(caseId)).toMatchObject({ outcome: as, stoppedAtMs: receivedAtMs, proposal: null });
    expect(await rooms.armed(caseId)).not.toContain(`${caseId}.confirm`);
    expect(await rooms.alarms()).toContain('YR_TAKEN');
    expect(await rooms.alarms()).not.toContain('YR_RECEIVED');
    expect((await rooms.notices()).join()).toContain(line);
    const { timeline } = await caseViewOf(rooms.parts, caseId);
    expect(timeline.find((one) => one.what === 'class accepted')).toMatchObject({
      actor: 'system',
      note: `${as} BY THE VERIFIED MAP CO 7`,
    });
  });

  test('a time it names is a new clock; in process lets the old one run', async () => {
    const { id, caseId } = await asked('verified');
    const { dueAtMs } = await rooms.caseOf(caseId);
    await rooms.fromSwitch(theirAnswer('I', id));
    expect(await rooms.caseOf(caseId)).toMatchObject({ outcome: 'in-process', stoppedAtMs: null, dueAtMs });
    expect(await rooms.armed(caseId)).toContain(`${caseId}.confirm`);
    await rooms.fromSwitch(theirAnswer('I.HTC/002', id));
    expect(await rooms.caseOf(caseId)).toMatchObject({
      outcome: 'time-named',
      dueAtMs: rooms.clock.wallMs() + 7_200_000,
    });
    expect(await rooms.armed(caseId)).toContain(`${caseId}.confirm`);
    expect(await rooms.alarms()).toContain('TIME_TOO_LATE');
  });

  test('may be corrected by a person, and the same clock goes on', async () => {
    const { id, caseId } = await asked('verified');
    const { dueAtMs } = await rooms.caseOf(caseId);
    await rooms.fromSwitch(theirAnswer('Y', id));
    const [answer] = await rooms.inbound();
    await classifyAnswer(rooms.parts, caseId, { osn: operator, messageId: answer?.id ?? '', as: 'unclear' });
    expect(await rooms.caseOf(caseId)).toMatchObject({ stoppedAtMs: null, dueAtMs, owner: operator });
    expect(await rooms.armed(caseId)).toContain(`${caseId}.confirm`);
  });
});

describe('it stays with a person', () => {
  const runs = async (caseId: string): Promise<void> => {
    expect(await rooms.caseOf(caseId)).toMatchObject({
      outcome: null,
      stoppedAtMs: null,
      phase: 'YR RECEIVED - ACCEPT ITS CLASS',
    });
    expect(await rooms.armed(caseId)).toContain(`${caseId}.confirm`);
    expect(await rooms.alarms()).not.toContain('YR_TAKEN');
  };

  test.each(['state', 'recalled'] as const)('under a map that is %s only', async (provenance) => {
    const { id, caseId } = await asked(provenance);
    await rooms.fromSwitch(theirAnswer('Y', id));
    await runs(caseId);
  });

  test.each([
    ['a letter that is not in the map', 'P'],
    ['remarks that may contradict the letter', 'Y.REM/NO LONGER WANTED'],
    ['a time further off than anybody means', 'I.HTC/999'],
  ])('with %s', async (_what, said) => {
    const { id, caseId } = await asked('verified');
    await rooms.fromSwitch(theirAnswer(said, id));
    await runs(caseId);
  });

  test('when it bears no control field', async () => {
    const { caseId } = await asked('verified');
    await rooms.fromSwitch(theirAnswer('Y'));
    expect(await rooms.caseOf(caseId)).toMatchObject({ outcome: null, proposal: { linkNeeded: true } });
  });

  test('when a control terminal that had a copy says it, and the request waits on for the entering agency', async () => {
    const { caseId } = await asked('verified');
    await rooms.pass(600_000);
    const second = (await rooms.held()).find((one) => one.state.requestNumber === 2);
    if (second === undefined) throw new Error('no second request');
    expect(second.state.destinations).toContain('WY0990000');
    await rooms.approve(second.id);
    const body = theirAnswer('Y', second.id).split('TXT\n')[1] ?? '';
    await rooms.fromSwitch(delivered({ key: 'YR', from: 'WY0990000', control: second.id, body }));
    await runs(caseId);
    expect((await rooms.out(second.id)).status).toBe('ACKED');
    await rooms.fromSwitch(theirAnswer('Y', second.id));
    expect((await rooms.out(second.id)).status).toBe('ANSWERED');
  });

  test('when a word that stopped the clock stands already, or an earlier answer still waits', async () => {
    const { id, caseId } = await asked('verified');
    await rooms.fromSwitch(theirAnswer('N', id));
    await rooms.fromSwitch(theirAnswer('Y', id));
    expect(await rooms.caseOf(caseId)).toMatchObject({ outcome: 'not-confirmed', proposal: { proposed: 'confirmed' } });
    await rooms.fromSwitch(theirAnswer('Y', id));
    expect(await rooms.caseOf(caseId)).toMatchObject({ outcome: 'not-confirmed' });
  });
});
