import type { CommandRow } from '../command.ts';

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
    const [{ readConsolePlace }, { runTerminal }] = await Promise.all([
      import('../console-place.ts'),
      import('../../terminal/run-terminal.ts'),
    ]);
    await runTerminal(await readConsolePlace(String(options['config'])));
    return 0;
  },
};

const terminalHelp = `
The file has these settings:
  url        the gateway's console door: wss://HOST:PORT, or ws://HOST:PORT on loopback
  consoleId  which console this is, as the gateway knows it, such as COJ1
  ca         file with the certificate authority of the gateway (PEM); not needed on loopback
  certificate, key
             files with the certificate of this screen and its key (PEM), where the gateway asks for one

Paths are relative to the folder of the file.`;
