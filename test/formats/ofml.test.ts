import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildMessage, buildOfml, parseMessage, parseOfml, readReply } from '../../src/formats/language.ts';
import { federalLexicon } from '../../src/formats/lexicon.ts';
import { messageOf } from './message-arbitrary.ts';

const header = {
  elements: [
    { name: 'ID', attributes: '', children: [], text: '1' },
    { name: 'DAC', attributes: '', children: [], text: 'COJ1' },
    { name: 'STRANGE', attributes: 'A="B"', children: [], text: '<&>' },
  ],
};

test('a message of any key comes back from markup as it went in, with what is not known kept', () => {
  const keys = [...federalLexicon.keys.values()].filter((key) => key.table.bypass !== true);
  for (const key of keys) {
    fc.assert(
      fc.property(messageOf(key, federalLexicon), (made) => {
        const { header: _ours, control, ...rest } = made;
        const message = control === undefined || made.line !== 'nlets' ? rest : { ...rest, control };
        const where = made.line === 'nlets' ? message : { ...message, destinations: [] };
        if (!buildMessage(where).ok) return;
        const others = [{ name: 'IMAGE', attributes: '', children: [], text: 'KEPT' }];
        const document = { kind: 'transaction', header, message: where, others } as const;
        const read = parseOfml(buildOfml(document));
        expect(read).toMatchObject({ ok: true, document });
      }),
      { numRuns: 2 },
    );
  }
});

test('a response in markup carries the reply, which is read as text', () => {
  const reply =
    'RR.WY0990200\n08:00 01/01/2030 00001\n08:00 01/01/2030 00001 CO0990100\n*COJ1000001\nTXT\nNOT ON FILE\n';
  const read = parseOfml(buildOfml({ kind: 'response', header, text: reply, others: [] }));
  if (!read.ok || read.document.kind !== 'response') throw new Error('the response does not read');
  expect(read.document.text).toBe(reply);
  expect(readReply(read.document.text)).toMatchObject({ verdict: 'NO RECORD', source: 'NLETS' });
});

test('any damaged markup is refused without throwing, in linear time', () => {
  const text = buildOfml({ kind: 'response', header, text: 'NOT ON FILE', others: [] });
  for (let end = 0; end < text.length; end += 1) expect(parseOfml(text.slice(0, end)).ok).toBe(false);
  for (const part of ['<A>', '<', '<OFML>', '&amp;', '<![CDATA[', '</A>', '<A B="']) {
    expect(parseOfml(`<OFML>${part.repeat(50_000)}`).ok).toBe(false);
  }
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (words) => void parseMessage(`<OFML>${words}`)));
});
