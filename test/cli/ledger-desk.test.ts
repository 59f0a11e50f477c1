import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { urgentRequest } from '../../src/practice/dispatch-center.ts';
import { supervisorConsoleId } from '../../src/practice/world.ts';
import { checkPacket, type Packet } from '../../src/switch/ledger/keeping/packet.ts';
import { Stage } from '../scenarios/stage.ts';
import { jsonLines, runInside } from './run-hitline.ts';

const reason = 'audit of the week';
let stage: Stage;
let place: string;
let held: { readonly id: string; readonly caseId: string };

beforeAll(async () => {
  stage = await Stage.open({ script: { name: 'Silent', agencies: [], listeners: ['WY0990200'] }, inside: true });
  held = await stage.requestHeld(urgentRequest);
  place = join(stage.folder, 'terminal.yaml');
  const { host, port } = stage.gateway.consoleAddress;
  writeFileSync(place, JSON.stringify({ url: `ws://${host}:${port}/`, consoleId: supervisorConsoleId }));
  for (const person of [stage.operator, stage.supervisor]) {
    writeFileSync(join(stage.folder, person.osn), `${person.password}\nnot this line\n`, { mode: 0o600 });
  }
});
afterAll(async () => {
  await stage.checkLaws({ secrets: [reason] });
  await stage.close();
});

async function run(words: readonly string[], who = stage.supervisor.osn, input = '') {
  const desk = ['--console', place, '--osn', who, '--password-file', join(stage.folder, who), '--reason', reason];
  const ended = await runInside(['ledger', ...words, ...desk], { input });
  return { code: ended.code, said: jsonLines(ended.stdout), stderr: ended.stderr };
}

async function looks(): Promise<readonly unknown[]> {
  const events = await stage.gateway.ledger.events({ stream: 'system', type: 'LOOKED', limit: 100 });
  return events.map(({ actor, data, textNames }) => [actor, data['what'], textNames]);
}

test('search finds by column and by a name that is no argument, show prints the text, and both are filed with the reason', async () => {
  const byKey = await run(['search', '--key', 'YQ']);
  expect(byKey).toMatchObject({ code: 0, said: [{ id: held.id, key: 'YQ' }] });
  expect((await run(['search', '--key', 'QH'])).said).toEqual([]);
  expect((await run(['search', '--name'], stage.supervisor.osn, 'SAMPLE, NOBODY\n')).said).toEqual([]);
  const shown = await run(['show', held.id]);
  expect(shown).toMatchObject({ code: 0, said: [{ id: held.id, text: expect.stringContaining('YQ') }] });
  const osn = stage.supervisor.osn;
  expect(await looks()).toEqual(
    expect.arrayContaining([
      [osn, 'search', ['reason']],
      [osn, 'show', ['reason']],
    ]),
  );
});

test('a request for a history is listed with its parties, found by them, and what is passed on is entered with names from a file', async () => {
  const coj = await stage.coj();
  const fields = { NAM: ['SAMPLE, SAM'], DOB: ['19900303'], SEX: ['M'], RAC: ['W'], PUR: ['C'], ATN: ['DET RECORD'] };
  const { id } = await coj.call('draft', { key: 'QH', destinations: [], fields });
  const recipient = join(stage.folder, 'recipient.json');
  writeFileSync(recipient, JSON.stringify({ name: 'CLERK, SAMPLE', agency: 'SAGE COUNTY COURT' }));
  const how = ['--how', 'hand', '--purpose', 'C', '--basis', '28 CFR 20.33', '--verified', 'Badge seen'];
  const entered = await run(['disseminate', id ?? '', '--recipient', recipient, ...how]);
  expect(entered).toMatchObject({ code: 0, said: [{ ok: true, status: 'DISSEMINATED' }] });
  const listed = await run(['iii', '--purpose', 'C', '--agency', 'CO0990100']);
  expect(listed.said).toMatchObject([
    { kind: 'disseminated', operator: stage.supervisor.osn, secondaryRecipient: 'CLERK, SAMPLE; SAGE COUNTY COURT' },
    { kind: 'asked', messageId: id, operator: stage.operator.osn, requestor: 'DET RECORD', purposeCode: 'C' },
  ]);
  const supervisor = stage.supervisor.osn;
  expect((await run(['iii', '--recipient'], supervisor, 'CLERK, SAMPLE\n')).said).toHaveLength(1);
  expect((await run(['search', '--requestor'], supervisor, 'DET RECORD\n')).said).toMatchObject([{ id }]);
  expect((await run(['iii', '--recipient', '--name'], supervisor, 'X\n')).code).toBe(2);
  expect((await run(['disseminate', held.id, '--recipient', recipient, ...how])).said).toMatchObject([
    { faults: [{ code: 'NOT_FOUND' }] },
  ]);
});

test('sealing a subject and freeing from quarantine go by role and by what is there', async () => {
  const subject = join(stage.folder, 'subject.json');
  writeFileSync(subject, JSON.stringify({ name: 'SAMPLE, SAM' }));
  const refused = { code: 1, said: [{ ok: false, faults: [{ code: 'ROLE_MISSING' }] }] };
  expect(await run(['seal-subject', '--order', 'PR-1', '--subject', subject, '--dry-run'])).toMatchObject(refused);
  expect(await run(['sealed-subjects'])).toMatchObject(refused);
  const file = join(stage.folder, stage.operator.osn);
  const approver = ['--approver', stage.operator.osn, '--approver-password-file', file];
  expect(await run(['unseal-subject', 'sealed-1', ...approver])).toMatchObject(refused);
  const nothing = { code: 1, said: [{ ok: false, faults: [{ code: 'NOT_FOUND' }] }] };
  expect(await run(['free', 'm-none', '--belongs'])).toMatchObject(nothing);
  expect((await run(['free', 'm-none', '--belongs', '--stands-alone'])).code).toBe(2);
});

test('export writes a packet that proves itself into a file of its owner alone, and never over another', async () => {
  const file = join(stage.folder, 'case.json');
  const ended = await run(['export', '--case', held.caseId, '--to', file]);
  expect(ended).toMatchObject({ code: 0, said: [{ ok: true }] });
  const packet = JSON.parse(readFileSync(file, 'utf8')) as Packet;
  expect(checkPacket(packet)).toMatchObject({ ok: true });
  expect(packet.rows.some((row) => row.id === held.id)).toBe(true);
  expect(ended.said).toEqual([{ ok: true, manifestSha256: packet.manifestSha256 }]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await run(['export', '--message', held.id, '--to', file])).code).toBe(2);
  expect((await run(['export', '--to', join(stage.folder, 'other.json')])).code).toBe(2);
});

test('what a role or the installation does not allow is refused by its code, and a wrong password opens nothing', async () => {
  const to = join(stage.folder, 'refused.json');
  const operator = await run(['export', '--message', held.id, '--to', to], stage.operator.osn);
  expect(operator).toMatchObject({ code: 1, said: [{ ok: false, faults: [{ code: 'ROLE_MISSING' }] }] });
  const words = ['purge', '--approver', stage.operator.osn];
  const purge = await run([...words, '--approver-password-file', join(stage.folder, stage.operator.osn)]);
  expect(purge).toMatchObject({ code: 1, said: [{ faults: [{ code: 'PURGE_OFF' }] }] });
  writeFileSync(join(stage.folder, 'PRACNONE'), 'wrong-password-1\n', { mode: 0o600 });
  expect(await run(['show', held.id], 'PRACNONE')).toMatchObject({
    code: 1,
    said: [{ faults: [{ code: 'LOGON_REFUSED' }] }],
  });
  expect(() => statSync(to)).toThrow();
});

test('a litigation hold is placed by one, and lifted by another with him only', async () => {
  const placed = await run(['hold']);
  expect(placed).toMatchObject({ code: 0, said: [{ ok: true, status: 'STANDING' }] });
  const { id } = placed.said[0] as { id: string };
  expect((await run(['hold', '--lift', id])).code).toBe(2);
  const second = join(stage.folder, stage.supervisor.osn);
  const lifted = ['hold', '--lift', id, '--approver', stage.supervisor.osn, '--approver-password-file', second];
  expect(await run(lifted)).toMatchObject({ code: 1, said: [{ faults: [{ code: 'SAME_PERSON' }] }] });
});

test('a password comes from a file of its owner alone or from a terminal, a reason is no empty word', async () => {
  const open = join(stage.folder, 'open');
  writeFileSync(open, stage.supervisor.password, { mode: 0o644 });
  const desk = ['ledger', 'show', held.id, '--console', place, '--osn', stage.supervisor.osn];
  for (const words of [
    [...desk, '--reason', reason],
    [...desk, '--reason', reason, '--password-file', open],
    [...desk, '--reason', ' ', '--password-file', join(stage.folder, stage.supervisor.osn)],
    [...desk, '--password-file', join(stage.folder, stage.supervisor.osn)],
  ]) {
    expect((await runInside(words)).code).toBe(2);
  }
});

test('a gateway that is not there is said to be away', async () => {
  const away = join(stage.folder, 'away.yaml');
  writeFileSync(away, JSON.stringify({ url: 'ws://127.0.0.1:9/', consoleId: 'REC2' }));
  const file = join(stage.folder, stage.supervisor.osn);
  const words = ['--console', away, '--osn', 'PRACSU1', '--password-file', file, '--reason', reason];
  expect(await runInside(['ledger', 'show', 'm-1', ...words])).toMatchObject({
    code: 70,
    stderr: expect.stringContaining('CONSOLE_DISCONNECTED'),
  });
});
