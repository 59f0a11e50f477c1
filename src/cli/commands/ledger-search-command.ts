import { askHidden, firstLine } from '../ask-secret.ts';
import { type CommandRow, UsageError } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';

/** `hitline ledger search`: finds messages on file, as a person logged on at the gateway. */
export const ledgerSearchCommand: CommandRow = {
  name: 'ledger search',
  describe: 'Finds messages on file through the running gateway; one JSON object a line, the newest first.',
  configure(command) {
    deskOptions(command)
      .option('--key <key>', 'message key, such as QH')
      .option('--ori <ori>', 'ORI')
      .option('--by <osn>', 'OSN of who sent it')
      .option('--nic <nic>', 'NIC number')
      .option('--name', 'by a name: asked for at the terminal, else the first line of standard input')
      .option('--from <time>', 'not before this time (ISO 8601, such as 2026-11-02T00:00:00Z)')
      .option('--until <time>', 'before this time')
      .option('--limit <count>', 'at most so many', '100')
      .addHelpText('after', '\nThe search itself is filed under your name with its reason.');
  },
  async run(call) {
    const { options, streams } = call;
    const reason = reasonOf(call);
    const limit = Number(options['limit']);
    if (!Number.isInteger(limit) || limit < 1 || limit > 500) throw new UsageError('--limit takes 1 to 500');
    const said = {
      key: textOf(options['key']),
      ori: textOf(options['ori']),
      osn: textOf(options['by']),
      nic: textOf(options['nic']),
      fromMs: timeOf(options['from'], '--from'),
      untilMs: timeOf(options['until'], '--until'),
    };
    const isTerminal = streams.stdin.isTTY === true;
    const name =
      options['name'] !== true ? undefined : isTerminal ? await askHidden(streams, 'name') : await firstLine(streams);
    const { rows } = await atDesk(call, (client) =>
      client.call('search', { ...given({ ...said, name }), limit, reason }),
    );
    for (const row of rows) await writeJson(streams.stdout, row);
    return 0;
  },
};

function textOf(option: string | boolean | undefined): string | undefined {
  return typeof option === 'string' ? option : undefined;
}

function timeOf(option: string | boolean | undefined, name: string): number | undefined {
  if (typeof option !== 'string') return undefined;
  const ms = Date.parse(option);
  if (Number.isNaN(ms)) throw new UsageError(`${name} takes a time such as 2026-11-02T00:00:00Z`);
  return ms;
}

type Given<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Without what was not said. */
function given<T extends object>(all: T): Given<T> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Given<T>;
}
