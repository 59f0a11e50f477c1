import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildMessage, buildOfml, parseMessage, parseOfml, readGist, readReply } from '../../src/formats/language.ts';
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

describe('a transaction in markup', () => {
  const yq =
    '<OFML><HDR><ID>1</ID><MKE>YQ</MKE><ORI>CO0990100</ORI><DST>WY0990200</DST><CTL>COJ1000001</CTL></HDR>' +
    '<TRN><RTY>WP</RTY><RNO>1</RNO><PRI>U</PRI><OCA>PRACTICE01</OCA><NIC>W000000001</NIC><NAM>SAMPLE, ALPHA</NAM>' +
    '<DOB>19700101</DOB><RNA>OPERATOR PRACTICE</RNA><RAG>PINE RIDGE PD</RAG></TRN></OFML>';
  const faultsOf = (markup: string) => {
    const read = parseOfml(markup);
    return read.ok ? read.warnings : [...read.faults, ...read.warnings];
  };

  test.each([
    ['<RNO>1<', '<RNO>4<', '4</RNO>'],
    ['<NIC>W000000001<', '<NIC><![CDATA[W00]]><', 'W00]]>'],
    ['<DOB>19700101<', '<DOB>19701301<', '19701301'],
    ['<ORI>CO0990100<', '<ORI>C<', 'C</ORI>'],
    ['<DST>WY0990200<', '<DST>WY09<', 'WY09'],
    ['<MKE>YQ<', '<MKE>ZZZZ<', 'ZZZZ'],
    ['<CTL>COJ1000001<', '<CTL>COJ1000001234<', 'COJ1000001234'],
    ['<RNO>1</RNO>', '', '<TRN>'],
  ])('has its faults where they stand: %s as %s', (right, wrong, there) => {
    const markup = yq.replace(right, wrong);
    const faults = faultsOf(markup);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.map((one) => markup.slice(one.offset).startsWith(there))).toContain(true);
    for (const one of faults) expect(one.offset).toBeGreaterThan(0);
  });

  test('is refused when it says a thing twice', () => {
    for (const [part, twice] of [
      ['<MKE>YQ</MKE>', '<MKE>YQ</MKE><MKE>QW</MKE>'],
      ['<ORI>CO0990100</ORI>', '<ORI>CO0990100</ORI><ORI>WY0990200</ORI>'],
      ['</TRN>', '</TRN><TRN></TRN>'],
      ['</TRN>', '</TRN><RSP></RSP>'],
      ['<HDR>', '<HDR></HDR><HDR>'],
    ] as const) {
      expect(faultsOf(yq.replace(part, twice)).map((one) => one.code)).toEqual(['OFML_SHAPE']);
    }
  });

  test('tells its gist, whole or cut anywhere behind its head, so that a YQ is known for one', () => {
    const whole = {
      key: 'YQ',
      senderOri: 'CO0990100',
      destinations: ['WY0990200'],
      control: 'COJ1000001',
      nics: ['W000000001'],
    };
    expect(readGist(yq)).toMatchObject(whole);
    for (let end = yq.indexOf('</HDR>'); end <= yq.length; end += 1) {
      const { nics: _nics, ...head } = whole;
      expect(readGist(yq.slice(0, end))).toMatchObject(head);
    }
    expect(readGist(yq.replace('W000000001', 'W0000<![CDATA[00001]]>'))).toMatchObject(whole);
    expect(readGist(yq.replace('YQ', '&#89;Q'))).toMatchObject(whole);
  });

  test('of any key tells the gist its text tells', () => {
    for (const key of federalLexicon.keys.values()) {
      fc.assert(
        fc.property(messageOf(key, federalLexicon), (message) => {
          const markup = buildOfml({ kind: 'transaction', header, message, others: [] });
          expect(readGist(markup)).toMatchObject({ key: message.key, senderOri: message.ori });
        }),
        { numRuns: 1 },
      );
    }
  });
});

describe('a response in markup', () => {
  const hit = 'MKE/WANTED PERSON\nORI/WY0990200 NIC/W000000001\n';
  const response = (body: string) => `<OFML><HDR><CTL>COJ1000001</CTL></HDR>${body}</OFML>`;

  test.each([
    ['a second response', `<RSP><TXT>NO RECORD</TXT></RSP><RSP><TXT>${hit}</TXT></RSP>`],
    ['an element nobody expected', `<RSP><TXT>NO RECORD</TXT><REC>${hit}</REC></RSP>`],
    ['elements inside its text', `<RSP><TXT>NO RECORD<LINE>${hit}</LINE></TXT></RSP>`],
    ['words beside elements', `<RSP>${hit}<TXT>NO RECORD</TXT></RSP>`],
    ['entities and sections', '<RSP><TXT>MK&#69;/WANTED P<![CDATA[ERSON]]>\nNIC&#x2f;W000000001</TXT></RSP>'],
  ])('is a HIT when the record stands in %s', (_where, body) => {
    expect(readReply(response(body)).verdict).toBe('HIT');
  });

  test('is never NO RECORD when words stand in an attribute', () => {
    expect(readReply(response('<RSP><TXT>NO RECORD</TXT></RSP>')).verdict).toBe('NO RECORD');
    expect(readReply(response('<RSP><TXT xml:space="preserve">NO RECORD</TXT></RSP>')).verdict).toBe('NO RECORD');
    expect(readReply(response('<RSP STATUS="HIT"><TXT>NO RECORD</TXT></RSP>')).verdict).toBe('READ IT');
    expect(readReply(response('<RSP><TXT KIND="WANT">NO RECORD</TXT></RSP>')).verdict).toBe('READ IT');
  });

  test('is read the same with control characters between its tags', () => {
    const markup = `\u007f${response('<RSP><TXT>NOT ON FILE</TXT></RSP>').replaceAll('><', '>\r\n\u007f<')}\r\n\u007f`;
    expect(readReply(markup)).toMatchObject({ verdict: 'NO RECORD' });
    expect(parseOfml(markup).ok).toBe(true);
    expect(readGist(markup).control).toBe('COJ1000001');
  });
});
