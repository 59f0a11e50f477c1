import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../../src/host/clock.ts';
import { urgentRequest } from '../../../src/practice/dispatch-center.ts';
import { supervisorConsoleId } from '../../../src/practice/world.ts';
import { hashPassword } from '../../../src/switch/people/password.ts';
import { parseTrace } from '../../../src/wire/trace/trace-format.ts';
import { jsonLines, runInside } from '../../cli/run-hitline.ts';
import { Stage } from '../stage.ts';

/** Two people trace a station's link raw, over real doors and by the commands they would use. */
const custodian = { osn: 'PRACCU1', password: 'keeper-4711-sample' };
const reasons = { asks: 'frames are lost at noon', agrees: 'seen with my own eyes', reads: 'to mend the line' };
let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

/** The machine's clock, whose wall a test may set on while the gateway is down. */
function settableClock() {
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, wallMs: () => systemClock.wallMs() + aheadMs };
  return {
    clock,
    setOn(ms: number): void {
      aheadMs += ms;
    },
  };
}

async function openStage(clock: Clock = systemClock): Promise<Stage> {
  const passwordHash = await hashPassword(custodian.password);
  const keeper = { osn: custodian.osn, name: 'CUSTODIAN SAMPLE', roles: ['custodian' as const], passwordHash };
  const opened = await Stage.open({
    script: { name: 'Silent', agencies: [], listeners: ['WY0990200'] },
    inside: true,
    ports: { clock },
    config: (input) => ({ ...input, people: { initial: [...(input.people?.initial ?? []), keeper] } }),
  });
  for (const { osn, password } of [opened.operator, opened.supervisor, custodian]) {
    writeFileSync(join(opened.folder, osn), `${password}\n`, { mode: 0o600 });
  }
  return opened;
}

/** `hitline trace …` as this person, at this console. */
async function trace(on: Stage, who: { readonly osn: string; readonly at: string }, words: readonly string[]) {
  const { host, port } = on.gateway.consoleAddress;
  const place = join(on.folder, `${who.at}.yaml`);
  writeFileSync(place, JSON.stringify({ url: `ws://${host}:${port}/`, consoleId: who.at }));
  const desk = ['--console', place, '--osn', who.osn, '--password-file', join(on.folder, who.osn)];
  return on.step(() => runInside(['trace', ...words, ...desk]));
}

const said = ({ stdout }: { readonly stdout: Buffer }) => jsonLines(stdout)[0] as Record<string, unknown>;

/** One person has the station's link traced masked, and sees how the line behaved and nothing that was said. */
async function traceMasked(on: Stage, who: { readonly osn: string; readonly at: string }, text: string): Promise<void> {
  const started = said(await trace(on, who, ['start', '--of', 'DISPATCH', '--reason', reasons.asks]));
  expect(started).toMatchObject({ status: 'RUNNING' });
  await on.requestHeld(text);
  const read = await trace(on, who, ['read', String(started['id']), '--reason', reasons.reads]);
  const parsed = parseTrace(read.stdout.toString('latin1'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  expect(parsed.trace.header.scrubbed).toBe(true);
  const all = Buffer.concat(parsed.trace.lines.map(({ bytes }) => bytes)).toString('latin1');
  expect(all).toContain('XX.XX999999X.XX9999999.*XXXX999999.XXX');
  expect(all).not.toMatch(/ROBIN|RECORD|W990000002/);
}

test('one asks, another approves, it runs before all eyes, shows what was said to who may read it, and lies nowhere in clear', async () => {
  stage = await openStage();
  const on = stage;
  const supervisor = { osn: on.supervisor.osn, at: supervisorConsoleId };
  const keeper = { osn: custodian.osn, at: 'REC2' };
  const coj = await on.coj();
  const notices = async () => (await coj.call('status', {})).notices.filter((one) => one.startsWith('RAW TRACE'));
  // The link is open before the trace begins, as it is when somebody has reason to look.
  await on.dispatch();
  await traceMasked(on, supervisor, urgentRequest.replace('DISP000001', 'DISP000009'));

  const operator = { osn: on.operator.osn, at: 'REC2' };
  const start = ['start', '--of', 'DISPATCH', '--raw', '--minutes', '5', '--reason', reasons.asks];
  expect(said(await trace(on, operator, start))).toMatchObject({ faults: [{ code: 'ROLE_MISSING' }] });
  const asked = said(await trace(on, supervisor, start));
  expect(asked).toMatchObject({ ok: true, status: 'ASKED' });
  const id = String(asked['id']);
  expect(await notices()).toEqual([]);

  const approve = ['approve', id, '--reason', reasons.agrees];
  expect(said(await trace(on, supervisor, approve))).toMatchObject({ faults: [{ code: 'SAME_PERSON' }] });
  const overOwn = [
    ...approve,
    '--approver',
    supervisor.osn,
    '--approver-password-file',
    join(on.folder, supervisor.osn),
  ];
  expect(said(await trace(on, keeper, overOwn))).toMatchObject({ faults: [{ code: 'SAME_PERSON' }] });
  const overShoulder = [...approve, '--approver', keeper.osn, '--approver-password-file', join(on.folder, keeper.osn)];
  expect(said(await trace(on, supervisor, overShoulder))).toEqual({ ok: true, status: 'RUNNING' });
  expect(await notices()).toEqual([
    expect.stringContaining(`asked for by ${supervisor.osn}, approved by ${keeper.osn}`),
  ]);

  await on.requestHeld(urgentRequest);
  const stopped = await trace(on, keeper, ['stop', id, '--reason', 'seen enough']);
  expect(said(stopped)).toEqual({ ok: true, status: 'ENDED' });
  expect(await notices()).toEqual([]);

  const read = await trace(on, supervisor, ['read', id, '--reason', reasons.reads]);
  const parsed = parseTrace(read.stdout.toString('latin1'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  expect(parsed.trace.header).toMatchObject({ by: 'gateway', scrubbed: false, profile: 'foxtalk-1' });
  const came = parsed.trace.lines
    .filter(({ direction }) => direction === 'in')
    .map(({ bytes }) => bytes.toString('latin1'));
  expect(came.some((bytes) => bytes.includes('RECORD, ROBIN'))).toBe(true);

  const list = jsonLines((await trace(on, supervisor, ['list'])).stdout);
  expect(list[1]).toMatchObject({ id, status: 'ENDED', raw: true, of: 'DISPATCH' });
  const history = await on.gateway.ledger.history('system', id);
  expect(history.map(({ type, actor, textNames }) => [type, actor, textNames])).toEqual([
    ['TRACE_ASKED', supervisor.osn, ['reason']],
    ['TRACE_STARTED', keeper.osn, ['reason']],
    ['TRACE_ENDED', keeper.osn, ['reason']],
    ['TRACE_READ', supervisor.osn, ['reason']],
  ]);
  expect(history[1]?.data).toMatchObject({ overShoulderOf: supervisor.osn });

  const sealed = readdirSync(join(on.folder, 'data/traces'));
  expect(sealed).toEqual(expect.arrayContaining([`${id}.key`, `${id}.trace`]));
  expect(statSync(join(on.folder, 'data/traces', `${id}.trace`)).size).toBeGreaterThan(1_000);
  const hex = Buffer.from('RECORD, ROBIN').toString('hex').toUpperCase();
  await on.checkLaws({ secrets: [...Object.values(reasons), hex, custodian.password] });
  for (const name of sealed) expect(readFileSync(join(on.folder, 'data/traces', name)).includes(hex)).toBe(false);
});

test('another approves at a console of his own; the next life ends it and can read it, and after a day it is gone', async () => {
  const { clock, setOn } = settableClock();
  stage = await openStage(clock);
  const on = stage;
  const supervisor = { osn: on.supervisor.osn, at: supervisorConsoleId };
  const keeper = { osn: custodian.osn, at: 'REC2' };
  await on.dispatch();
  const start = ['start', '--of', 'upstream', '--raw', '--reason', reasons.asks];
  const id = String(said(await trace(on, keeper, start))['id']);
  expect(said(await trace(on, supervisor, ['approve', id, '--reason', reasons.agrees]))).toMatchObject({
    status: 'RUNNING',
  });
  await on.stopGateway();
  await on.startGateway();
  expect(said(await trace(on, keeper, ['list']))).toMatchObject({ id, status: 'ENDED' });
  const read = await trace(on, keeper, ['read', id, '--reason', reasons.reads]);
  expect(parseTrace(read.stdout.toString('latin1')).ok).toBe(true);
  await on.stopGateway();
  setOn(86_400_000);
  await on.startGateway();
  expect(readdirSync(join(on.folder, 'data/traces'))).toEqual([]);
  expect((await trace(on, keeper, ['list'])).stdout.toString()).toBe('');
  const late = await trace(on, keeper, ['read', id, '--reason', reasons.reads]);
  expect(said(late)).toMatchObject({ faults: [{ code: 'NOT_FOUND' }] });
  expect((await on.gateway.ledger.history('system', id)).at(-1)?.type).toBe('TRACE_GONE');
  await on.checkLaws({ secrets: Object.values(reasons) });
});
