import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildOfml,
  describeMessage,
  parseMessage,
  parseOfml,
  readGist,
  readReply,
} from '../../src/formats/language.ts';
import type { Reply } from '../../src/formats/message.ts';
import { leastCpuMs } from '../support/cpu-time.ts';

const hit =
  '1L01COJ10000001\nCO0990100\n\nMKE/WANTED PERSON - CAUTION\nORI/WY0990200 NAM/SAMPLE, ALPHA SEX/M\nOFF/ASSAULT & "MORE"\n' +
  'NIC/W000000001 DTE/20260105 1200 EST\nIMMED CONFIRM WARRANT AND EXTRADITION WITH ORI\n';
const noArrest = 'CO0990100\n\nDO NOT ARREST BASED SOLELY ON THIS INFORMATION\nMKE/WANTED PERSON\nNIC/W000000002\n';
const noRecord = '1L01COJ10000001\nCO0990100\n\nNO NCIC WANT NAM/SAMPLE, ALPHA DOB/19700101\n';
const nlets = 'RR.WY0990200\n08:00 01/01/2030 00001\n08:00 01/01/2030 00001 CO0990100\n*COJ1000001\nTXT\nNOT ON FILE\n';
const replies = [
  hit,
  noArrest,
  hit + hit.replace('W000000001', 'W000000003'),
  noRecord,
  nlets,
  'REJ - NOT\n',
  'NIC/W000000001 OCA/1\n',
  '',
];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** One character as markup may write it. */
function written(character: string, way: number): string {
  if (way === 1) return `<![CDATA[${character}]]>`;
  if (way === 2) return `&#${character.codePointAt(0)};`;
  if (way === 3) return `&#x${character.codePointAt(0)?.toString(16)};`;
  const entity = entities[character];
  return entity !== undefined && (way === 4 || character === '&' || character === '<') ? entity : character;
}

interface Wrapped {
  readonly markup: string;
  /** Where each code unit of the text begins and ends in the markup. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** A reply as a response in markup, each character written in one of the ways; most plainly. */
function wrap(text: string, ways: readonly number[]): Wrapped {
  let markup = '<OFML><HDR><ID>1</ID></HDR><RSP><TXT>';
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const character of text) {
    const way = ways.length === 0 ? 0 : (ways[at % ways.length] ?? 0);
    const raw = written(character, way);
    const plainAt = way === 1 ? markup.length + '<![CDATA['.length : markup.length;
    const plainEnd = way === 1 ? plainAt + character.length : markup.length + raw.length;
    for (let unit = 0; unit < character.length; unit += 1) {
      const isPlain = raw === character || way === 1;
      starts.push(isPlain ? plainAt + unit : plainAt);
      ends.push(isPlain ? plainAt + unit + 1 : plainEnd);
    }
    markup += raw;
    at += 1;
  }
  return { markup: `${markup}</TXT></RSP></OFML>`, starts, ends };
}

/** What reading the text gives, with every place moved into the markup. */
function movedInto({ starts, ends }: Wrapped, reply: Reply): Reply {
  const moved = <Kept extends { offset: number; length: number }>(one: Kept): Kept => {
    const offset = starts[one.offset] ?? 0;
    return { ...one, offset, length: (ends[one.offset + one.length - 1] ?? 0) - offset };
  };
  const records = reply.records.map((one) =>
    one.caveat === undefined ? moved(one) : { ...moved(one), caveat: moved(one.caveat) },
  );
  return { ...reply, records, evidence: reply.evidence.map((one) => (one.length > 0 ? moved(one) : one)) };
}

const pieces = fc.constantFrom(
  'MKE/WANTED PERSON\n',
  'NIC/W000000001',
  'NO RECORD\n',
  '\n',
  '&',
  '<',
  '>',
  ' ',
  '\r\n',
  '\u007f',
  '😀',
  ']]>',
);
const soup = fc.array(fc.oneof(pieces, fc.string({ maxLength: 5 })), { maxLength: 30 }).map((parts) => parts.join(''));
const anyReply = fc.oneof(fc.constantFrom(...replies), soup);
const ways = fc.array(fc.nat(8), { maxLength: 23 });

describe('a reply inside markup', () => {
  test('says what its text says, with every place that of the markup, however its characters are written', () => {
    fc.assert(
      fc.property(anyReply, ways, (text, how) => {
        const wrapped = wrap(text, how);
        const reply = readReply(text);
        fc.pre(reply.evidence.every((one) => one.length > 0));
        expect(readReply(wrapped.markup)).toEqual(movedInto(wrapped, reply));
      }),
      { numRuns: 400, examples: replies.map((text): [string, number[]] => [text, []]) },
    );
  });

  test('never throws and never turns into NO RECORD when it is cut', () => {
    const { markup } = wrap(noRecord, [0, 2, 1]);
    expect(readReply(markup).verdict).toBe('NO RECORD');
    for (let end = 0; end < markup.length; end += 1) expect(readReply(markup.slice(0, end)).verdict).toBe('READ IT');
  });

  test('is READ IT when other words stand beside a NO RECORD, and HIT when a second reply is one', () => {
    const { markup } = wrap(noRecord, []);
    const beside = (words: string) => readReply(markup.replace('</RSP>', `${words}</RSP>`)).verdict;
    expect(beside('<IMG></IMG>')).toBe('NO RECORD');
    expect(beside('<LINE>WANTED</LINE>')).toBe('READ IT');
    expect(beside('WANTED')).toBe('READ IT');
    expect(beside(`<TXT>${hit.replace('&', '&amp;')}</TXT>`)).toBe('HIT');
    expect(readReply(markup.replace('</OFML>', '<RSP><TXT>WANTED</TXT></RSP></OFML>')).verdict).toBe('READ IT');
  });

  test('is read in linear time', () => {
    for (const part of ['&amp;', '<![CDATA[A]]>', 'MKE/WANTED PERSON\nNIC/W000000001\n']) {
      const markupOf = (count: number) => `<OFML><HDR></HDR><RSP><TXT>${part.repeat(count)}</TXT></RSP></OFML>`;
      const small = leastCpuMs(3, () => readReply(markupOf(1_000)));
      const large = leastCpuMs(3, () => readReply(markupOf(8_000)));
      expect(large).toBeLessThan(Math.max(small, 3) * 40);
    }
  });

  test('keeps a second text when it is read and written again', () => {
    const second = { name: 'TXT', attributes: '', children: [], text: 'B' };
    const document = { kind: 'response', header: { elements: [] }, text: 'A', others: [second] } as const;
    expect(parseOfml(buildOfml(document))).toMatchObject({ ok: true, document });
  });

  test('tells its gist: the key, control field and addresses of the text', () => {
    const { markup } = wrap(nlets, [0, 2]);
    const { key, senderOri, destinations, control } = readGist(nlets);
    expect(readGist(markup)).toMatchObject({ key, senderOri, destinations, control });
    expect(key).toBe('RR');
  });
});

test('a transaction in markup is explained like its text', () => {
  const text = 'QW.CO0990100.NAM/SAMPLE, ALPHA.DOB/19700101';
  const read = parseMessage(text);
  if (!read.ok) throw new Error('the message does not parse');
  const markup = buildOfml({ kind: 'transaction', header: { elements: [] }, message: read.message, others: [] });
  expect(describeMessage(markup, { reveal: true })).toEqual(describeMessage(text, { reveal: true }));
  const broken = describeMessage(markup.slice(0, -5), { reveal: false }).join('\n');
  expect(broken).toContain('OFML_SHAPE');
  expect(broken).not.toContain('SAMPLE');
});
