import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makePracticeFolder, practiceConfig } from '../../../src/practice/world.ts';
import { startGateway } from '../../../src/switch/gateway.ts';
import { traceLifeMs } from '../../../src/switch/traces/trace.ts';
import { silentLog } from '../../support/silent-log.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test('a start destroys what is over before anything else, even when nothing comes of it', async () => {
  const folder = await makePracticeFolder();
  closers.push(() => folder.remove());
  const config = await practiceConfig({
    folder: folder.path,
    simulatorPort: 9,
    credentials: [],
    clocks: { confirmRoutineMs: 60_000 },
    redis: { mode: 'none' },
  });
  const traces = join(config.dataFolder, 'traces');
  mkdirSync(traces, { recursive: true, mode: 0o700 });
  const put = (id: string, startedAtMs: number): void => {
    const key = { id, startedAtMs, keyId: '00', masterId: '00', wrapped: '' };
    writeFileSync(join(traces, `${id}.key`), JSON.stringify(key), { mode: 0o600 });
    writeFileSync(join(traces, `${id}.trace`), 'sealed', { mode: 0o600 });
  };
  put('old', Date.now() - traceLifeMs);
  put('young', Date.now() - traceLifeMs / 2);
  // A key that others may read stops the start.
  writeFileSync(join(folder.path, 'master.key'), 'no key', { mode: 0o644 });
  await expect(startGateway(config, { log: silentLog })).rejects.toMatchObject({ code: 'KEY_FILE_UNUSABLE' });
  const left = ['old', 'young'].flatMap((id) =>
    ['key', 'trace'].filter((ending) => existsSync(join(traces, `${id}.${ending}`))).map((ending) => `${id}.${ending}`),
  );
  expect(left).toEqual(['young.key', 'young.trace']);
});
