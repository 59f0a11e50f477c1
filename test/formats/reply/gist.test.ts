/** What can be told of a text that does not parse, since a YQ opens a case all the same (DESIGN.md, section 3). */
import { describe, expect, test } from 'vitest';
import { readGist } from '../../../src/formats/language.ts';

const yq = 'YQ.WY0990200.CO0990100.*COJ1000001.TXT\nRTY/WP.REM/SEE W000000009.NIC/W000000001\n';

describe('a confirmation in small letters', () => {
  test('tells key, sender, control field, record and our ORI as in capitals, since States fold small letters', () => {
    const { control, ...rest } = readGist(yq);
    expect(readGist(yq.toLowerCase())).toEqual({ ...rest, control });
    expect(readGist('yq co0990100 about w000000001')).toMatchObject({
      key: 'YQ',
      nics: ['W000000001'],
      oris: ['CO0990100'],
    });
    expect(readGist('Yr.wy0990200.co0990100.txt\n')).toMatchObject({ key: 'YR', senderOri: 'WY0990200' });
  });

  test('is found in markup', () => {
    expect(readGist('<OFML><HDR><MKE>yq</MKE></HDR><TRN/></OFML>').key).toBe('YQ');
    expect(readGist('<OFML><HDR><MKE>yq</MKE>').key).toBe('YQ');
  });

  test('is not made of a sentence', () => {
    expect(readGist('Thanks. Following up tomorrow.')).toEqual({ destinations: [], nics: [], oris: [] });
  });
});

test('the number marked as the record’s comes before one that only stands in remarks', () => {
  expect(readGist(yq).nics).toEqual(['W000000001', 'W000000009']);
  expect(readGist('W000000009 AND NIC/ W000000001').nics).toEqual(['W000000001', 'W000000009']);
  expect(readGist('W000000009 AND W000000001').nics).toEqual(['W000000009', 'W000000001']);
});
