import { beforeEach, expect, test } from 'vitest';
import { messageViewOf } from '../../../src/switch/records/views.ts';
import { delivered, openRooms, type Rooms, theirAnswer } from '../rooms.ts';

let rooms: Rooms;
beforeEach(async () => {
  rooms = await openRooms();
});

async function ask(text: string): Promise<string> {
  await rooms.fromStation(text);
  await rooms.pass(0);
  return (await rooms.ours()).id;
}

const shown = async (id: string) => (await messageViewOf(rooms.parts, id)).verdict;

test('a question over Nlets shows NO RECORD only when every address it was sent to has said so', async () => {
  const id = await ask('RQ.CO099013N.WY,NE.*DISP000001.TXT\nLIC/PRAC001.LIY/2030.LIT/PC');
  expect(await shown(id)).toBe('WAITING FOR WY, NE');
  await rooms.fromSwitch(delivered({ key: 'RR', control: id, body: 'NOT ON FILE' }));
  expect(await shown(id)).toBe('WAITING FOR NE');
  await rooms.fromSwitch(delivered({ key: 'RR', control: id, body: 'NOT ON FILE' }));
  expect(await shown(id)).toBe('WAITING FOR NE');
  await rooms.fromSwitch(delivered({ key: 'RR', from: 'NE0990000', control: id, body: 'NOT ON FILE' }));
  expect(await shown(id)).toBe('NO RECORD');
});

test('a request for a confirmation names the agency it waits for, whoever else has a copy and speaks', async () => {
  const { id } = await rooms.asked();
  expect(await shown(id)).toBe('WAITING FOR WY0990200');
  await rooms.fromSwitch(theirAnswer('Y', id));
  expect(await shown(id)).toBeUndefined();
  expect((await rooms.out(id)).status).toBe('ANSWERED');
});

test('a question to a region never shows NO RECORD: it says that nobody knows how many answer, and ends by its deadline', async () => {
  const id = await ask('RQ.CO099013N.Z1.*DISP000001.TXT\nLIC/PRAC001.LIY/2030.LIT/PC');
  const waiting = 'WAITING FOR REGION Z1 (NUMBER OF ANSWERS UNKNOWN)';
  expect(await shown(id)).toBe(waiting);
  for (const from of ['WY0990200', 'NE0990000', 'NL0000000']) {
    await rooms.fromSwitch(delivered({ key: 'RR', from, control: id, body: 'NOT ON FILE' }));
    expect(await shown(id)).toBe(waiting);
  }
  await rooms.pass(rooms.parts.config.clocks.answerWaitMs);
  expect(await rooms.out(id)).toMatchObject({ status: 'ANSWERED', reason: 'REGION ENDED BY TIME' });
  expect(await shown(id)).toBe('REGION Z1 ENDED BY TIME - MORE ANSWERS MAY EXIST');
  expect(await rooms.alarms()).toContain('REGION_ENDED');
  expect(await rooms.alarms()).not.toContain('NO_ANSWER');
  expect((await rooms.notices()).join()).toContain('REGION Z1 ENDED BY TIME');
  await rooms.fromSwitch(delivered({ key: 'RR', from: 'KS0990000', control: id, body: 'NOT ON FILE' }));
  expect((await rooms.out(id)).answerIds).toHaveLength(4);
  expect(await shown(id)).toBe('REGION Z1 ENDED BY TIME - MORE ANSWERS MAY EXIST');
});

test('a region that is silent is no answer, and is alarmed as such', async () => {
  const id = await ask('RQ.CO099013N.Z1.*DISP000001.TXT\nLIC/PRAC001.LIY/2030.LIT/PC');
  await rooms.pass(rooms.parts.config.clocks.answerWaitMs);
  expect(await shown(id)).toBe('NO ANSWER FROM REGION Z1');
  expect(await rooms.alarms()).toContain('NO_ANSWER');
});

test('a record on which nobody is arrested is announced other than a want, and does not hide one', async () => {
  const id = await ask('1N01DSP1.QW.CO099013N.NAM/SAMPLE, SAM.DOB/19900303.SEX/M.RAC/W');
  const record = (literal: string, nic: string) =>
    `1L01COJ1${id}\nCO099013N\n\nMKE/${literal}\nORI/WY0990200 NIC/${nic}\n`;
  await rooms.fromSwitch(record('GANG MEMBER', 'T990000001'));
  expect(await rooms.alarms()).toContain('HIT_NOT_A_WANT');
  expect(await rooms.alarms()).not.toContain('POSSIBLE_HIT');
  expect(await shown(id)).toMatch(/^POSSIBLE HIT - UNCONFIRMED - NOT A WANT - RESTRICTED FILE; WAITING/);
  await rooms.fromSwitch(record('WANTED PERSON', 'W990000001'));
  expect(await rooms.alarms()).toContain('POSSIBLE_HIT');
  expect(await shown(id)).toMatch(/^POSSIBLE HIT - UNCONFIRMED - READ EACH ANSWER; WAITING/);
});

test('what looks like an accepted change is read by a person when a question was asked', async () => {
  const id = await ask('1N01DSP1.QW.CO099013N.NAM/SAMPLE, SAM.DOB/19900303.SEX/M.RAC/W');
  await rooms.fromSwitch(`1L01COJ1${id}\nCO099013N\n\nNIC/W990000001 NAM/SAMPLE, SAM\nOCA/PRACTICE01\n`);
  expect(await rooms.alarms()).toContain('READ_IT');
});

test('a request in markup, whole or broken, opens a case like its text', async () => {
  const markup =
    '<OFML><HDR><MKE>YQ</MKE><ORI>WY0990200</ORI><DST>CO0990100</DST></HDR><TRN><RTY>WP</RTY><RNO>1</RNO><PRI>U</PRI>' +
    '<OCA>PR26000001</OCA><NIC>W990000001</NIC><NAM>PRACTICE, PAT</NAM><DOB>19700101</DOB><RNA>DEPUTY SAMPLE</RNA>' +
    '<RAG>SAGE COUNTY SHERIFF</RAG></TRN></OFML>';
  for (const text of [markup, markup.slice(0, -20), markup.replace('<RNO>1', '<RNO>9')]) {
    rooms = await openRooms();
    await rooms.fromSwitch(text);
    const [came] = await rooms.inbound();
    expect(came?.state.key).toBe('YQ');
    expect(came?.state.caseId).not.toBeNull();
  }
});
