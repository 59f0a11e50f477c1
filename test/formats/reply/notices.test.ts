/** A `$.` notice is one behind a State's own banner too: "expect a State banner before the FBI text" (ncic.md, section 6.2). */
import { expect, test } from 'vitest';
import { notices, readReply } from '../../../src/formats/language.ts';

const head = '1L01COJ10000001\nCO0990100\n\n';
const record = 'MKE/WANTED PERSON\nORI/WY0990200 NAM/SAMPLE, ALPHA\nNIC/W000000001 DTE/20260105 1200 EST\n';

test('an operator is told of it behind a banner nobody knows, and a record in it stays a hit', () => {
  for (const { code } of notices.filter((row) => row.handling === 'alarm')) {
    const bare = readReply(`${head}STATE SWITCH\nMESSAGE RELAYED\n$.${code}. TEXT\n`);
    expect(bare, code).toMatchObject({ verdict: 'READ IT', kind: 'notice', notice: code });
    const whole = readReply(`${head}STATE SWITCH\n$.${code}.\n${record}`);
    expect(whole, code).toMatchObject({ verdict: 'HIT', kind: 'notice', notice: code, nic: 'W000000001' });
  }
});

test('a service is not out because a text quotes that it was', () => {
  expect(readReply(`${head}TRAINING ONLY\n$.1. ALL NCIC FILES OUT OF SERVICE\n`).notice).toBeUndefined();
});

test('what is quoted behind fields, or in an agency’s own prose, is no notice', () => {
  expect(readReply(`${head}${record}$.L. TEXT\n`)).toMatchObject({ verdict: 'HIT', kind: 'hit' });
  expect(readReply('AM.WY0990200.CO0990100.TXT\nFYI WE HAD THIS\n$.L. TEXT\n').notice).toBeUndefined();
});
