import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyboardStream, takePieces } from '../../src/terminal/keyboard.ts';
import { keyOf } from '../../src/terminal/paint.ts';
import { manualClock } from '../console/manual-clock.ts';

const sequences = [
  'a',
  'Z',
  '9',
  ' ',
  'é',
  '\r',
  '\t',
  '\u007f',
  '\u0003',
  '\u0015',
  '\u001bOP',
  '\u001bOS',
  '\u001b[15~',
  '\u001b[20~',
  '\u001b[24~',
  '\u001b[A',
  '\u001b[Z',
  '\u001b[5~',
  '\u001b[1;5C',
  '\u001b[[A',
  '\u001b1',
];
const answers = [
  '\u001b[?1;2c',
  '\u001b[I',
  '\u001b[<0;10;10M',
  '\u001b]11;rgb:0000/0000/0000\u001b\\',
  '\u001bP1+r5463\u001b\\',
  '\u001b[?2026;2$y',
];

/** What comes out of the stream when these chunks go in, and the pastes heard beside it. */
function through(chunks: readonly Buffer[], settleMs = 2_000, takesText = true): { keys: string[]; pastes: string[] } {
  const clock = manualClock();
  const keys: string[] = [];
  const pastes: string[] = [];
  const stream = new KeyboardStream({ clock, onPaste: (text) => pastes.push(text), takesText: () => takesText });
  stream.on('data', (chunk: Buffer) => keys.push(chunk.toString()));
  for (const chunk of chunks) stream.write(chunk);
  clock.advance(settleMs);
  let chunk = stream.read() as Buffer | null;
  while (chunk !== null) {
    keys.push(chunk.toString());
    chunk = stream.read() as Buffer | null;
  }
  return { keys, pastes };
}

/** The bytes cut at these places. */
function cutAt(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...cuts]
    .map((from, at) => bytes.subarray(from, cuts[at] ?? bytes.length))
    .filter((chunk) => chunk.length > 0);
}

describe('the keyboard', () => {
  test('gives the same keys wherever the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...sequences), { maxLength: 20 }),
        fc.array(fc.nat(200), { maxLength: 30 }),
        (typed, places) => {
          expect(through(cutAt(typed.join(''), places)).keys.join('')).toBe(typed.join(''));
        },
      ),
    );
  });

  test('keeps every sequence whole', () => {
    for (const sequence of sequences) {
      const { pieces, rest } = takePieces(sequence);
      expect([pieces, rest]).toEqual([[{ kind: 'key', text: sequence }], '']);
    }
  });

  test('a pasted text never comes out as keys, wherever it is cut and whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.array(fc.nat(200), { maxLength: 10 }), (text, places) => {
        fc.pre(!text.includes('\u001b'));
        const { keys, pastes } = through(cutAt(`x\u001b[200~${text}\r\n\u001b[201~y`, places));
        expect(keys.join('')).toBe('xy');
        expect(pastes).toEqual([`${text}\r\n`]);
      }),
    );
  });

  test('a paste with keys of its own inside is one paste', () => {
    expect(through([Buffer.from('\u001b[200~a\u001b[20~\r\u001b[201~')])).toEqual({
      keys: [],
      pastes: ['a\u001b[20~\r'],
    });
  });

  test('a paste whose end never comes ends after a second of silence, and is still no key', () => {
    expect(through([Buffer.from('\u001b[200~abc\r')])).toEqual({ keys: [], pastes: ['abc\r'] });
  });

  test('where letters are commands, several in one read press nothing: a terminal without bracketed paste is pasting', () => {
    for (const text of ['pk', 'FULL EXTRADITION', 'a\rpx', 'éa'])
      expect(through([Buffer.from(text)], 0, false)).toEqual({ keys: [], pastes: [text] });
    for (const text of ['p', '\r', 'p\r', '\u0003\u0003', '\u001bOP', '\u001b[Ap'])
      expect(through([Buffer.from(text)], 0, false).keys.join('')).toBe(text);
    expect(through([Buffer.from('p'), Buffer.from('k')], 0, false)).toEqual({ keys: ['p', 'k'], pastes: [] });
    expect(through([Buffer.from('pk')], 0, true).keys.join('')).toBe('pk');
  });

  test('text that comes faster than any hand is a paste, so that its line ends press nothing', () => {
    expect(through([Buffer.from(`${'A'.repeat(80)}\r`)])).toEqual({ keys: [], pastes: [`${'A'.repeat(80)}\r`] });
  });

  test('what was typed on a line that stood still comes out as it was typed', () => {
    const typed = 'PRACOP1\tnot-a-real-password\rPRACSU1\tanother-one';
    const { keys, pastes } = through([Buffer.from(typed)]);
    expect([keys.join(''), pastes]).toEqual([typed, []]);
  });

  test('Esc alone is Esc after 60 ms, not before', () => {
    expect(through([Buffer.from('\u001b')], 59).keys).toEqual([]);
    expect(through([Buffer.from('\u001b')], 60).keys).toEqual(['\u001b']);
  });

  test.each(answers)('what a terminal says by itself comes out as nothing: %j', (answer) => {
    for (let at = 1; at < answer.length; at += 1) {
      expect(through(cutAt(`a${answer}b`, [at])).keys.join('')).toBe('ab');
    }
  });
});

describe('the names of keys', () => {
  test('Enter counts once; a bare line feed and the second report of Enter count for nothing', () => {
    expect(keyOf('\r', { name: 'enter', full: 'enter' })).toEqual({ name: 'enter' });
    expect(keyOf('\r', { name: 'return', full: 'return' })).toBeUndefined();
    expect(keyOf('\n', { name: 'linefeed', full: 'linefeed' })).toBeUndefined();
  });
  test('Alt with a digit is a function key', () => {
    expect(keyOf(undefined, { name: '9', full: 'M-9', meta: true })).toEqual({ name: 'f9' });
    expect(keyOf(undefined, { name: '0', full: 'M-0', meta: true })).toEqual({ name: 'f10' });
  });
  test('control and Alt letters are never typed', () => {
    expect(keyOf('\u0001', { name: 'a', full: 'C-a', ctrl: true })).toEqual({ name: 'C-a' });
    expect(keyOf(undefined, { name: 'a', full: 'M-a', meta: true })).toEqual({ name: 'M-a' });
  });
});
