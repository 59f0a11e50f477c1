import { expect, test } from 'vitest';
import { interleave, joint, median } from './rounds.ts';

test('both are measured in turns, the first round is thrown away, and who goes first changes', async () => {
  const order: string[] = [];
  const [line] = await interleave(
    joint({
      case: 'x',
      unit: 'ms',
      ours: async () => order.push('ours'),
      baseline: async () => order.push('base'),
    }),
    3,
  );
  expect(order).toEqual(['base', 'ours', 'base', 'ours', 'ours', 'base', 'base', 'ours']);
  expect(line?.runs).toBe(3);
});

test('the line has the medians, their ratio, and the ends of ours', async () => {
  const ours = [999, 10, 30, 20];
  const base = [999, 5, 15, 10];
  const next = (figures: number[]) => async () => figures.shift() ?? Number.NaN;
  const lines = await interleave(joint({ case: 'x', unit: 'msg/s', ours: next(ours), baseline: next(base) }), 3);
  expect(lines).toEqual([{ case: 'x', value: 20, unit: 'msg/s', baseline: 10, ratio: 2, runs: 3, min: 10, max: 30 }]);
});

test('the median of an even count is the mean of the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
});

test('work that is measured once gives a line for each of its figures', async () => {
  const lines = await interleave(
    {
      cases: [
        { case: 'delay', unit: 'ms' },
        { case: 'rate', unit: '1/s' },
      ],
      ours: async () => [4, 250],
      baseline: async () => [2, 500],
    },
    3,
  );
  expect(lines.map((line) => [line.case, line.unit, line.ratio])).toEqual([
    ['delay', 'ms', 2],
    ['rate', '1/s', 0.5],
  ]);
});
