import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckResult } from '../../wire/conform/conform.ts';
import type { Call, CommandRow } from '../command.ts';
import { UsageError } from '../command.ts';
import { declareLineOptions, readLineOptions } from '../line-options.ts';
import { declareProfileOptions, readProfileOptions } from '../profile-options.ts';
import { readInput, write, writeJson } from '../streams.ts';

/** Sent when nothing else is given: a query for a synthetic person from the practice agency. */
const practiceText = '1N01COJ10000001.QW.CO0990100.NAM/SAMPLE,RECORD.DOB/19000101';

/** Between two connections to a switch that is not on this machine (wire.md 4.3: shorter looks like an attack). */
const politePauseS = 30;

/** `hitline conform`: the rules of a profile run as a client against somebody's switch or gateway, with a report to file. */
export const conformCommand: CommandRow = {
  name: 'conform',
  describe: 'Checks a switch or gateway against the rules of a wire profile and prints a report.',
  configure(command) {
    declareProfileOptions(command);
    declareLineOptions(command);
    command
      .option('--payload <file>', 'the text to send; a synthetic query without it')
      .option('--pause <seconds>', 'between two connections; 30 unless the switch is on this machine')
      .option('--slow', 'the checks too that wait for minutes, such as how long a silent client is kept')
      .option('--json', 'print one JSON object per check in place of the report')
      .addHelpText(
        'after',
        '\nIt sends real messages and breaks the rules on purpose. Only call a switch whose owner agreed to it in writing.' +
          '\nExit code 0: every rule was kept; 1: at least one was not.',
      );
  },
  async run(call) {
    const { options, streams } = call;
    const [{ runConform }, { isLoopback }] = await Promise.all([
      import('../../wire/conform/conform.ts'),
      import('../../wire/sockets/tls.ts'),
    ]);
    const line = await readLineOptions(call, await readProfileOptions(call));
    const pauseMs = 1000 * readPauseS(call, isLoopback(line.host) ? 0 : politePauseS);
    const payload =
      typeof options['payload'] === 'string' ? await readInput(streams, options['payload']) : Buffer.from(practiceText);
    const asJson = options['json'] === true;
    const started = new Date(line.clock.wallMs()).toISOString();
    if (!asJson) await write(streams.stdout, heading(call, line.profile.name, started));
    const shown: Promise<void>[] = [];
    const show = (result: CheckResult): void => {
      shown.push(asJson ? writeJson(streams.stdout, result) : write(streams.stdout, reportLine(result)));
    };
    const slow = options['slow'] === true;
    const report = await runConform({ ...line, payload, pauseMs, slow, onResult: show });
    await Promise.all(shown);
    if (!asJson) await write(streams.stdout, summary(report.results));
    return report.ok ? 0 : 1;
  },
};

function readPauseS({ options }: Call, usual: number): number {
  const pauseS = Number(options['pause'] ?? usual);
  if (!Number.isFinite(pauseS) || pauseS < 0 || pauseS > 3_600)
    throw new UsageError('--pause is seconds, at most 3600');
  return pauseS;
}

/** What a reader needs to know to repeat the run: who asked whom, by which profile with which deviations, and when. */
function heading({ options }: Call, profile: string, started: string): string {
  const deviations = ['controlBytes', 'lengthExcludes', 'lengthBytes', 'blockKeys']
    .filter((name) => options[name] !== undefined)
    .map((name) => (name === 'blockKeys' ? 'encrypted blocks' : `${name} ${String(options[name])}`));
  return [
    'hitline conformance report',
    `profile  ${[profile, ...deviations].join(', ')}`,
    `switch   ${String(options['connect'])}`,
    `started  ${started}`,
    `by       hitline ${ourVersion()}; each rule on a connection of its own; sections are those of docs/wire.md`,
    '',
    '',
  ].join('\n');
}

function ourVersion(): string {
  const file = join(import.meta.dirname, '../../../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function reportLine({ outcome, rule, source, describe, detail }: CheckResult): string {
  const word = outcome === 'fail' ? 'found' : 'why';
  const found = detail === undefined ? '' : `\n       ${word}: ${detail}`;
  return `${outcome.toUpperCase()}   ${rule}  (${source})\n       ${describe}${found}\n`;
}

function summary(results: readonly CheckResult[]): string {
  const count = (outcome: CheckResult['outcome']): number => results.filter((one) => one.outcome === outcome).length;
  return `\n${count('pass')} kept, ${count('fail')} not kept, ${count('skip')} not judged\n`;
}
