import { afterEach, describe, expect, test } from 'vitest';
import { urgentRequest } from '../../src/practice/dispatch-center.ts';
import { Stage } from './stage.ts';

/** One hit confirmation over every kind of line the upstream may be, with the text coded as that line codes it. */
let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

const lines = [
  {
    name: 'dmpp-2020',
    line: { profile: 'dmpp-2020' as const, text: { charset: 'latin1' as const, lineEnd: 'CRLF' as const } },
  },
  { name: 'mllp-r2', line: { profile: 'mllp-r2' as const } },
  { name: 'stx-etx in ASCII', line: { profile: 'stx-etx' as const, text: { charset: 'ascii' as const } } },
  {
    name: 'stx-etx in EBCDIC cp037 with its own acknowledgements',
    line: {
      profile: 'stx-etx' as const,
      quirks: { controlBytes: 'ebcdic' as const },
      text: { charset: 'cp037' as const, lineEnd: 'NEL' as const },
    },
  },
];

async function openLine({ line }: (typeof lines)[number]): Promise<Stage> {
  stage = await Stage.open({
    inside: true,
    simulator: { profile: line.profile, ...(line.text === undefined ? {} : { coding: line.text }) },
    script: {
      name: 'Sheriff',
      stations: [{ oris: ['CO0990100'] }],
      ...(line.quirks === undefined ? {} : { quirks: line.quirks }),
      agencies: [
        {
          ori: 'WY0990200',
          name: 'Sage County Sheriff',
          phone: '5550100122',
          rules: [{ when: { key: 'YQ' }, replies: [{ say: 'confirm', afterMs: 20 }] }],
        },
      ],
    },
    config: (input) => ({ ...input, upstream: { ...input.upstream, ...line } }),
  });
  return stage;
}

describe('a hit confirmation passes over', () => {
  test.each(lines)('$name', async (one) => {
    const on = await openLine(one);
    await on.upstreamUp();
    const held = await on.requestHeld(urgentRequest);
    await on.acceptAndRelease(held.id);
    const proposed = await on.case(held.caseId, (view) => view.proposal !== null);
    expect(proposed.proposal?.proposed).toBe('confirmed');
    // The switch, which decodes the line on its own, read exactly the text that was released.
    const received = on.simulator.events.find((event) => event.type === 'received');
    const { text } = await on.message(held.id, () => true);
    expect(received?.type === 'received' ? received.text : '').toBe(text);
  });

  test('and a text the line has no byte for is refused when it is drafted, with its place', async () => {
    const ascii = lines[2];
    if (ascii === undefined) throw new Error('no such line');
    const coj = await (await openLine(ascii)).coj();
    const fields = { NAM: ['RECORD, RÓBIN'], DOB: ['19800202'], SEX: ['M'], RAC: ['W'], PUR: ['C'], ATN: ['SAMPLE'] };
    const drafted = await coj.call('draft', { key: 'QH', destinations: [], fields });
    expect(drafted.id).toBeNull();
    expect(drafted.faults.length).toBeGreaterThan(0);
  });
});
