import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { type CharsetName, charsetNames, decodeText, encodeText } from '../../src/wire/charsets/charset.ts';
import { ebcdicTables } from '../../src/wire/charsets/ebcdic.ts';

const pages = ['cp037', 'cp500', 'cp1047'] as const;

describe('EBCDIC', () => {
  it.each(pages)('%s maps 256 bytes one to one and round-trips all of them', (page) => {
    const table = ebcdicTables[page];
    expect([...table].sort((a, b) => a - b)).toEqual(Array.from({ length: 256 }, (_one, index) => index));
    const bytes = Buffer.from(Array.from({ length: 256 }, (_one, index) => index));
    const decoded = decodeText(bytes, { charset: page });
    expect(decoded).toEqual({ ok: true, text: String.fromCharCode(...table) });
    const back = encodeText(decoded.ok ? decoded.text : '', { charset: page });
    expect(back.ok && back.bytes.equals(bytes)).toBe(true);
  });

  it.each([
    ['cp037', '5a', 'ba', 'bb', 'b0', '4f'],
    ['cp500', '4f', '4a', '5a', '5f', 'bb'],
    ['cp1047', '5a', 'ad', 'bd', '5f', '4f'],
  ] as const)('%s has its own bytes for ! [ ] ^ |', (charset, ...bytes) => {
    const encoded = encodeText('![]^|', { charset });
    expect(encoded.ok && encoded.bytes.toString('hex')).toBe(bytes.join(''));
  });

  it('agrees on every other printable ASCII character', () => {
    const text = Array.from({ length: 95 }, (_one, index) => String.fromCharCode(32 + index))
      .filter((one) => !'![]^|'.includes(one))
      .join('');
    const [a, b, c] = pages.map((charset) => {
      const result = encodeText(text, { charset });
      return result.ok ? result.bytes.toString('hex') : '';
    });
    expect(a).toBe(b);
    expect(b).toBe(c);
  });

  it('is known to iconv-lite by its other names too', () => {
    expect(iconv.encode('A1', 'IBM-037').toString('hex')).toBe('c1f1');
    expect(iconv.encodingExists('cp1047')).toBe(true);
  });

  it('ends lines as the link says, and reads them back', () => {
    const ends = { NEL: '15', LF: '25', CR: '0d', CRLF: '0d25' } as const;
    for (const [lineEnd, hex] of Object.entries(ends) as [keyof typeof ends, string][]) {
      const coding = { charset: 'cp037', lineEnd } as const;
      const encoded = encodeText('A\nB', coding);
      expect(encoded.ok && encoded.bytes.toString('hex')).toBe(`c1${hex}c2`);
      expect(encoded.ok && decodeText(encoded.bytes, coding)).toEqual({ ok: true, text: 'A\nB' });
    }
  });
});

describe('every charset', () => {
  const limit: Readonly<Record<CharsetName, number>> = {
    ascii: 0x7f,
    latin1: 0xff,
    cp037: 0xff,
    cp500: 0xff,
    cp1047: 0xff,
    'utf-8': 0x10ffff,
  };

  it.each(charsetNames)('%s refuses what does not map, at its place, and otherwise round-trips', (charset) => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constantFrom('€', '’', 'é', '😀', '\ud800', 'A'),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 20 }), (units) => {
        const text = units.join('');
        const wrong: number[] = [];
        let at = 0;
        for (const one of text) {
          const codePoint = one.codePointAt(0) ?? 0;
          if (codePoint > limit[charset] || (codePoint >= 0xd800 && codePoint <= 0xdfff)) wrong.push(at);
          at += one.length;
        }
        const result = encodeText(text, { charset });
        if (wrong.length > 0) {
          expect(result.ok ? [] : result.faults.map(({ code, offset }) => [code, offset])).toEqual(
            wrong.map((offset) => ['CHAR_UNMAPPABLE', offset]),
          );
          return;
        }
        expect(result.ok && decodeText(result.bytes, { charset })).toEqual({ ok: true, text });
      }),
    );
  });

  it('never says what the character was', () => {
    const result = encodeText('NAM/SAMPLÉ', { charset: 'ascii' });
    expect(JSON.stringify(result)).not.toMatch(/É|SAMPL/);
  });

  it('refuses bytes that are no character, at their place', () => {
    const offset = (bytes: readonly number[], charset: CharsetName) => {
      const result = decodeText(Buffer.from(bytes), { charset });
      return result.ok ? 'ok' : result.faults.map((fault) => fault.offset);
    };
    expect(offset([0x41, 0x80, 0x42, 0xff], 'ascii')).toEqual([1, 3]);
    expect(offset([0x41, 0xc3, 0xa9, 0xff, 0x42], 'utf-8')).toEqual([3]);
    expect(offset([0x41, 0xe2, 0x82], 'utf-8')).toEqual([1]);
    expect(offset([0x41, 0xe2, 0x82, 0x41], 'utf-8')).toEqual([1]);
    expect(offset([0xef, 0xbb, 0xbf, 0x41], 'utf-8')).toBe('ok');
  });

  it('makes one line end of each, whichever of the two usual ones a text has', () => {
    const written = (lineEnd: 'LF' | 'CR' | 'CRLF') => {
      const result = encodeText('A\nB\r\nC', { charset: 'ascii', lineEnd });
      return result.ok ? result.bytes.toString('latin1') : '';
    };
    expect([written('LF'), written('CR'), written('CRLF')]).toEqual(['A\nB\nC', 'A\rB\rC', 'A\r\nB\r\nC']);
    const read = decodeText(Buffer.from('A\rB\r\nC'), { charset: 'ascii', lineEnd: 'CR' });
    expect(read.ok && read.text).toBe('A\nB\nC');
  });

  it('refuses NEL where the charset has none', () => {
    expect(encodeText('A\nB', { charset: 'ascii', lineEnd: 'NEL' }).ok).toBe(false);
  });

  it('caps its list of faults', () => {
    const result = encodeText('€'.repeat(1_000), { charset: 'cp037' });
    expect(result.ok ? 0 : result.faults.length).toBe(100);
  });
});
