import { expect, test } from 'vitest';
import { jsonLines, runHitline, runInside } from './run-hitline.ts';

const yq = [
  'YQ.CO0990100.WY0990200.*PRAC000001.TXT',
  'RTY/WP.RNO/1.PRI/U.OCA/SC26000002.NIC/W990000002.NAM/RECORD, ROBIN.DOB/19800202.SEX/M.',
  'RNA/OPERATOR SAMPLE.RAG/PINE RIDGE POLICE DEPARTMENT.PHO/5550100100.',
].join('\n');

test('the real process reads a message from standard input and prints one object of the agreed shape', async () => {
  const ended = await runHitline(['parse'], yq);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(jsonLines(ended.stdout)).toEqual([
    {
      ok: true,
      message: {
        line: 'nlets',
        key: 'YQ',
        control: 'PRAC000001',
        ori: 'CO0990100',
        destinations: ['WY0990200'],
        fields: expect.objectContaining({ RTY: ['WP'], RNO: ['1'], NIC: ['W990000002'], NAM: ['RECORD, ROBIN'] }),
      },
      warnings: expect.any(Array),
    },
  ]);
});

test('the real process builds the exact text again, with nothing added', async () => {
  const parsed = await runInside(['parse'], { input: yq });
  const ended = await runHitline(['build'], parsed.stdout);
  expect(ended.code).toBe(0);
  const again = await runInside(['parse', '--line', 'nlets'], { input: ended.stdout });
  expect(jsonLines(again.stdout)).toMatchObject([{ ok: true }]);
  const rebuilt = await runInside(['build'], { input: again.stdout });
  expect(rebuilt.stdout.equals(ended.stdout)).toBe(true);
  expect(ended.stdout.at(-1)).not.toBe(0x0a);
});

test('build takes the message alone as well', async () => {
  const [parsed] = jsonLines((await runInside(['parse'], { input: yq })).stdout) as [{ message: object }];
  const whole = await runInside(['build'], { input: JSON.stringify(parsed) });
  const alone = await runInside(['build', '-'], { input: JSON.stringify(parsed.message) });
  expect(alone.code).toBe(0);
  expect(alone.stdout.equals(whole.stdout)).toBe(true);
});

test('a bad message gives all its faults at once, with exit code 1', async () => {
  const ended = await runHitline(['parse'], 'YQ.CO0990100.WY0990200.TXT\nRTY/WP.NIC/W990000002.');
  expect(ended).toMatchObject({ code: 1, stderr: '' });
  const [result] = jsonLines(ended.stdout) as [
    { ok: boolean; faults: { code: string; field?: string; text: string }[] },
  ];
  expect(Object.keys(result).sort()).toEqual(['faults', 'ok']);
  expect(result.faults.map((fault) => fault.field)).toEqual(
    expect.arrayContaining(['RNO', 'PRI', 'OCA', 'RNA', 'RAG']),
  );
});

test('build refuses a message that breaks a rule, as JSON, and prints no text', async () => {
  const message = { line: 'nlets', key: 'YQ', ori: 'CO0990100', destinations: ['WY0990200'], fields: { RTY: ['WP'] } };
  const ended = await runInside(['build'], { input: JSON.stringify(message) });
  expect(ended.code).toBe(1);
  expect(jsonLines(ended.stdout)).toMatchObject([{ ok: false, faults: expect.any(Array) }]);
});

test.each([
  ['{', 'INPUT_NOT_JSON'],
  ['[]', 'INPUT_SHAPE'],
  ['null', 'INPUT_SHAPE'],
  ['{"line":"nlets","key":"YQ"}', 'INPUT_SHAPE'],
  ['{"line":"nlets","key":"YQ","ori":"CO0990100","destinations":[],"fields":{"NAM":"RECORD"}}', 'INPUT_SHAPE'],
  ['{"RECORD":"SAMPLE"}', 'INPUT_SHAPE'],
])('JSON that is no message is bad input, and its fault quotes nothing of it: %s', async (input, code) => {
  const ended = await runInside(['build'], { input });
  expect(ended.code).toBe(1);
  const [result] = jsonLines(ended.stdout) as [{ faults: { code: string }[] }];
  expect(result.faults[0]?.code).toBe(code);
  expect(ended.stdout.toString()).not.toMatch(/RECORD|SAMPLE/);
});

test('bytes that are not UTF-8 are refused rather than read as something else', async () => {
  const ended = await runInside(['parse'], { input: Buffer.from([0x59, 0x51, 0xff]) });
  expect(ended.code).toBe(1);
  expect(jsonLines(ended.stdout)).toMatchObject([{ ok: false, faults: [{ code: 'INPUT_NOT_UTF8' }] }]);
});

test('input beyond the cap is refused', async () => {
  const ended = await runInside(['parse'], { input: Buffer.alloc(16 * 1_048_576 + 1, 0x41) });
  expect(ended.code).toBe(1);
  expect(jsonLines(ended.stdout)).toMatchObject([{ faults: [{ code: 'INPUT_TOO_LONG' }] }]);
});

test('an empty input is a fault and no crash', async () => {
  const ended = await runInside(['parse'], { input: '' });
  expect(ended.code).toBe(1);
  expect(jsonLines(ended.stdout)).toMatchObject([{ ok: false }]);
});
