/** Values in small letters are sent as capitals; a header, key, ORI or field code in them is refused, and says why (nlets.md, section 7). */
import { expect, test } from 'vitest';
import { buildMessage, parseMessage } from '../../../src/formats/language.ts';

const text = '1N01COJ10000001.QW.CO0990100.NAM/SAMPLE, ALPHA.DOB/19700101';

test('values in small letters are taken with a warning and sent as capitals', () => {
  const parsed = parseMessage(text.replace('SAMPLE, ALPHA', 'Sample, alpha'));
  expect(parsed).toMatchObject({ ok: true, warnings: [{ code: 'LOWER_CASE' }] });
  const built = parsed.ok ? buildMessage(parsed.message) : parsed;
  expect(built).toMatchObject({ ok: true, text });
});

test('whoever writes the key in small letters is told to use capitals', () => {
  for (const line of ['ncic', 'nlets'] as const) {
    const parsed = parseMessage(text.toLowerCase(), { line });
    expect(parsed).toMatchObject({ ok: false, faults: [{ code: 'NOT_A_MESSAGE' }] });
    expect(parsed.ok ? '' : parsed.faults[0]?.text).toContain('in capitals');
  }
});

test('an ORI in small letters is refused', () => {
  const parsed = parseMessage(text.replace('CO0990100', 'co0990100'));
  expect(parsed).toMatchObject({ ok: false, faults: [{ code: 'ORI_SHAPE' }] });
});
