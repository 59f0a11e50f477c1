import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CompiledKey, federalLexicon } from '../../../src/formats/lexicon.ts';
import { newReport } from '../../../src/formats/request/rule-note.ts';
import { checkTogether } from '../../../src/formats/rules/cross-rules.ts';
import { dateOrders, pointingCodes, universalCodes } from '../../../src/formats/rules/named-rules.ts';
import { meet, noneMet } from '../../../src/formats/rules/presence.ts';

const keys = [...federalLexicon.keys.values()];
const runsPerKey = 8;
const universal = [...universalCodes, ...pointingCodes, 'MIS', ...dateOrders.flat()];

/** Fields of a key, and now and then others, with values that the rules between fields decide by. */
function fieldsFor(key: CompiledKey): fc.Arbitrary<Record<string, string[]>> {
  const deciding = key.conditional.flatMap((use) => Object.values(use.only ?? {}).flat());
  const variants = (key.table.variants ?? []).flatMap((variant) => Object.values(variant.when));
  const value = fc.constantFrom(
    '20200101',
    '20190101',
    '1985',
    'ZZZ',
    // Of EXL and OFF: their meanings say SEE MIS.
    'B',
    '4901',
    'SAMPLE',
    '1'.repeat(17),
    ...deciding,
    ...variants,
  );
  const declared = [...key.fields.keys()];
  const some = fc.subarray(declared).chain((left) =>
    fc.constantFrom(
      left,
      declared.filter((code) => !left.includes(code)),
    ),
  );
  const codes = fc
    .tuple(some, fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.subarray(universal)))
    .map((two) => two.flat());
  return codes.chain((all) =>
    fc
      .array(value, { minLength: all.length, maxLength: all.length })
      .map((values) => Object.fromEntries(all.map((code, at) => [code, [values[at] ?? '']]))),
  );
}

test('rules left out because of what a message holds would have said nothing, for every key', () => {
  for (const key of keys) {
    fc.assert(
      fc.property(fieldsFor(key), (fields) => {
        const present = noneMet();
        for (const code in fields) meet(present, key.fields.get(code)?.rank ?? Number.POSITIVE_INFINITY);
        const byBits = newReport();
        checkTogether(key, fields, { report: byBits, present, destinations: [] });
        const all = newReport();
        checkTogether(key, fields, { report: all, present: { ...present, beyond: true }, destinations: [] });
        expect(byBits).toEqual(all);
      }),
      { numRuns: runsPerKey },
    );
  }
});

test('every table of the house is short enough for its fields to be bits', () => {
  expect(keys.filter((key) => key.ruleBits === undefined).map((key) => key.table.key)).toEqual([]);
});
