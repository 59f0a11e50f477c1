import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HitlineError } from '../../../src/faults/fault.ts';
import { readStateProfile } from '../../../src/formats/states/state-profile.ts';
import { routineRequest, urgentRequest } from '../../../src/practice/dispatch-center.ts';
import { acceptMessage, releaseMessage } from '../../../src/switch/approval/approval-desk.ts';
import { heldMax, heldReserve, queuedMax, roomFault } from '../../../src/switch/intake/room.ts';
import { takeFromUpstream } from '../../../src/switch/intake/upstream-intake.ts';
import { messageViewOf } from '../../../src/switch/records/views.ts';
import { brokenLaws } from '../../scenarios/laws/laws.ts';
import { delivered, openRooms, operator, type Rooms, supervisor } from '../rooms.ts';

let rooms: Rooms;
beforeEach(async () => {
  rooms = await openRooms();
});
afterEach(async () => {
  expect(await brokenLaws({ ledger: rooms.ledger, simulatorEvents: [], paths: [], secrets: [] })).toEqual([]);
});

/** Everything that stands in clear: events and rows, without the texts. */
async function inClear(): Promise<string> {
  const events = await rooms.ledger.events({ limit: 5_000 });
  const rows = await rooms.ledger.states({ stream: 'message', limit: 5_000 });
  return JSON.stringify([
    events.map(({ textNames: _, ...rest }) => ({ ...rest, texts: undefined })),
    rows.map((row) => ({ ...row, tokens: undefined })),
  ]);
}

describe('from a station', () => {
  test('a name where a key belongs does not stand in clear on file', async () => {
    await rooms.fromStation('ROBIN.RECORD WAS SEEN');
    await rooms.fromSwitch('ROBIN.RECORD WAS SEEN');
    expect(await inClear()).not.toContain('ROBIN');
  });

  test('a name of nine letters where an ORI belongs does not stand in clear on file', async () => {
    for (const text of ['MR.ROBERTSON WAS SEEN', 'YQ.WY0990200\nX\nCHRISTINA']) {
      await rooms.fromStation(text);
      await rooms.fromSwitch(text);
    }
    expect(await inClear()).not.toMatch(/ROBERTSON|CHRISTINA/);
  });

  test('a rule that says no while a message is filed is told to the station, not answered with "send again"', async () => {
    const noDestination = urgentRequest.replace('.WY0990200', '');
    await rooms.fromStation(noDestination);
    expect((await rooms.notices()).at(-1)).toContain('HITLINE.REJECTED');
  });

  test('a ledger that fails is thrown, so that the line refuses what came', async () => {
    rooms.ledger.failing = true;
    await expect(rooms.fromStation(urgentRequest)).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
    rooms.ledger.failing = false;
    expect(await rooms.cases()).toEqual([]);
  });

  test('a bypass key is refused', async () => {
    await rooms.fromStation('1N01DSP1.FREE.CO099013N.QW.CO099013N.NAM/SAMPLE, SAM.DOB/19900303');
    expect((await rooms.notices()).at(-1)).toContain('HITLINE.REJECTED');
    expect(rooms.link.sent).toEqual([]);
  });

  test('an unknown key is refused, unless the installation lists it: then it is held as it came and never sent again', async () => {
    const text = 'ZZQ.CO099013N.WY0990200.*DISP000003.TXT\nSOMETHING NO TABLE NAMES';
    await rooms.fromStation(text);
    expect((await rooms.notices()).at(-1)).toContain('KEY_UNKNOWN');
    rooms = await openRooms({
      config: (input) => {
        const [station] = input.doors.station.stations ?? [];
        if (station === undefined) throw new Error('no station');
        const stations = [{ ...station, keys: ['ZZQ', 'YQ'] }];
        return { ...input, doors: { ...input.doors, station: { ...input.doors.station, stations } } };
      },
    });
    await rooms.fromStation(text);
    const { id, state } = await rooms.ours();
    expect(state).toMatchObject({ status: 'HELD', keyClass: 'unknown', ori: 'CO0990100' });
    rooms.link.outcome = 'lost';
    await rooms.approve(id);
    expect(rooms.link.sent).toEqual([`ZZQ.CO0990100.WY0990200.*${id}.TXT\nSOMETHING NO TABLE NAMES`]);
    await expect(rooms.resolve(id, 'send-again')).rejects.toMatchObject({ code: 'ALREADY_DONE' });
  });
});

describe('from the switch', () => {
  test('whatever breaks a rule of ours is kept and shown, and never refused', async () => {
    const broken = {
      ...rooms.parts,
      config: { ...rooms.parts.config, agency: undefined },
    } as unknown as Rooms['parts'];
    const payload = Buffer.from('AM.WY0990200\nW990000001 CO0990100', 'latin1');
    await takeFromUpstream(broken, { payload, linkId: 'upstream-1', peerAddress: '', exchangeId: 1, duplicate: false });
    expect((await rooms.inbound())[0]?.state.status).toBe('UNSOLICITED');
    expect(await rooms.alarms()).toEqual(['UNSORTED']);
  });

  test('an answer is kept and shown though the text of its question does not open', async () => {
    await rooms.fromStation('1N01DSP1.QW.CO099013N.NAM/SAMPLE, SAM.DOB/19900303.SEX/M.RAC/W');
    const { id } = await rooms.ours();
    rooms.ledger.text = async () => {
      throw new HitlineError('LEDGER_BROKEN');
    };
    await rooms.fromSwitch(`1L01COJ1${id}\nCO099013N\n\nNO NCIC WANT NAM/SAMPLE, SAM`);
    expect((await rooms.inbound())[0]?.state.status).toBe('UNSOLICITED');
    expect(await rooms.alarms()).toEqual(['UNSORTED']);
  });

  test('the same frame again is a frame of the message that it first became, marked as a duplicate', async () => {
    const payload = Buffer.from('AM.WY0990200\nW990000001 CO0990100', 'latin1');
    const arrival = { payload, linkId: 'upstream-1', peerAddress: '', exchangeId: 7 };
    await takeFromUpstream(rooms.parts, { ...arrival, duplicate: false });
    const [{ id } = { id: '' }] = await rooms.inbound();
    await takeFromUpstream(rooms.parts, { ...arrival, duplicate: true });
    // The same bytes under an id that nobody knows belong to no message that is known.
    await takeFromUpstream(rooms.parts, { ...arrival, exchangeId: 8, duplicate: true });
    const found = await rooms.ledger.events({ stream: 'frame', limit: 10 });
    const frames = found.toSorted((a, b) => a.seq - b.seq);
    expect(frames.map(({ data }) => [data['messageId'], data['duplicate']])).toEqual([
      [id, false],
      [id, true],
      [null, true],
    ]);
    expect(frames.slice(0, 2).every((frame) => frame.id.startsWith(`${id}/`))).toBe(true);
    expect(await rooms.inbound()).toHaveLength(1);
  });

  test('NO RECORD is shown when a profile calls the wording sure, and every source has said it', async () => {
    const sure = { provenance: 'verified', source: 'a profile', rest: 'fields', kind: 'no-record' } as const;
    const replyRules = [
      { name: 'sure-ncic', starts: 'NO NCIC WANT', from: 'NCIC', ...sure },
      { name: 'sure-state', starts: 'NO STATE RECORD', from: 'STATE', ...sure },
    ];
    rooms = await openRooms({ profile: readStateProfile({ state: 'CO', title: 'T', version: 1, replyRules }) });
    await rooms.fromStation('1N01DSP1.QW.CO099013N.NAM/SAMPLE, SAM.DOB/19900303.SEX/M.RAC/W');
    await rooms.pass(0);
    const { id } = await rooms.ours();
    await rooms.fromSwitch(`1L01COJ1${id}\nCO099013N\n\nNO NCIC WANT NAM/SAMPLE, SAM`);
    expect((await messageViewOf(rooms.parts, id)).verdict).toBe('WAITING FOR STATE');
    await rooms.fromSwitch(`1L01COJ1${id}\nCO099013N\n\nNO STATE RECORD NAM/SAMPLE, SAM`);
    expect((await messageViewOf(rooms.parts, id)).verdict).toBe('NO RECORD');
  });

  test('an agency’s own message answers no question to NCIC, whatever stands in its control field; a response and the network may', async () => {
    const sorted = async (key: string, body: string): Promise<string | undefined> => {
      const asking = await openRooms();
      await asking.fromStation('1N01DSP1.QV.CO099013N.LIC/PRC001.LIS/CO');
      await asking.pass(0);
      await asking.fromSwitch(delivered({ key, control: (await asking.ours()).id, body }));
      return (await asking.inbound())[0]?.state.status;
    };
    expect(await sorted('AM', 'NO RECORD LIC/PRC001')).toBe('QUARANTINED');
    expect(await sorted('AQ', 'ATN/DET SAMPLE.PUR/C.WHAT DO YOU HAVE')).toBe('QUARANTINED');
    expect(await sorted('RR', 'LIC/PRC001 VALID')).toBe('MATCHED');
    expect(await sorted('ER', '.22. SYNTHETIC WORDS')).toBe('MATCHED');
  });

  test('NO RECORD about another than was asked for is in quarantine with an alarm, goes to no station and ends no waiting', async () => {
    const replyRules = [
      {
        name: 'sure',
        starts: 'NO RECORD',
        rest: 'fields',
        kind: 'no-record',
        provenance: 'verified',
        source: 'a profile',
      },
    ] as const;
    rooms = await openRooms({ profile: readStateProfile({ state: 'CO', title: 'T', version: 1, replyRules }) });
    await rooms.fromStation('1N01DSP1.QV.CO099013N.LIC/PRC001.LIS/CO');
    await rooms.pass(0);
    const { id } = await rooms.ours();
    await rooms.fromSwitch(`1L01COJ1${id}\nCO099013N\n\nNO RECORD LIC/PRC002 LIS/CO`);
    expect((await rooms.inbound())[0]?.state).toMatchObject({
      status: 'QUARANTINED',
      quarantineReason: 'CONTRADICTS LIC',
      owedTo: [],
    });
    expect(await rooms.alarms()).toContain('CONTRADICTION');
    expect(await rooms.out(id)).toMatchObject({ status: 'ACKED', answerIds: [] });
    await rooms.fromSwitch(`1L01COJ1${id}\nCO099013N\n\nNO RECORD LIC/PRC001 LIS/CO`);
    expect((await rooms.out(id)).answerIds).toHaveLength(1);
  });
});

describe('room', () => {
  const counts = (held: number, queued = 0) => ({
    room: { verdict: 'ample' as const },
    counts: {
      of: (_: string, status: string) => (status === 'HELD' ? held : queued),
      start: async () => {},
      moved: () => {},
    },
  });
  test('is kept for confirmations and what belongs to an open case, and everything has its end', () => {
    expect(roomFault(counts(heldMax), { keyClass: 'record' })).toBe('QUEUE_FULL');
    expect(roomFault(counts(heldMax), { keyClass: 'confirm' })).toBeUndefined();
    expect(roomFault(counts(heldMax), { keyClass: 'tell', caseId: 'c-1' })).toBeUndefined();
    expect(roomFault(counts(heldMax + heldReserve), { keyClass: 'confirm' })).toBe('QUEUE_FULL');
    expect(roomFault(counts(heldMax + heldReserve), { keyClass: 'inquiry' })).toBeUndefined();
    expect(roomFault(counts(0, queuedMax), { keyClass: 'inquiry' })).toBe('QUEUE_FULL');
  });

  test('is counted as things move, and the same as the ledger counts', async () => {
    await rooms.fromStation(urgentRequest);
    await rooms.fromStation(routineRequest);
    await rooms.refuse((await rooms.ours()).id);
    const counted = rooms.parts.counts.of('message', 'HELD');
    await rooms.parts.counts.start();
    expect([counted, rooms.parts.counts.of('message', 'HELD')]).toEqual([1, 1]);
  });
});

describe('approval', () => {
  test('a second release, one by who accepted, and one of another text are refused, and the message leaves once', async () => {
    await rooms.fromStation(urgentRequest);
    const { id, state } = await rooms.ours();
    const release = (osn: string, sha256 = state.sha256) =>
      releaseMessage(rooms.parts, id, { actor: { osn }, sha256 }).then(
        () => 'released',
        (error: { code: string }) => error.code,
      );
    expect(await release(supervisor)).toBe('NOT_ACCEPTED');
    await acceptMessage(rooms.parts, id, { osn: operator });
    expect(await release(operator)).toBe('SAME_PERSON');
    expect(await release(supervisor, 'b'.repeat(64))).toBe('TEXT_CHANGED');
    expect((await Promise.all([release(supervisor), release('PRACSU2')])).sort()).toEqual(['ALREADY_DONE', 'released']);
    await rooms.pass(5_000);
    expect(rooms.link.sent.length).toBe(1);
  });

  test('a message that was stale and then withdrawn no longer shows as held', async () => {
    rooms.link.state = 'closed';
    const { id } = await rooms.asked();
    await rooms.pass(5 * 60_000 + 1);
    expect((await messageViewOf(rooms.parts, id)).status).toBe('HELD - STALE');
    await rooms.withdraw(id);
    expect((await messageViewOf(rooms.parts, id)).status).toBe('WITHDRAWN');
  });
});
