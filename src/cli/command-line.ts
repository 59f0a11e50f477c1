/**
 * The command line: `hitline COMMAND …`. Results go to standard output and everything else to standard error; the exit
 * codes are those of `ExitCode`. Only the file of the command that was asked for is loaded.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { type FaultCode, faultTable, HitlineError, makeFault } from '../faults/fault.ts';
import { type CommandRow, type ExitCode, UsageError } from './command.ts';
import { type Streams, write, writeJson } from './streams.ts';

/** The commands by their first word, in the order of the help page. */
const commandFiles: Readonly<Record<string, () => Promise<readonly CommandRow[]>>> = {
  parse: async () => [(await import('./commands/parse-command.ts')).parseCommand],
  build: async () => [(await import('./commands/build-command.ts')).buildCommand],
  describe: async () => [(await import('./commands/describe-command.ts')).describeCommand],
  keys: async () => [(await import('./commands/keys-command.ts')).keysCommand],
  codes: async () => [(await import('./commands/codes-command.ts')).codesCommand],
  frame: async () => [
    (await import('./commands/frame-encode-command.ts')).frameEncodeCommand,
    (await import('./commands/frame-decode-command.ts')).frameDecodeCommand,
  ],
  simulate: async () => [(await import('./commands/simulate-command.ts')).simulateCommand],
  gateway: async () => [(await import('./commands/gateway-command.ts')).gatewayCommand],
  terminal: async () => [(await import('./commands/terminal-command.ts')).terminalCommand],
  replay: async () => [(await import('./commands/replay-command.ts')).replayCommand],
  trace: async () => [
    (await import('./commands/trace-start-command.ts')).traceStartCommand,
    (await import('./commands/trace-approve-command.ts')).traceApproveCommand,
    (await import('./commands/trace-stop-command.ts')).traceStopCommand,
    (await import('./commands/trace-list-command.ts')).traceListCommand,
    (await import('./commands/trace-read-command.ts')).traceReadCommand,
  ],
  conform: async () => [(await import('./commands/conform-command.ts')).conformCommand],
  ledger: async () => [
    (await import('./commands/ledger-verify-command.ts')).ledgerVerifyCommand,
    (await import('./commands/ledger-search-command.ts')).ledgerSearchCommand,
    (await import('./commands/ledger-show-command.ts')).ledgerShowCommand,
    (await import('./commands/ledger-export-command.ts')).ledgerExportCommand,
    (await import('./commands/ledger-check-command.ts')).ledgerCheckCommand,
    (await import('./commands/ledger-iii-command.ts')).ledgerIiiCommand,
    (await import('./commands/ledger-disseminate-command.ts')).ledgerDisseminateCommand,
    (await import('./commands/ledger-free-command.ts')).ledgerFreeCommand,
    (await import('./commands/ledger-seal-subject-command.ts')).ledgerSealSubjectCommand,
    (await import('./commands/ledger-unseal-subject-command.ts')).ledgerUnsealSubjectCommand,
    (await import('./commands/ledger-sealed-subjects-command.ts')).ledgerSealedSubjectsCommand,
    (await import('./commands/ledger-purge-command.ts')).ledgerPurgeCommand,
    (await import('./commands/ledger-hold-command.ts')).ledgerHoldCommand,
    (await import('./commands/ledger-backup-command.ts')).ledgerBackupCommand,
    (await import('./commands/ledger-restore-command.ts')).ledgerRestoreCommand,
    (await import('./commands/ledger-rotate-command.ts')).ledgerRotateCommand,
    (await import('./commands/ledger-rebuild-command.ts')).ledgerRebuildCommand,
  ],
  'hash-password': async () => [(await import('./commands/hash-password-command.ts')).hashPasswordCommand],
  practice: async () => [(await import('./commands/practice-command.ts')).practiceCommand],
};

const groups: Readonly<Record<string, string>> = {
  trace: 'Records lines of a running gateway: masked by one person, in clear by two.',
  frame: 'Turns payloads into the bytes of a wire profile and back.',
  ledger: 'Proves, copies, keeps and shows the file of everything.',
};

const helpColumns = 80;

/** The names of all commands, groups before their commands. */
export async function commandNames(): Promise<readonly string[]> {
  const names: string[] = [];
  for (const [name, load] of Object.entries(commandFiles)) {
    if (groups[name] !== undefined) names.push(name);
    names.push(...(await load()).map((row) => row.name));
  }
  return names;
}

/** Runs the command line and gives the exit code; throws only when the streams themselves are broken. */
export async function runCommandLine(words: readonly string[], streams: Streams): Promise<ExitCode> {
  try {
    return await dispatch(words, streams);
  } catch (error) {
    return await reportFailure(error, streams);
  }
}

async function dispatch(words: readonly string[], streams: Streams): Promise<ExitCode> {
  const first = words[0] ?? '';
  const wanted = Object.hasOwn(commandFiles, first) ? [first] : Object.keys(commandFiles);
  const program = newProgram(streams);
  let exitCode: ExitCode = 0;
  for (const name of wanted) {
    const rows = (await commandFiles[name]?.()) ?? [];
    const group = groups[name];
    const parent = group === undefined ? program : program.command(name).description(group);
    for (const row of rows) {
      const command = parent.command(row.name.split(' ').at(-1) ?? row.name).description(row.describe);
      row.configure(command);
      command.action(async () => {
        exitCode = await row.run({ words: command.args, options: command.opts(), streams });
      });
    }
  }
  await program.parseAsync([...words], { from: 'user' });
  return exitCode;
}

function newProgram(streams: Streams): Command {
  return new Command('hitline')
    .description('NCIC/CCIC message-switch gateway and terminal emulator.')
    .version(version())
    .showHelpAfterError('Add --help to see how it is used.')
    .addHelpText('after', '\nExit codes: 0 fine, 1 the input is bad (its faults are on standard output as JSON),')
    .addHelpText('after', '2 wrong usage, 70 a failure of hitline itself. See docs/guide.md.')
    .configureOutput({
      getOutHelpWidth: () => streams.stdout.columns ?? helpColumns,
      getErrHelpWidth: () => helpColumns,
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
    })
    .exitOverride();
}

function version(): string {
  const file = join(import.meta.dirname, '../../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/**
 * Says what went wrong and gives the exit code. What a person can mend is a list of faults on standard output; of our own
 * failures only the kind and the place in the program are said, because the words of an error may hold what a peer sent.
 */
async function reportFailure(error: unknown, streams: Streams): Promise<ExitCode> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    await write(streams.stderr, `error: ${error.message}\n`);
    return 2;
  }
  if (error instanceof HitlineError && isInputTrouble(error)) {
    const faults = error.faults.length > 0 ? error.faults : [{ ...makeFault(error.code), text: error.message }];
    await writeJson(streams.stdout, { ok: false, faults });
    return 1;
  }
  const { placeOf } = await import('../host/log.ts');
  if (error instanceof HitlineError) {
    const cause = systemCode(error.cause);
    await write(streams.stderr, `hitline: ${error.code}: ${error.message}${cause === '' ? '' : ` (${cause})`}\n`);
    return wrongUsage.has(error.code) ? 2 : 70;
  }
  const code = systemCode(error);
  const said = code === '' ? 'unexpected error' : code;
  await write(streams.stderr, `hitline: our own failure: ${said} (at ${placeOf(error)})\n`);
  return 70;
}

/** Failures that another way of starting the command mends. */
const wrongUsage: ReadonlySet<FaultCode> = new Set<FaultCode>(['NOT_A_TERMINAL']);

/** True for what the person who runs the command can mend: the input, the file, the configuration. */
function isInputTrouble(error: HitlineError): boolean {
  if (error.code === 'FILE_UNREADABLE' || error.code === 'CONFIG_INVALID') return true;
  return faultTable[error.code].kind !== 'failure';
}

/** The machine's own code, such as EADDRINUSE, when the error has one. */
function systemCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : '';
}
