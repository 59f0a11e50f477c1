import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { edit, insert, makeField } from '../../src/terminal/field.ts';
import { clockFace, momentOf, readMoment } from '../../src/terminal/words.ts';
import { storyStartMs } from './story-gateway.ts';

describe('fields and moments', () => {
  test('a field never takes more than its size or a control character, and its cursor stays inside', () => {
    const happening = fc.oneof(
      fc.array(fc.nat(0x2ff), { maxLength: 12 }).map((codes) => ({ text: String.fromCharCode(...codes), key: '' })),
      fc.constantFrom('left', 'right', 'home', 'end', 'backspace', 'delete', 'C-u').map((key) => ({ text: '', key })),
    );
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 20 }), fc.nat(30), (happenings, max) => {
        let field = makeField({ name: 'X', label: 'x', max, capitals: true });
        for (const { text, key } of happenings) field = key === '' ? insert(field, text) : (edit(field, key) ?? field);
        expect(field.value.length).toBeLessThanOrEqual(max);
        expect(field.value).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/u);
        expect(field.cursor).toBeGreaterThanOrEqual(0);
        expect(field.cursor).toBeLessThanOrEqual(field.value.length);
      }),
    );
  });

  test('a moment that is written is read back, in any zone, over every clock change', () => {
    const minutes = fc.integer({ min: Date.UTC(2026, 0, 1) / 60_000, max: Date.UTC(2027, 0, 1) / 60_000 });
    fc.assert(
      fc.property(
        minutes,
        fc.constantFrom('UTC', 'America/Denver', 'Asia/Kolkata', 'Pacific/Auckland'),
        (minute, zone) => {
          const face = clockFace(zone);
          const text = momentOf(face, minute * 60_000);
          const read = readMoment(face, text, 0);
          expect(read === undefined ? '' : momentOf(face, read)).toBe(text);
        },
      ),
    );
  });

  test.each(['25:00', '12:60', '2026-13-01 10:00', '2026-02-30 10:00', 'noon', ''])('%j is no moment', (text) => {
    expect(readMoment(clockFace('UTC'), text, storyStartMs)).toBeUndefined();
  });
});
