import { readFile } from 'node:fs/promises';
import { HitlineError } from '../../faults/fault.ts';
import type { CommandRow } from '../command.ts';
import { configFault } from '../config-faults.ts';

/** `hitline terminal`: the operator's or supervisor's screen, until the person leaves. */
export const terminalCommand: CommandRow = {
  name: 'terminal',
  describe: "Runs an operator's or supervisor's screen against a gateway.",
  configure(command) {
    command
      .requiredOption('--config <file>', 'where the gateway is and which console this is (YAML)')
      .addHelpText('after', terminalHelp);
  },
  async run({ options }) {
    const [{ checkShape, readYamlFile }, { runTerminal, terminalConfig }] = await Promise.all([
      import('../../host/config-file.ts'),
      import('../../terminal/run-terminal.ts'),
    ]);
    const file = readYamlFile(String(options['config']));
    const read = file.ok ? checkShape(terminalConfig, file.config) : file;
    if (!read.ok) throw new HitlineError('CONFIG_INVALID', { faults: read.faults.map(configFault) });
    const { ca, ...settings } = read.config;
    await runTerminal({ ...settings, ...(ca === undefined ? {} : { ca: await readAuthority(ca) }) });
    return 0;
  },
};

const terminalHelp = `
The file has these settings:
  url        the gateway's console door: wss://HOST:PORT, or ws://HOST:PORT on loopback
  consoleId  which console this is, as the gateway knows it, such as COJ1
  ca         file with the certificate authority of the gateway (PEM); not needed on loopback`;

async function readAuthority(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new HitlineError('FILE_UNREADABLE', { cause });
  }
}
