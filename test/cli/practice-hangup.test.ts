import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { afterAll, expect, test } from 'vitest';
import { launcher } from './run-hitline.ts';

const folder = mkdtempSync(join(tmpdir(), 'hitline-hangup-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

/** What blessed sends when it leaves the alternate screen. */
const screenGivenBack = '\u001b[?1049l';

/** What a practice run keeps on disk while it runs. */
const practiceFolders = (): string[] => readdirSync(folder).filter((name) => name.startsWith('hitline-practice-'));

test.each([
  ['becomes the command', [launcher, 'practice', '--no-redis']],
  [
    'stays as the parent, as on Node 20',
    [
      '-e',
      `process.execve = undefined; process.argv.splice(1, 0, 'launcher'); require(${JSON.stringify(launcher)});`,
      '--',
      'practice',
      '--no-redis',
    ],
  ],
])('a window closed over a practice system leaves nothing behind, when the launcher %s', async (_how, words) => {
  const env = { ...process.env, TERM: 'xterm-256color', TMPDIR: folder } as Record<string, string>;
  const window = spawn(process.execPath, words, { cols: 80, rows: 24, env });
  let shown = '';
  let look = (): void => undefined;
  const onScreen = (text: string): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (shown.includes(text)) resolve();
      };
      look();
    });
  window.onData((text) => {
    shown += text;
    look();
  });
  const gone = new Promise<void>((resolve) => {
    window.onExit(() => resolve());
  });
  await onScreen('LOG ON');
  expect(practiceFolders()).toHaveLength(1);
  // To everybody in the window, as a terminal does it; the launcher hands it on to the command once more.
  process.kill(-window.pid, 'SIGHUP');
  // And once more when the screen has been given back, while the rest is being put away.
  await onScreen(screenGivenBack);
  try {
    process.kill(-window.pid, 'SIGHUP');
  } catch (error) {
    // It may be gone before anybody could tell it once more.
    if ((error as { code?: unknown }).code !== 'ESRCH') throw error;
  }
  await gone;
  expect(practiceFolders()).toEqual([]);
});
