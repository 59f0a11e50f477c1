import { describe, expect, test } from 'vitest';
import { readReply } from '../../../src/formats/language.ts';
import { alarmOf, shownVerdict } from '../../../src/switch/intake/reading.ts';
import { toneOf } from '../../../src/terminal/words.ts';

const record = (literal: string, nic: string) => `MKE/${literal}\nORI/WY0990200 NIC/${nic}\n\n`;
const want = record('WANTED PERSON', 'W000000001');
const gang = record('GANG MEMBER', 'T000000001');
const order = record('PROTECTION ORDER', 'H000000001');
const car = record('STOLEN VEHICLE', 'V000000001');
const strange = record('SOMETHING NEW', 'Q000000001');

describe('a hit as screens and alarms say it', () => {
  test.each([
    [want, 'POSSIBLE HIT - UNCONFIRMED', 'POSSIBLE_HIT'],
    [car, 'POSSIBLE HIT - UNCONFIRMED', 'POSSIBLE_HIT'],
    [gang, 'POSSIBLE HIT - UNCONFIRMED - NOT A WANT - RESTRICTED FILE', 'HIT_NOT_A_WANT'],
    [order, 'POSSIBLE HIT - UNCONFIRMED - NOT A WANT', 'HIT_NOT_A_WANT'],
    [`${gang}${want}`, 'POSSIBLE HIT - UNCONFIRMED - NOT ALL A WANT - RESTRICTED FILE', 'POSSIBLE_HIT'],
    [`DO NOT ARREST ON THIS RECORD.\n${want}`, 'POSSIBLE HIT - UNCONFIRMED - CAVEAT AGAINST ARREST', 'HIT_WITH_CAVEAT'],
    [
      `${gang}DO NOT ARREST ON THIS RECORD.\n${want}`,
      'POSSIBLE HIT - UNCONFIRMED - NOT ALL A WANT - CAVEAT AGAINST ARREST - RESTRICTED FILE',
      'HIT_WITH_CAVEAT',
    ],
    [strange, 'POSSIBLE HIT - UNCONFIRMED - KIND NOT KNOWN', 'POSSIBLE_HIT'],
  ])('%j', (text, shown, alarm) => {
    const reply = readReply(text);
    expect(shownVerdict(reply)).toBe(shown);
    expect(alarmOf(reply)).toBe(alarm);
  });

  test('only a want, or property, has the colour of one', () => {
    const colour = (text: string) => toneOf(shownVerdict(readReply(text)));
    for (const text of [gang, order, strange, `DO NOT ARREST ON THIS RECORD.\n${want}`]) {
      expect(colour(text)).not.toBe(colour(want));
    }
    expect(colour(`${gang}${want}`)).toBe(colour(want));
  });
});

test('a recalled rule never shows NO RECORD, wherever among many lines it stands', () => {
  const sure = Array.from({ length: 300 }, () => 'NOT ON FILE').join('\n');
  expect(shownVerdict(readReply(sure))).toBe('NO RECORD');
  expect(alarmOf(readReply(sure))).toBeUndefined();
  expect(shownVerdict(readReply(`${sure}\nNO RECORD LIC/PRAC001`))).toBe('READ IT');
});
