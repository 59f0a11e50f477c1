import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  checkPacket,
  type Packet,
  type PacketRow,
  type PacketText,
} from '../../../src/switch/ledger/keeping/packet.ts';
import { outboundMachine } from '../../../src/switch/outbound/outbound-message.ts';
import {
  auditor,
  custodian,
  historyAnswer,
  openRecordHouse,
  operator,
  type RecordHouse,
  reason,
  supervisor,
} from './record-house.ts';

let house: RecordHouse;
beforeEach(async () => {
  house = await openRecordHouse();
});
afterEach(() => house.close());

async function acts(): Promise<readonly unknown[]> {
  const events = await house.ledger.events({ stream: 'act', limit: 100 });
  return events
    .toReversed()
    .map(({ actor, data, textNames }) => ({ actor, ...data, reasonKept: textNames.length === 1 }));
}

async function looks(): Promise<readonly unknown[]> {
  const events = await house.ledger.events({ stream: 'system', type: 'LOOKED', limit: 100 });
  return events.toReversed().map(({ actor, data }) => [actor, data['what'], data['about'], data['device']]);
}

test('what a person did and what he was refused are on file alike, with device, roles, reason and outcome', async () => {
  const id = await house.askHistory();
  const refused = house.handlers.withdraw({ id, reason }, supervisor);
  await expect(refused).rejects.toMatchObject({ code: 'ALREADY_DONE' });
  await expect(house.handlers.purge({ reason, approver: { osn: 'X', factor: 'y' } }, operator)).rejects.toThrow();
  await expect(house.handlers.read({ id: 'RECORD, SAMPLE' }, operator)).rejects.toThrow();
  house.room.verdict = 'reserve';
  const full = house.handlers.draft({ key: 'ZI', destinations: [], fields: { FBI: ['123456AA1'] } }, operator);
  await expect(full).rejects.toMatchObject({ code: 'LEDGER_FULL' });
  const at = { device: 'COJ1' };
  expect(await acts()).toEqual([
    { actor: 'PRACOP', what: 'draft', about: [id], outcome: 'OK', roles: ['operator'], ...at, reasonKept: false },
    {
      actor: 'PRACSUP',
      what: 'withdraw',
      about: [id],
      outcome: 'ALREADY_DONE',
      roles: ['supervisor'],
      ...at,
      reasonKept: true,
    },
    {
      actor: 'PRACOP',
      what: 'purge',
      about: [],
      outcome: 'ROLE_MISSING',
      roles: ['operator'],
      ...at,
      reasonKept: true,
    },
    // What a screen sent as an id and the ledger does not know may be anything, and is not kept.
    { actor: 'PRACOP', what: 'read', about: [], outcome: 'NOT_FOUND', roles: ['operator'], ...at, reasonKept: false },
    {
      actor: 'PRACOP',
      what: 'draft',
      about: [],
      outcome: 'LEDGER_FULL',
      roles: ['operator'],
      ...at,
      reasonKept: false,
    },
  ]);
  const inClear = JSON.stringify(await house.ledger.events({ stream: 'act', limit: 100 }));
  expect(inClear).not.toContain(reason);
});

test('a draft that was not taken for its faults is no success, and whoever gave a factor beside a person is named with his roles', async () => {
  const faulty = { key: 'QH', destinations: [], fields: {} };
  expect(await house.handlers.draft(faulty, operator)).toMatchObject({ status: 'FAULTY' });
  const id = await house.askHistory();
  const before = (await acts()).length;
  const wrong = { id, sha256: '0'.repeat(64), approver: { osn: 'pracsup', factor: 'not his' } };
  await expect(house.handlers.release(wrong, operator)).rejects.toMatchObject({ code: 'LOGON_REFUSED' });
  const nobody = { ...wrong, approver: { osn: 'My-Password-1', factor: 'x' } };
  await expect(house.handlers.release(nobody, operator)).rejects.toMatchObject({ code: 'LOGON_REFUSED' });
  const all = await acts();
  expect(all[0]).toMatchObject({ what: 'draft', outcome: 'FAULTY', about: [] });
  expect(all.slice(before)).toMatchObject([
    { actor: 'PRACOP', what: 'release', outcome: 'LOGON_REFUSED', beside: { osn: 'PRACSUP', roles: ['supervisor'] } },
    { actor: 'PRACOP', what: 'release', outcome: 'LOGON_REFUSED' },
  ]);
  expect(JSON.stringify(all).toUpperCase()).not.toContain('MY-PASSWORD-1');
});

test('whoever reaches for a packet that is not his is on file; whoever is given his own is so by its export alone', async () => {
  const reach = house.handlers.packetPart({ packetId: 'nobodys', part: 0 }, supervisor);
  await expect(reach).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await acts()).toMatchObject([{ actor: 'PRACSUP', what: 'packetPart', outcome: 'NOT_FOUND', about: [] }]);
  const id = await house.askHistory();
  const before = (await acts()).length;
  const { packetId } = await house.handlers.export({ what: 'message', id, reason }, supervisor);
  await house.handlers.packetPart({ packetId, part: 0 }, supervisor);
  expect(await acts()).toHaveLength(before);
});

test('what a person did, looked at, was refused and had a part in is in his packet, with his log-ons, as far as the time asked for', async () => {
  const id = await house.askHistory();
  await house.handlers.show({ id, reason }, supervisor);
  await expect(house.handlers.withdraw({ id, reason }, supervisor)).rejects.toMatchObject({ code: 'ALREADY_DONE' });
  await house.people.verify('PRACSUP', 'wrong', { device: 'SUP1', use: 'logon' });
  const whose = async (osn: string, times: object = {}): Promise<readonly string[]> => {
    const packet = await house.packet({ what: 'operator', id: osn, ...times }, auditor);
    return packet.rows.map((row) => `${row.stream} ${row.type}`);
  };
  expect(await whose('PRACSUP')).toEqual(['system LOOKED', 'act ACTED', 'session logon refused']);
  expect(await whose('PRACOP')).toEqual(
    expect.arrayContaining(['message SENT', 'frame FRAME', 'iii ASKED', 'act ACTED']),
  );
  const nowMs = house.clock.wallMs();
  expect(await whose('PRACSUP', { fromMs: nowMs + 1 })).toEqual([]);
  expect(await whose('PRACSUP', { fromMs: nowMs, untilMs: nowMs + 1 })).toHaveLength(3);
  const packet = await house.packet({ what: 'operator', id: 'PRACSUP', fromMs: nowMs }, auditor);
  expect(packet.selection).toEqual({ operator: 'PRACSUP', from: new Date(nowMs).toISOString() });
  const wrong = house.handlers.export({ what: 'message', id, reason, fromMs: nowMs }, auditor);
  await expect(wrong).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('what a person did with what is sealed since is in no packet but one that holds it, nor is the sealing itself', async () => {
  const id = await house.askHistory();
  await house.fromSwitch(historyAnswer(id));
  await house.fromSwitch(historyAnswer(id).replace('CRIMINAL', 'STATE CRIMINAL'));
  await house.handlers.show({ id, reason }, supervisor);
  await expect(house.handlers.withdraw({ id, reason }, custodian)).rejects.toThrow();
  await house.clock.pass(house.parts.config.clocks.answerWaitMs);
  const subject = { messageIds: [id] };
  await house.parts.change((change) =>
    change.apply(outboundMachine, id, { event: { type: 'ANSWER_WAIT_ENDED' }, actor: 'system' }),
  );
  await house.handlers.sealSubject({ subject, order: 'PR-1', reason }, custodian);
  const rows = async (osn: string, asked: object, who = supervisor) =>
    (await house.packet({ what: 'operator', id: osn, ...asked }, who)).rows;
  for (const osn of ['PRACSUP', 'PRACOP', 'PRACCUST'])
    expect((await rows(osn, {})).filter((row) => row.stream !== 'session')).toEqual([]);
  const whole = await rows('PRACCUST', { withSealed: true }, custodian);
  expect(whole.map((row) => JSON.parse(row.data)['what'])).toEqual(expect.arrayContaining(['withdraw', 'sealSubject']));
});

test('a text, a case and a search are looks; a screen that draws the same again looks once, and anew when it changed', async () => {
  const id = await house.askHistory();
  await house.handlers.list({ box: 'sent', limit: 10 }, operator);
  await house.handlers.cases({ open: true, limit: 10 }, operator);
  expect(await looks()).toEqual([]);
  for (let turn = 0; turn < 3; turn += 1) await house.handlers.show({ id }, operator);
  expect(await looks()).toEqual([['PRACOP', 'show', id, 'COJ1']]);
  await house.handlers.show({ id }, supervisor);
  await house.handlers.show({ id, reason }, operator);
  expect(await looks()).toHaveLength(3);
  await house.fromSwitch(historyAnswer(id));
  await house.handlers.show({ id }, operator);
  expect(await looks()).toHaveLength(4);
  await house.clock.pass(600_000);
  await house.handlers.show({ id }, operator);
  expect(await looks()).toHaveLength(5);
  await expect(house.handlers.show({ id: 'm-none' }, operator)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await looks()).toHaveLength(5);
  expect(await acts()).toContainEqual(expect.objectContaining({ what: 'show', outcome: 'NOT_FOUND' }));
});

test('a message is shown with its frames and what the network stamped on it: both ends, size, UTC and monotonic time, control, ORIs', async () => {
  const id = await house.askHistory();
  await house.fromSwitch(historyAnswer(id));
  const asked = await house.handlers.show({ id }, operator);
  expect(asked.frames).toMatchObject([
    { direction: 'out', link: 'upstream-1', peer: '127.0.0.1:1', bytes: asked.text.length, duplicate: false },
  ]);
  const [frame] = asked.frames ?? [];
  expect(frame?.atMs).toBe(house.clock.wallMs());
  expect(frame?.monoMs).toBe(Math.floor(house.clock.monoMs()));
  expect(frame?.seq).toBeGreaterThan(0);
  const answer = await house.handlers.show({ id: await house.came() }, operator);
  expect(answer.frames).toMatchObject([
    { direction: 'in', peer: '127.0.0.1:4000', local: '127.0.0.1:40001', bytes: answer.text.length },
  ]);
  const stamped =
    'YQ.WY0990200\n08:00 01/01/2030 00017\n08:01 01/01/2030 00023 CO0990100\n*WY00000001\nTXT\nNIC/W990000001';
  await house.fromSwitch(stamped);
  expect(await house.handlers.show({ id: await house.came() }, operator)).toMatchObject({
    key: 'YQ',
    ori: 'WY0990200',
    destinations: ['CO0990100'],
    control: 'WY00000001',
  });
});

test('a packet has the frames of each message, and what was changed in it is named with its place', async () => {
  const { generateKeyPairSync } = await import('node:crypto');
  const id = await house.askHistory();
  const packet = await house.packet({ what: 'message', id: id }, supervisor);
  const [frame] = house.rowsOf(packet, 'frame');
  const text = packet.rows.find((row) => row.content.length > 0);
  if (frame === undefined || text === undefined) throw new Error('no frame or no text');
  const withRow = (row: PacketRow, change: Partial<PacketRow>): Packet => ({
    ...packet,
    rows: packet.rows.map((one) => (one === row ? { ...one, ...change } : one)),
  });
  const withText = (change: Partial<PacketText>): Packet =>
    withRow(text, { content: text.content.map((one, at) => (at === 0 ? { ...one, ...change } : one)) });
  const [content] = text.content;
  const other = Buffer.from('OTHER WORDS').toString('base64');
  const flipped = (base64: string): string => {
    const bytes = Buffer.from(base64, 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    return bytes.toString('base64');
  };
  const changed: readonly (readonly [Packet, string, PacketRow | undefined])[] = [
    [withRow(frame, { data: frame.data.replace('"out"', '"in"') }), 'the row was changed', frame],
    [withRow(frame, { atMs: frame.atMs + 1 }), 'the row was changed', frame],
    [withRow(frame, { actor: 'PRACSUP' }), 'the row was changed', frame],
    [withRow(frame, { prev: '0'.repeat(64) }), 'the row was changed', frame],
    [withRow(frame, { hash: '0'.repeat(64) }), 'the row was changed', frame],
    [withText({ clear: other }), 'a text is not what was encrypted', text],
    [withText({ ciphertext: flipped(content?.ciphertext ?? '') }), 'a ciphertext is not the one the chain names', text],
    [withText({ dataKey: flipped(content?.dataKey ?? '') }), 'a ciphertext does not open with its key', text],
    [withText({ keyId: '0'.repeat(16) }), 'a ciphertext does not open with its key', text],
    [withText({ name: 'other' }), 'a ciphertext is not the one the chain names', text],
    [withRow(text, { content: [] }), 'the manifest says otherwise about the row', text],
    [
      { ...packet, rows: packet.rows.filter((row) => row !== frame) },
      'the packet lacks a row that the manifest names',
      frame,
    ],
    [
      { ...packet, manifest: packet.manifest.filter((line) => line.seq !== frame.seq) },
      'the manifest does not name the row',
      frame,
    ],
    [{ ...packet, reason: 'another' }, 'what the packet says of itself, or the digest over it, was changed', undefined],
    [{ ...packet, heads: [] }, 'what the packet says of itself, or the digest over it, was changed', undefined],
    [{ ...packet, timeline: packet.timeline.slice(1) }, 'the timeline was changed', undefined],
  ];
  for (const [one, what, row] of changed) {
    const place = row === undefined ? { writer: '', seq: 0 } : { writer: row.writer, seq: row.seq };
    expect(checkPacket(one)).toMatchObject({ ok: false, firstBroken: { ...place, what } });
  }
  const { publicKey } = generateKeyPairSync('ed25519');
  expect(checkPacket(packet, publicKey).firstBroken?.what).toBe('the packet is not signed with this key');
});
