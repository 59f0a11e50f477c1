import { afterEach, describe, expect, test } from 'vitest';
import { connectConsole } from '../../src/console/client.ts';
import { systemClock } from '../../src/host/clock.ts';
import { openDispatchCenter, urgentRequest } from '../../src/practice/dispatch-center.ts';
import { cojId, makeCredentials, makePracticeFolder, practiceInput } from '../../src/practice/world.ts';
import { parseScript } from '../../src/simulator/script.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { checkConfig } from '../../src/switch/config.ts';
import { startGateway } from '../../src/switch/gateway.ts';
import { until } from './stage.ts';

/** One hit confirmation over every kind of line the upstream may be, with the text coded as that line codes it. */
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const lines = [
  { name: 'dmpp-2020', line: { profile: 'dmpp-2020' as const } },
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

async function openLine({ line }: (typeof lines)[number]) {
  const simulator = await startSimulator({
    port: 0,
    clock: systemClock,
    profile: line.profile,
    ...(line.text === undefined ? {} : { coding: line.text }),
    script: parseScript({
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
    }),
  });
  closers.push(() => simulator.close());
  const folder = await makePracticeFolder();
  closers.push(() => folder.remove());
  const credentials = makeCredentials();
  const input = await practiceInput({
    folder: folder.path,
    simulatorPort: simulator.address.port,
    credentials,
    clocks: { confirmRoutineMs: 60_000 },
    redis: { mode: 'none' },
  });
  const checked = checkConfig({ ...input, upstream: { ...input.upstream, ...line } }, folder.path);
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
  const gateway = await startGateway(checked.config);
  closers.push(() => gateway.close());
  const { host, port } = gateway.consoleAddress;
  const coj = connectConsole({ url: `ws://${host}:${port}/`, consoleId: cojId, clock: systemClock });
  closers.push(() => coj.close());
  const dispatch = await openDispatchCenter({ address: gateway.stationAddress, clock: systemClock });
  closers.push(() => dispatch.close());
  const [operator, supervisor] = credentials;
  if (operator === undefined || supervisor === undefined) throw new Error('no credentials');
  await until('the console connects', () => (coj.state().state === 'up' ? true : undefined));
  await coj.call('logon', { osn: operator.osn, password: operator.password });
  return { simulator, coj, dispatch, approver: { osn: supervisor.osn, factor: supervisor.password } };
}

describe('a hit confirmation passes over', () => {
  test.each(lines)(
    '$name',
    async (one) => {
      const { coj, dispatch, simulator, approver } = await openLine(one);
      await until('the line is up', async () =>
        (await coj.call('status', {})).upstream.state === 'up' ? true : undefined,
      );
      expect((await dispatch.send(urgentRequest)).type).toBe('acked');
      const held = await until('it is held', async () => (await coj.call('list', { box: 'held', limit: 5 })).rows[0]);
      await coj.call('accept', { id: held.id });
      const { sha256, text } = await coj.call('show', { id: held.id });
      await coj.call('release', { id: held.id, sha256, approver });
      const proposed = await until('the answer is proposed', async () => {
        const view = await coj.call('case', { id: held.caseId ?? '' });
        return view.proposal === null ? undefined : view;
      });
      expect(proposed.proposal?.proposed).toBe('confirmed');
      // The switch, which decodes the line on its own, read exactly the text that was released.
      const received = simulator.events.find((event) => event.type === 'received');
      expect(received?.type === 'received' ? received.text : '').toBe(text);
    },
    30_000,
  );

  test('and a text the line has no byte for is refused when it is drafted, with its place', async () => {
    const ascii = lines[2];
    if (ascii === undefined) throw new Error('no such line');
    const { coj } = await openLine(ascii);
    const fields = { NAM: ['RECORD, RÓBIN'], DOB: ['19800202'], SEX: ['M'], RAC: ['W'], PUR: ['C'], ATN: ['SAMPLE'] };
    const drafted = await coj.call('draft', { key: 'QH', destinations: [], fields });
    expect(drafted.id).toBeNull();
    expect(drafted.faults.length).toBeGreaterThan(0);
  }, 30_000);
});
