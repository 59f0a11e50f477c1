/** Our own gateway held to the rules it holds others to: the station door of the real program, in front of the simulated switch. */
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import { runConform } from '../../../src/wire/conform/conform.ts';
import { wireProfile } from '../../../src/wire/profiles.ts';
import { startBenchGateway, startPeer } from '../../bench/bench-children.ts';
import { closeAfter } from '../line.ts';

test('the station door of our gateway keeps every rule', async () => {
  const behind = await startPeer('switch');
  closeAfter(() => behind.end());
  const gateway = await startBenchGateway(Number(behind.firstLine));
  closeAfter(() => gateway.end());
  const report = await runConform({
    host: '127.0.0.1',
    port: gateway.stationPort,
    profile: wireProfile('foxtalk-1'),
    clock: systemClock,
    payload: Buffer.from('1N01DSP10000001.QW.CO099013N.NAM/SAMPLE,RECORD.DOB/19000101'),
    answerMs: 60_000,
    quietMs: 20,
    pauseMs: 0,
  });
  expect(report.results.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
  expect(report.results.filter(({ outcome }) => outcome === 'pass').length).toBeGreaterThanOrEqual(23);
});
