import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openScreen, type ScreenOptions, type TestScreen } from './screen.ts';
import { type Story, storyGateway } from './story-gateway.ts';

const program = join(import.meta.dirname, 'terminal-program.ts');
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function start(options: Partial<ScreenOptions> = {}): Promise<{ story: Story; screen: TestScreen }> {
  const story = await storyGateway();
  open.push(story);
  const screen = openScreen({
    command: process.execPath,
    words: ['--disable-warning=ExperimentalWarning', program, story.url, 'COJ1', 'operator 1001 password first'],
    ...options,
  });
  open.push({ close: () => screen.kill('SIGKILL') });
  return { story, screen };
}

async function logOn(screen: TestScreen): Promise<void> {
  await screen.waitFor('SWITCH up');
  screen.type('1001');
  screen.press('tab');
  screen.type('first');
  screen.press('f9');
  await screen.waitFor('RECORD, ALEX is logged on.');
}

describe('the screen at a real terminal', () => {
  test('the first story by keys: held, accepted, released over the shoulder, acknowledged, class accepted, clock stopped', async () => {
    const { story, screen } = await start();
    await screen.waitFor('operator 1001 password first');
    await screen.waitFor(/PRACTICE {2}NOBODY LOGGED ON at COJ1/);
    await logOn(screen);
    await screen.waitFor(/> .*WY0990200 YQ {3}URGENT {2}HELD/);
    screen.press('enter');
    await screen.waitFor('REM/STOPPED ON');
    screen.press('a');
    await screen.waitFor('Accepted by you');
    await screen.waitFor('accepted by 1001');
    screen.press('r');
    await screen.waitFor('MORE BELOW');
    screen.press('f9');
    await screen.waitFor('NOT RELEASED. Read the text to its end first');
    screen.press('pagedown');
    await screen.waitFor('READ TO THE END');
    screen.type('2001');
    screen.press('tab');
    screen.type('second');
    const typed = await screen.waitFor('(typed, not shown)');
    expect(typed).not.toContain('second');
    screen.press('f9');
    await screen.waitFor('RELEASED: APPROVED.');
    await screen.waitFor('URGENT – SENT');
    await screen.waitFor(/THEY OWE WY0990200 (10:00|9:5\d)/);
    story.answer();
    await screen.waitFor('ALARM');
    await screen.waitFor('URGENT – ACKED');
    screen.press('f6');
    await screen.waitFor('ALARMS – not silenced');
    screen.press('c');
    await screen.waitFor('PROPOSED    CONFIRMED');
    screen.press('2');
    await screen.waitFor('CON/Y.REM/HOLD FOR US.');
    screen.press('escape');
    await screen.waitFor('PROPOSED    CONFIRMED');
    screen.press('p');
    await screen.waitFor('stopped as of 11-21 03:13:00');
    await screen.waitFor('no clock runs');
    expect(story.calls.find((call) => call.method === 'classify')?.params).toEqual({
      caseId: 'case-1',
      messageId: 'msg-2',
      as: 'confirmed',
    });
    screen.press('f10', 'f10');
    expect(await screen.ended).toEqual({ code: 0, signal: 0 });
  });

  test('the real cursor stands where the next letter goes, a pasted line end presses nothing, another size is drawn at once', async () => {
    const { story, screen } = await start();
    await screen.waitFor('SWITCH up');
    const before = screen.cursor();
    screen.type('10');
    await screen.waitFor(/OSN\) +10/);
    expect(screen.cursor()).toEqual({ row: before.row, column: before.column + 2 });
    screen.paste('01\r\n');
    await screen.waitFor(/OSN\) +1001/);
    screen.press('tab');
    screen.paste('first\r');
    await screen.waitFor('(typed, not shown)');
    screen.resize(132, 43);
    const text = await screen.waitFor('Pine Ridge Police Department');
    expect(text.split('\n')).toHaveLength(43);
    expect(story.calls.filter((call) => call.method === 'logon')).toEqual([]);
    screen.press('f9');
    await screen.waitFor('RECORD, ALEX is logged on.');
  });

  test('a lost gateway is said at once, and it comes back by itself', async () => {
    const { story, screen } = await start();
    await logOn(screen);
    story.cut();
    await screen.waitFor('CANNOT SEND: The gateway cannot be reached.');
    await screen.waitFor('NOT LOGGED ON');
    screen.type('first');
    screen.press('enter');
    await screen.waitFor('RECORD, ALEX is logged on.');
  });
});

describe('the terminal is given back', () => {
  test.each(['SIGTERM', 'SIGHUP'])('after %s: no alternate screen, the program ends', async (signal) => {
    const { screen } = await start();
    await screen.waitFor('LOG ON');
    expect(screen.isFullScreen()).toBe(true);
    screen.kill(signal);
    await screen.ended;
    expect(screen.isFullScreen()).toBe(false);
    expect(screen.snapshot()).toContain('LEFT');
  });

  test('after Ctrl-C twice', async () => {
    const { screen } = await start();
    await screen.waitFor('LOG ON');
    screen.press('C-c');
    await screen.waitFor('Ctrl-C once more');
    screen.press('C-c');
    expect((await screen.ended).code).toBe(0);
    expect(screen.isFullScreen()).toBe(false);
  });

  test('and when the terminal itself is taken away, the program ends and leaves the gateway', async () => {
    const { story, screen } = await start();
    await logOn(screen);
    const left = new Promise<void>((resolve) => story.onDisconnected(resolve));
    screen.hangUp();
    await left;
    expect(story.connected()).toBe(0);
  });

  test('before an uncaught error is told', async () => {
    const crash = `import { runTerminal } from ${JSON.stringify(join(import.meta.dirname, '../../src/terminal/run-terminal.ts'))};
      void runTerminal({ url: 'ws://127.0.0.1:9', consoleId: 'COJ1' });
      process.stdin.on('data', () => { throw new Error('the crash'); });`;
    const { screen } = await start({
      words: ['--input-type=module-typescript', '--disable-warning=ExperimentalWarning', '-e', crash],
    });
    await screen.waitFor('LOG ON');
    screen.press('x');
    expect((await screen.ended).code).not.toBe(0);
    expect(screen.isFullScreen()).toBe(false);
    expect(screen.snapshot()).toContain('the crash');
  });
});

describe('other terminals', () => {
  test('a locale without UTF-8 gets plain signs', async () => {
    const { screen } = await start({ env: { LANG: 'C', LC_ALL: 'C' } });
    await logOn(screen);
    const text = await screen.waitFor('HELD - waits for approval');
    expect(text).not.toMatch(/[^\n -~]/);
  });

  test('tmux’s own terminal name works', async () => {
    const { screen } = await start({ env: { TERM: 'tmux-256color' } });
    await logOn(screen);
    await screen.waitFor('HELD – waits for approval');
  });

  test('who asks for no colours gets none, and the others do', async () => {
    const [plain, usual] = await Promise.all([start({ env: { NO_COLOR: '1' } }), start({ env: { NO_COLOR: '' } })]);
    for (const { screen } of [plain, usual]) await screen.waitFor(/CANNOT SEND|SWITCH up/);
    expect([plain.screen.hasColours(), usual.screen.hasColours()]).toEqual([false, true]);
  });

  test('an output that is no terminal is refused with a sentence', async () => {
    const { screen } = await start({
      command: 'sh',
      words: ['-c', `${process.execPath} ${program} ws://127.0.0.1:9 COJ1 | cat`],
    });
    await screen.ended;
    expect(screen.snapshot()).toContain('The screen needs a terminal');
  });
});
