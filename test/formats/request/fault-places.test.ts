import { expect, test } from 'vitest';
import { parseMessage } from '../../../src/formats/language.ts';

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
