import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readReply } from '../../src/formats/language.ts';
import { loadHotFiles } from '../../src/simulator/records/load-hot-files.ts';
import { practiceReplyRules } from '../../src/simulator/reply-rules.ts';
import { loadScript, parseScript, type Script } from '../../src/simulator/script.ts';
import { type Sent, SwitchBench, startMs } from './switch-bench.ts';
import { wantedEntry, yq } from './texts.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const files = await loadHotFiles(join(fixtures, 'hot-files'));
const practice = await loadScript(join(fixtures, 'scripts/practice.yaml'));

class Bench extends SwitchBench {
  constructor(script: Script) {
    super(script, files);
  }
}

const plain = (over: object = {}): Bench => new Bench(parseScript({ name: 'Test', ...over }));
const abouts = (sent: readonly Sent[]): string[] => sent.map((one) => one.about);

test('an entry is acknowledged with a NIC and its control data, and a later inquiry finds it', () => {
  const bench = plain();
  const [ack] = bench.receive(wantedEntry());
  expect(ack?.text).toMatch(/^1L01COJ100000000001\nCO0990100\n\nNIC\/W[0-9]{9} NAM\/SAMPLE, ALEX\nOCA\/PR26000201$/);
  const nic = /NIC\/(W[0-9]{9})/.exec(ack?.text ?? '')?.[1] ?? '';
  const answers = bench.receive('1N01COJ100000000002.QW.WY0990200.NAM/SAMPLE,ALEX.DOB/19810909');
  expect(abouts(answers).toSorted()).toEqual(['federal-answer', 'state-answer']);
  for (const answer of answers) {
    expect(answer.text).toMatch(/^1L01COJ100000000002\nWY0990200\n/);
    expect(answer.text).toContain('MKE/WANTED PERSON\n');
    expect(answer.text).toContain(`NIC/${nic}`);
    expect(answer.text.split('\n').every((line) => line.length <= 80)).toBe(true);
  }
});

test('the same entry twice is rejected with the record on file; an entry that breaks its table names the field', () => {
  const bench = plain();
  bench.receive(wantedEntry());
  expect(bench.receive(wantedEntry())[0]?.text).toMatch(/\n\nREJ - ON FILE\nMKE\/WANTED PERSON\n/);
  expect(bench.receive(wantedEntry({ SEX: 'Q' }))[0]?.text).toMatch(/\n\nREJ - FIELD ERROR SEX$/);
});

test('a locate marks the record, tells its owner, and later hits say so', () => {
  const bench = plain();
  const locate =
    '1N01COJ100000000003.LW.CO0990100.NAM/RECORD, ROBIN.NIC/W990000002.DOL/20300101.RCA/PR30000001.DIS/EXTR';
  const [ack, notice] = bench.receive(locate);
  expect(ack?.text).toContain('LOCATE NIC/W990000002');
  expect(notice).toMatchObject({ about: 'notice', to: 'WY0990200' });
  expect(notice?.text).toMatch(/^1L01\nWY0990200\n\n\$\.L\. /);
  const hit = bench.receive('1N01COJ100000000004.QW.CO0990100.NIC/W990000002.NAM/RECORD,ROBIN');
  expect(hit.find((one) => one.about === 'federal-answer')?.text).toContain('MKE/LOCATED WANTED PERSON');
  expect(bench.receive(locate)[0]?.text).toContain('REJ - ALREADY LOCATED');
});

test('nobody found: one no-record line for each identifier that was searched, from both sources', () => {
  const answers = plain().receive('1N01C1.QW.CO0990100.NAM/PRACTICE,NOBODY.DOB/19700101.SOC/000000999');
  const federal = answers.find((one) => one.about === 'federal-answer')?.text ?? '';
  const state = answers.find((one) => one.about === 'state-answer')?.text ?? '';
  expect(federal).toMatch(/\n\nNO NCIC WANT DOB\/19700101 NAM\/PRACTICE,NOBODY\nNO NCIC WANT SOC\/000000999$/);
  expect(state).toMatch(/NO STATE RECORD/);
  expect(federal).not.toContain('MKE/');
});

test('the State answers only for records of its own state', () => {
  const answers = plain().receive('1N01C1.QW.CO0990100.NAM/RECORD,ROBIN.DOB/19800202');
  expect(answers.find((one) => one.about === 'federal-answer')?.text).toContain('NIC/W990000002');
  expect(answers.find((one) => one.about === 'state-answer')?.text).toContain('NO STATE RECORD');
});

test('III answers an identity search and a record request, or says there is nothing', () => {
  const bench = plain();
  const federal = (text: string) => bench.receive(text).find((one) => one.about === 'federal-answer')?.text ?? '';
  const index = federal('2L01C1.QH.CO0990100.NAM/RECORD,ROBIN.DOB/19800202.SEX/M.RAC/W.PUR/C.ATN/CLERK SAMPLE');
  expect(index).toMatch(/^2L01C1\nCO0990100\n/);
  expect(index).toContain('FBI/SYN00002A');
  expect(federal('2L01C2.QR.CO0990100.FBI/SYN00002A.PUR/C.ATN/CLERK SAMPLE')).toContain('1-ARRESTED 20100110');
  expect(federal('2L01C3.QH.CO0990100.NAM/PRACTICE,NOBODY.DOB/19800202.SEX/M.RAC/W.PUR/C')).toMatch(
    /\n\nNO RECORD NAM\//,
  );
});

test('a combined inquiry is answered by the State, by NCIC and by III', () => {
  const text = '1N01C1.QWI.CO0990100.NAM/RECORD,ROBIN.DOB/19800202.SEX/M.RAC/W.PUR/C.ATN/CLERK SAMPLE';
  const sources = plain()
    .receive(text)
    .map((one) => readReply(one.text, { rules: practiceReplyRules }).source);
  expect(sources.toSorted()).toEqual(['III', 'NCIC', 'STATE']);
});

test('an owner who wants to know of every hit is told of those of others', () => {
  const bench = plain();
  bench.receive(wantedEntry({ NOA: 'Y' }));
  const ask = (ori: string) => bench.receive(`1N01C1.QW.${ori}.NAM/SAMPLE,ALEX.DOB/19810909`);
  expect(ask('WY0990200').filter((one) => one.about === 'notice')).toMatchObject([{ to: 'CO0990100' }]);
  expect(ask('CO0990100').filter((one) => one.about === 'notice')).toEqual([]);
});

test('the order of the two answers follows the seed, and both orders come up', () => {
  const firstOf = (seed: number, count: number): string[] => {
    const bench = plain({ seed });
    return Array.from(
      { length: count },
      (_, n) => bench.receive(`1N01C${n}.QW.CO0990100.NAM/A,B.DOB/19700101`)[0]?.about ?? '',
    );
  };
  expect(firstOf(7, 20)).toEqual(firstOf(7, 20));
  expect(new Set(firstOf(7, 20))).toEqual(new Set(['state-answer', 'federal-answer']));
});

test('a YQ is answered after its delay with our control field, stamps and counters, and joins no other subject', () => {
  const bench = new Bench(practice);
  const [yr] = bench.receive(yq());
  expect(yr).toMatchObject({ key: 'YR', to: 'CO0990100', about: 'agency-answer', atMs: startMs + 4000 });
  const lines = yr?.text.split('\n') ?? [];
  expect(lines[0]).toBe('YR.WY0990200');
  expect(lines[1]).toMatch(/^08:00 01\/01\/2030 [0-9]{5}$/);
  expect(lines[2]).toBe('08:00 01/01/2030 00001 CO0990100');
  expect(lines.slice(3, 5)).toEqual(['*COJ1000001', 'TXT']);
  expect(lines[5]).toMatch(/^RTY\/WP\.OCA\/SC26000002\.NIC\/W990000002\..*CON\/Y\./);
});

test('an answer that was taken brings the other agency’s urgent YQ on our warrant, once', () => {
  const bench = new Bench(practice);
  const [yr] = bench.receive(yq());
  if (yr === undefined) throw new Error('no answer');
  bench.accept(yr);
  bench.accept(yr);
  const theirs = bench.sent.filter((one) => one.key === 'YQ');
  expect(theirs).toHaveLength(1);
  expect(theirs[0]).toMatchObject({ to: 'CO0990100', atMs: startMs + 10_000 });
  expect(theirs[0]?.text).toMatch(/^YQ\.WY0990200\n.*\n.* CO0990100\n\*WY00000001\nTXT\nRTY\/WP\.RNO\/1\.PRI\/U\./s);
});

test('an agency without a rule for it stays silent, and control terminals take their copies', () => {
  const bench = new Bench(practice);
  expect(bench.receive(yq({}, { to: 'WY0990300,CO0990000,WY0990000' }))).toEqual([]);
  expect(bench.notes).toEqual(['RELAYED_TO_AGENCY', 'AGENCY_SILENT', 'LISTENER_TOOK', 'LISTENER_TOOK']);
});

test('stamps never run backwards, whatever is answered when', () => {
  const bench = new Bench(practice);
  for (let n = 0; n < 20; n += 1) bench.receive(yq({}, { control: `COJ10000${String(n).padStart(2, '0')}` }));
  const counts = bench.sent.map((one) => Number(/\d{5}(?= CO0990100)/.exec(one.text)?.[0]));
  expect(counts).toEqual(counts.map((_, n) => n + 1));
});

test('one client’s YQ reaches another client as Nlets delivers it', () => {
  const bench = plain({ stations: [{ oris: ['WY0990200'] }] });
  const [relayed] = bench.receive(yq());
  expect(relayed).toMatchObject({ about: 'relay', to: 'WY0990200', key: 'YQ' });
  expect(relayed?.text).toMatch(/^YQ\.CO0990100\n.*\n.* WY0990200\n\*COJ1000001\nTXT\nRTY\/WP\./s);
});

test('a record entered after an inquiry tells both the inquirer and the owner', () => {
  const bench = plain();
  bench.receive('1N01C1.QW.WY0990200.NAM/SAMPLE,ALEX.DOB/19810909');
  const [, ...notices] = bench.receive(wantedEntry());
  expect(notices.map((one) => [one.about, one.to])).toEqual([
    ['notice', 'CO0990100'],
    ['notice', 'WY0990200'],
  ]);
  expect(notices.every((one) => /\n\n\$\.H\. /.test(one.text))).toBe(true);
  expect(bench.receive('1N01C2.ZW.WY0990200.NAM/SAMPLE,ALEX.DOB/19810909')).toHaveLength(2);
});

test('RQ and DQ are answered by the state they name', () => {
  const bench = plain();
  const [rr] = bench.receive('RQ.CO0990100.WY.*COJ1000001.TXT\r\nLIC/SYN0041.LIY/2027.LIT/PC');
  expect(rr?.text).toMatch(/^RR\.WYLIC0000\n.*\n.*\n\*COJ1000001\nTXT\nLIC\/SYN0041 /s);
  expect(bench.receive('RQ.CO0990100.WY.TXT\r\nLIC/SYN9999')[0]?.text).toMatch(/TXT\nNOT ON FILE$/);
  expect(bench.receive('DQ.CO0990100.CO.TXT\r\nOLN/SYN990000001')[0]?.text).toMatch(/^DR\..*OLN\/SYN990000001/s);
  expect(bench.receive('BQ.CO0990100.WY.TXT\r\nREG/SYN0061WY')[0]?.text).toContain('.01. USER DOES NOT RESPOND');
});

test('a scripted State answers late, in other words, not at all, and is looked up again afterwards', () => {
  const rules = [
    { when: { key: 'RQ', nth: 1 }, replies: [] },
    { when: { key: 'RQ', nth: 2 }, replies: [{ say: 'look-up', afterMs: 5_000, copies: 2 }] },
    {
      when: { key: 'RQ', nth: 3 },
      replies: [{ say: 'free-text', body: 'TEMPORARILY UNAVAILABLE' }, { say: 'status-02' }],
    },
  ];
  const bench = plain({ states: [{ code: 'WY', rules }] });
  const ask = () => bench.receive('RQ.CO0990100.WY.*COJ1000001.TXT\r\nLIC/SYN0041.LIY/2027.LIT/PC');
  expect(ask()).toEqual([]);
  expect(ask().map((one) => [one.key, one.atMs])).toEqual([
    ['RR', startMs + 5_000],
    ['RR', startMs + 5_000],
  ]);
  expect(ask().map((one) => /TXT\n(.*)/.exec(one.text)?.[1])).toEqual([
    'TEMPORARILY UNAVAILABLE',
    '.02. USER OUT OF SERVICE FOR MSG TYPE, NLETS WILL FORWARD',
  ]);
  expect(ask()[0]?.text).toContain('LIC/SYN0041 ');
});

test.each([
  ['four addresses', yq({}, { to: 'WY0990200,CO0990000,WY0990000,DC0990000' }), '.01. INVALID HEADER INFORMATION'],
  ['a state code', yq({}, { to: 'WY' }), '.02. MESSAGE TYPE NOT ALLOWED TO DESTINATION'],
  ['no TXT', yq().replace('TXT', ''), '.03. TXT NOT FOUND'],
  ['request number 4', yq({ RNO: '4' }), '.22. INVALID MESSAGE FORMAT - REFER TO YQ MKE OPTIONS BELOW'],
  ['priority X', yq({ PRI: 'X' }), '.22.'],
  ['a plate on a wanted person', yq({ LIC: 'SYN0001' }), '.22.'],
  ['a blank serial', yq({ RTY: 'SG', NAM: '', DOB: '', SEX: '', REM: '' }).concat('.SER/'), '.22.'],
  ['no request number', yq({ RNO: '' }), '.22.'],
  ['an address nobody has', yq({}, { to: 'WY0990999' }), '.01. INVALID HEADER INFORMATION - DESTINATION WY0990999'],
  ['IQ to an ORI', 'IQ.CO0990100.WY0990200.TXT\r\nNAM/A,B.DOB/19700101.SEX/M.PUR/C.ATN/X', '.02.'],
])('a message with %s comes back as ER from the Nlets switch', (_what, text, error) => {
  const [er, ...more] = new Bench(practice).receive(text);
  expect(more).toEqual([]);
  expect(er).toMatchObject({ key: 'ER', to: 'CO0990100', about: 'error' });
  expect(er?.text).toMatch(/^ER\.NL0000000\n/);
  expect(er?.text).toContain(`TXT\n${error}`);
  expect(er?.text).toContain(`ORIGINAL MESSAGE\n${text.slice(0, 20)}`);
});

test('the language reads every reply as what it is, and knows whose it is', () => {
  const bench = plain();
  const reply = (text: string, about?: string) => {
    const [first, second] = bench.receive(text);
    const wanted = about === undefined || first?.about === about ? first : second;
    return readReply(wanted?.text ?? '', { rules: practiceReplyRules });
  };
  const hit = '1N01C1.QW.CO0990100.NAM/PRACTICE,PAT.DOB/19700101';
  const none = '1N01C1.QW.CO0990100.NAM/PRACTICE,NOBODY.DOB/19700101.SOC/000000999';
  expect(reply(hit, 'federal-answer')).toMatchObject({ verdict: 'HIT', source: 'NCIC', nic: 'W990000001' });
  expect(reply(hit, 'state-answer')).toMatchObject({ verdict: 'HIT', source: 'STATE', nic: 'W990000001' });
  expect(reply(none, 'federal-answer')).toMatchObject({ verdict: 'NO RECORD', source: 'NCIC', warnings: [] });
  expect(reply(none, 'state-answer')).toMatchObject({ verdict: 'NO RECORD', source: 'STATE', warnings: [] });
  const history = '2L01C1.QH.CO0990100.NAM/PRACTICE,NOBODY.DOB/19700101.SEX/M.RAC/W.PUR/C.ATN/X';
  expect(reply(history, 'federal-answer')).toMatchObject({ verdict: 'NO RECORD', source: 'III' });
  expect(reply(wantedEntry())).toMatchObject({ kind: 'acknowledgement', nic: expect.stringMatching(/^W/) });
  expect(reply(wantedEntry())).toMatchObject({ kind: 'reject', records: [{ literal: 'WANTED PERSON' }] });
  expect(reply('RQ.CO0990100.WY.TXT\r\nLIC/SYN9999')).toMatchObject({ verdict: 'NO RECORD' });
  expect(reply(yq({}, { to: 'WY0990999' }))).toMatchObject({ kind: 'error', statusNumber: 1 });
});

test('the trailer leaves every verdict as it is: hit, no record, registration not on file', () => {
  const read = (text: string, trailer: boolean) =>
    plain({ trailer, answers: { order: 'federal-first' } })
      .receive(text)
      .map((one) => {
        expect(/\nMRI \d+ IN: NLI1 \d+ AT \d{2}JAN2030 08:00:00\nOUT: CO0990100 \d+ AT .*$/.test(one.text)).toBe(
          trailer,
        );
        const { verdict, source } = readReply(one.text, { rules: practiceReplyRules });
        return { verdict, source };
      });
  for (const text of [
    '1N01C1.QW.CO0990100.NAM/PRACTICE,PAT.DOB/19700101',
    '1N01C1.QW.CO0990100.NAM/PRACTICE,NOBODY.DOB/19700101',
    'RQ.CO0990100.WY.TXT\r\nLIC/SYN9999',
  ]) {
    expect(read(text, true)).toEqual(read(text, false));
  }
  const hostile = '1L01C1\nCO0990100\n\nNO NCIC WANT NAM/A,B\nMRI 1 IN: NLI1 1 AT 01JAN2030 08:00:00 WARRANT';
  expect(readReply(hostile, { rules: practiceReplyRules }).verdict).toBe('READ IT');
});

test('the trailer counts what left to a station without a gap', () => {
  const bench = plain({ trailer: true });
  const counts = [0, 1, 2].flatMap((n) =>
    bench
      .receive(`1N01C${n}.QW.CO0990100.NAM/A,B.DOB/19700101`)
      .map((one) => /OUT: CO0990100 (\d+) AT/.exec(one.text)?.[1]),
  );
  expect(counts).toEqual(['1', '2', '3', '4', '5', '6']);
});
