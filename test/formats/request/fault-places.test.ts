import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildMessage, describeMessage, fieldRow, parseMessage, parseOfml } from '../../../src/formats/language.ts';

/** The faults of a text, each as `CODE FIELD` and the text from its place on. */
function places(text: string): readonly string[] {
  const parsed = parseMessage(text, { today: '20260701' });
  const notes = parsed.ok ? parsed.warnings : parsed.faults;
  return notes.map(({ code, field = '', offset }) => `${code} ${field} @${text.slice(offset).slice(0, 12)}`);
}

const yq = (body: string): string => `YQ.CO0990100.WY0990200.TXT\n${body}`;
const whole =
  'RTY/WP.RNO/1.PRI/U.OCA/PRACTICE01.NIC/W000000001.\nNAM/SAMPLE, ALPHA.DOB/19700101.\nRNA/OPERATOR.RAG/PINE RIDGE PD';

test('a missing field is shown where it would stand: before the one that follows it in the key’s table', () => {
  expect(places(yq(whole.replace('RNO/1.', '')))).toEqual(['FIELD_MISSING RNO @PRI/U.OCA/PR']);
  expect(places(yq(whole.replace('NIC/W000000001.', '')))).toEqual(['FIELD_MISSING NIC @NAM/SAMPLE, ']);
});

test('a missing field that nothing follows is shown at the end of the data', () => {
  expect(places(yq(`${whole.replace('.RAG/PINE RIDGE PD', '')}\n\n`))).toEqual(['FIELD_MISSING RAG @\n\n']);
  expect(places('1N01COJ10000001.QV.CO0990100')).toEqual(['FIELD_GROUP_MISSING  @']);
});

test('a field that does not belong is shown at its value, and not where its letters stand inside another', () => {
  const text = yq(whole.replace('\nRNA/OPERATOR', 'SEX/M.\nLIC/PRAC001.RNA/OF LIC/1'));
  expect(places(text)).toEqual(['FIELD_NOT_FOR_TYPE LIC @PRAC001.RNA/']);
});

test('a value without its code that is missing is shown in its position', () => {
  expect(places('1N01COJ10000001.EG.CO0990100.PRACTICE06..38.PRACTICE.PI.20260102.PRACTICE01')).toContain(
    'FIELD_MISSING MAK @.38.PRACTICE',
  );
});

test('an address that is one too many, or of the wrong kind, is shown itself', () => {
  const many = yq(whole).replace('WY0990200', 'WY0990200,WY0990000,CO0990000,DC0990000');
  expect(places(many)).toEqual(['DESTINATION_COUNT  @DC0990000.TX']);
  expect(places(yq(whole).replace('WY0990200', 'WY0990200,WY'))).toEqual(['DESTINATION_KIND  @WY.TXT\nRTY/W']);
  expect(places('HQ.CO0990100.*COJ1000001.TXT\nWEATHER')).toEqual(['DESTINATION_MISSING  @*COJ1000001.']);
});

test('a second date that cannot follow the first is shown itself', () => {
  expect(places('1N01COJ10000001.MW.CO0990100.NAM/SAMPLE, ALPHA.NIC/W000000001.DOB/19700101.DOW/19600101')).toEqual([
    'DATE_ORDER DOW @19600101',
  ]);
});

const heads = [
  '1N01COJ10000001.QW.CO0990100.',
  '1N01COJ10000001.EW.CO0990100.',
  'RQ.CO0990100.WY.TXT\n',
  'QZQZ.CO0990100.',
  '',
];
const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ');
/** A word of the size of a field code, as a value of two words with a slash between would begin. */
const word = fc.oneof(
  ...[3, 4, 7].map((size) => fc.string({ unit: letter, minLength: size, maxLength: size })),
  fc.constantFrom('NAX', 'DBO', 'SAMPLER', 'KIMA'),
);

test('a fault names no field but one of the dictionary, and repeats no code that was sent', () => {
  fc.assert(
    fc.property(fc.constantFrom(...heads), fc.array(word, { minLength: 1, maxLength: 4 }), (head, words) => {
      const unknown = words.filter((one) => fieldRow(one) === undefined);
      const text = head + words.map((one) => `${one}/1\n2`).join('.');
      const parsed = parseMessage(text);
      const markup = words.map((one) => `<${one}>1</${one}>`).join('');
      const ofml = parseOfml(`<OFML><HDR><MKE>QW</MKE><ORI>CO0990100</ORI></HDR><TRN>${markup}</TRN></OFML>`);
      const fields = Object.fromEntries(words.map((one) => [one, ['1']]));
      const built = buildMessage({ line: 'ncic', key: 'QW', ori: 'CO0990100', destinations: [], fields });
      const notes = [parsed, ofml, built].flatMap((one) => [
        ...(one.ok ? [] : one.faults),
        ...('warnings' in one ? one.warnings : []),
      ]);
      for (const { field, text: said } of notes) {
        expect(field === undefined || fieldRow(field) !== undefined, field).toBe(true);
        for (const one of unknown) expect(said.split(/[^A-Z0-9]/)).not.toContain(one);
      }
      const shown = describeMessage(text, { reveal: false }).join('\n');
      for (const one of unknown) expect(shown.split(/[^A-Z0-9]/)).not.toContain(one);
    }),
  );
});

test('a code that no dictionary has is shown by its place and by the codes of the key one slip away', () => {
  const near = (code: string, head = '1N01COJ10000001.QW.CO0990100.NAM/SAMPLE, ALPHA.') => {
    const text = `${head}${code}/1`;
    const parsed = parseMessage(text);
    const fault = parsed.ok ? undefined : parsed.faults.find((one) => one.code === 'FIELD_UNKNOWN');
    expect(fault?.offset).toBe(head.length);
    expect(fault?.field).toBeUndefined();
    return /Codes near it: ([A-Z0-9 ]+)\./.exec(fault?.text ?? '')?.[1]?.split(' ') ?? [];
  };
  expect(near('DBO')).toContain('DOB');
  expect(near('DOBB')).toEqual(['DOB']);
  expect(near('NNM')).toContain('NAM');
  expect(near('QQQ')).toEqual([]);
  expect(near('VIM', '1N01COJ10000001.QH.CO0990100.')).not.toContain('VIN');
  expect(near('NAX').length).toBeLessThanOrEqual(3);
});

test('built from fields, it is shown by which of them it is', () => {
  const fields = { NAM: ['SAMPLE, ALPHA'], DBO: ['19800101'] };
  const built = buildMessage({ line: 'ncic', key: 'QW', ori: 'CO0990100', destinations: [], fields });
  const [fault] = built.ok ? [] : built.faults;
  expect(fault).toMatchObject({ code: 'FIELD_UNKNOWN', text: expect.stringMatching(/field 2 .*Codes near it: .*DOB/) });
  expect(JSON.stringify(fault)).not.toContain('DBO');
});
