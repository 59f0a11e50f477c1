/** TXT begins the body; the CR, LF and DEL behind it are optional (nlets.md, section 1.1). */
import { describe, expect, test } from 'vitest';
import { parseMessage, readReply } from '../../../src/formats/language.ts';

const yq = (behind: string) =>
  `YQ.CO0990100.WY0990200.*COJ1000001.TXT${behind}RTY/WP.RNO/1.PRI/U.OCA/PRACTICE01.NIC/W000000001.NAM/SAMPLE, ALPHA.DOB/19700101.RNA/OPERATOR.RAG/PINE RIDGE PD`;
const stamps = 'WY0990200\n08:00 01/01/2030 00001\n08:00 01/01/2030 00001 CO0990100\n';

describe('a body', () => {
  test('is the same whatever stands between TXT and it', () => {
    const whole = parseMessage(yq('\n'));
    expect(whole.ok).toBe(true);
    for (const behind of ['', ' ', '\r\n', '\r\n\u007f', '\n', '.']) {
      const parsed = parseMessage(yq(behind));
      expect(parsed.ok && parsed.message, JSON.stringify(behind)).toEqual(whole.ok && whole.message);
    }
  });

  test('may begin at once where it is text, and in what Nlets delivered', () => {
    expect(parseMessage('AM.CO0990100.WY.TXTSYNTHETIC TEXT')).toMatchObject({
      ok: true,
      message: { text: 'SYNTHETIC TEXT' },
    });
    expect(parseMessage(`AM.${stamps}TXTSYNTHETIC TEXT`)).toMatchObject({
      ok: true,
      message: { text: 'SYNTHETIC TEXT' },
    });
    expect(readReply(`RR.${stamps}TXTNOT ON FILE  `)).toMatchObject({ verdict: 'NO RECORD', source: 'NLETS' });
  });
});

test('an ORI may begin with the letters TXT', () => {
  const parsed = parseMessage('AM.CO0990100.TX,TXT990200.TXT\nSYNTHETIC TEXT');
  expect(parsed).toMatchObject({ ok: true, message: { destinations: ['TX', 'TXT990200'], text: 'SYNTHETIC TEXT' } });
});
