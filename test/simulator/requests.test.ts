import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noRegisters } from '../../src/simulator/records/criminal-histories.ts';
import { noRecords } from '../../src/simulator/records/hot-records.ts';
import { readCodedFields, readRequest } from '../../src/simulator/requests.ts';
import { parseScript } from '../../src/simulator/script.ts';
import { initialState } from '../../src/simulator/state.ts';
import { stepSwitch } from '../../src/simulator/step.ts';
import { leastCpuMs } from '../support/cpu-time.ts';
import { wantedEntry, yq } from './texts.ts';

test('any text at all is read without a throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary-ascii', maxLength: 120 }), (text) => void readRequest(text)));
  const pieces = fc.constantFrom(
    '1N01',
    'QW',
    'YQ',
    '.',
    'CO0990100',
    '*',
    'TXT',
    'NAM/',
    '\r\n\x7f',
    ',',
    'REM/',
    ' ',
  );
  fc.assert(fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => void readRequest(parts.join(''))));
});

test('whatever comes, the switch steps on: it never throws, and what it sends is bounded', () => {
  const script = parseScript({ name: 'Test', agencies: [{ ori: 'WY0990200', name: 'Sage', phone: '5550100122' }] });
  const words = [
    '1N01C1.',
    '2L01C1.',
    'EW.',
    'QW.',
    'LW.',
    'QH.',
    'YQ.',
    'RQ.',
    'AM.',
    'CO0990100.',
    'WY0990200,',
    'WY.',
  ];
  const pieces = fc.constantFrom(
    ...words,
    '*COJ1000001.',
    'TXT',
    'NAM/A,B.',
    'DOB/1.',
    'NIC/W990000001.',
    'SER/',
    '\r\n\x7f',
    '',
  );
  const texts = fc.array(
    fc.array(pieces, { maxLength: 14 }).map((parts) => parts.join('')),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(texts, (list) => {
      let state = initialState(script, noRecords, noRegisters);
      for (const text of list) {
        const stepped = stepSwitch(state, { type: 'received', linkId: 'l', request: readRequest(text) }, 0);
        state = stepped.state;
        expect(stepped.effects.length).toBeLessThanOrEqual(30);
        for (const effect of stepped.effects) {
          if (effect.type === 'later') state = stepSwitch(state, effect.event, 0).state;
        }
      }
    }),
  );
});

test('hostile texts of the largest size are read in a time that grows with their length', () => {
  const head = 'YQ.CO0990100.WY0990200.TXT';
  const hostile = (repeated: string, length: number) => head + repeated.repeat(Math.floor(length / repeated.length));
  for (const repeated of ['.NAM/A', '\n', ' ', '.NAM/ ', '/', '.', '*', 'A.', '\r\x7f']) {
    const taken = [8_000, 64_000].map((length) => {
      const text = hostile(repeated, length);
      return leastCpuMs(2, () => readRequest(`${text}x`));
    });
    // Eight times the length may take eight times as long; sixty-four times would be the square of it.
    expect(taken[1] ?? 0).toBeLessThan(Math.max(25, (taken[0] ?? 0) * 32));
  }
});

test('an NCIC request gives its key, its sender, its control data and its fields', () => {
  expect(readRequest('1N01COJ100000000001.QW.CO0990100.NAM/SAMPLE, ALEX.DOB/19810909')).toMatchObject({
    kind: 'ncic',
    family: 'hot-files',
    control: 'COJ100000000001',
    key: 'QW',
    ori: 'CO0990100',
    fields: { NAM: ['SAMPLE, ALEX'], DOB: ['19810909'] },
    wrong: false,
  });
  expect(readRequest('2L01COJ1.QR.CO0990100.FBI/SYN00002A.ATN/CLERK SAMPLE.PUR/C')).toMatchObject({ family: 'iii' });
});

test('an entry that breaks its table names the field', () => {
  const request = readRequest(wantedEntry({ SEX: 'Q' }));
  expect(request).toMatchObject({ kind: 'ncic', wrong: true });
  expect(request.kind === 'ncic' && request.wrongFields).toContain('SEX');
});

test('an Nlets message gives its addresses, its control field and its fields, whatever stands after TXT', () => {
  const request = readRequest(yq({}, { to: 'WY0990200,CO0990000' }));
  expect(request).toMatchObject({
    kind: 'nlets',
    key: 'YQ',
    ori: 'CO0990100',
    destinations: ['WY0990200', 'CO0990000'],
    control: 'COJ1000001',
    hasTxt: true,
  });
  expect(request.kind === 'nlets' && request.fields['REM']).toEqual(['SUBJECT IN CUSTODY. ADVISE EXTRADITION']);
});

test('a control field may be missing or padded, and TXT may be missing', () => {
  expect(readRequest(yq({}, { control: '' }))).not.toHaveProperty('control');
  expect(readRequest(yq({}, { control: 'COJ1      ' }))).toMatchObject({ control: 'COJ1      ', hasTxt: true });
  expect(readRequest('YQ.CO0990100.WY0990200.RTY/WP.RNO/1')).toMatchObject({
    hasTxt: false,
    fields: { RTY: ['WP'], RNO: ['1'] },
  });
});

test('a DMPP text prefix is kept apart, so that it can stand in front of the answer', () => {
  expect(readRequest('DAC00001A.REF0000001.OPR0001.QW.CO0990100.NAM/SAMPLE,ALEX.DOB/19810909')).toMatchObject({
    kind: 'ncic',
    prefix: 'DAC00001A.REF0000001.OPR0001.',
    key: 'QW',
  });
  expect(readRequest('DAC00001A.REF0000002.OPR0001.RQ.CO0990100.WY.TXT\r\nLIC/SYN0001')).toMatchObject({
    kind: 'nlets',
    prefix: 'DAC00001A.REF0000002.OPR0001.',
    destinations: ['WY'],
  });
});

test('coded fields lose their closing periods and keep a blank value blank', () => {
  expect(readCodedFields('SER/.TYP/TC.\nDEN/100.')).toEqual({ SER: [''], TYP: ['TC'], DEN: ['100'] });
});

test('a model year after the next is wrong by the day the switch has, and by none when it has no day', () => {
  const text = '1N01COJ10000001.MV.CO0990100.OCA/PRACTICE01.NIC/V000000001.VYR/2028';
  expect(readRequest(text, '20260701')).toMatchObject({ wrong: true, wrongFields: ['VYR'] });
  expect(readRequest(text, '20270101')).toMatchObject({ wrong: false });
  expect(readRequest(text)).toMatchObject({ wrong: false });
});
