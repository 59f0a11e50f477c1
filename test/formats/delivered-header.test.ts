import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMessage, readGist, readReply } from '../../src/formats/language.ts';

/** The three places where a control field may stand in what Nlets delivers, and how it may be closed (nlets.md, 1.2). */
const positions = [
  '\n*COJ1000001\n',
  '\n*COJ1000001.\n',
  ' *COJ1000001\n',
  ' *COJ1000001.\n',
  '.*COJ1000001.\n',
  '.\n*COJ1000001\n',
];
const lineEnds = ['\n', '\r\n', '\r\n\u007f', '\r'];

function delivered(control: string, afterOri = '\n'): string {
  return `RR.WY0990200${afterOri}08:00 01/01/2030 00001\n08:01 01/02/2030 00002 CO0990100${control}TXT\nNOT ON FILE\n`;
}

function expectRead(text: string): void {
  const parsed = parseMessage(text);
  expect(parsed.ok && parsed.message).toMatchObject({
    key: 'RR',
    ori: 'WY0990200',
    destinations: ['CO0990100'],
    control: 'COJ1000001',
    stamps: {
      received: { time: '08:00', date: '01/01/2030', seq: '00001' },
      sent: { time: '08:01', date: '01/02/2030', seq: '00002' },
    },
  });
  expect(readReply(text)).toMatchObject({ verdict: 'NO RECORD', source: 'NLETS' });
  expect(readGist(text)).toMatchObject({ key: 'RR', senderOri: 'WY0990200', control: 'COJ1000001' });
}

test.each(positions)(
  'a control field at %j is read, whatever ends its lines and with the line break after the ORI lost',
  (position) => {
    for (const end of lineEnds) {
      for (const afterOri of ['\n', '', '.\n', ' ']) expectRead(delivered(position, afterOri).replaceAll('\n', end));
    }
  },
);

test('DEL and control characters anywhere change nothing', () => {
  const marks = fc.constantFrom('\u007f', '\u0000', '\u0002', '\u0003', '\u001e');
  fc.assert(
    fc.property(
      fc.constantFrom(...positions),
      marks,
      fc.array(fc.nat(), { maxLength: 8 }),
      (position, mark, places) => {
        let text = delivered(position);
        for (const place of places) {
          const at = place % text.length;
          text = text.slice(0, at) + mark + text.slice(at);
        }
        expectRead(text);
      },
    ),
    { numRuns: 300 },
  );
});

test('a header that is cut or garbled passes no word over: it is never NO RECORD', () => {
  const text = delivered('\n*COJ1000001\n');
  for (const from of ['08:01', '01/02/2030', '00002', 'WY0990200']) {
    expect(readReply(text.replace(from, 'STOLEN CAR')).verdict).toBe('READ IT');
  }
});
