/** The file that says where a gateway is and which console this is, as the terminal and the tools at a desk take it. */
import { readFile } from 'node:fs/promises';
import type { ConsoleTls } from '../console/client.ts';
import { HitlineError } from '../faults/fault.ts';
import { configFault } from './config-faults.ts';

export interface ConsolePlace {
  readonly url: string;
  readonly consoleId: string;
  readonly tls?: ConsoleTls;
}

/** Reads it, and the PEM files it names. Faults: CONFIG_INVALID, FILE_UNREADABLE. */
export async function readConsolePlace(file: string): Promise<ConsolePlace> {
  const [{ checkShape, readYamlFile }, { terminalConfig }] = await Promise.all([
    import('../host/config-file.ts'),
    import('../terminal/run-terminal.ts'),
  ]);
  const read = readYamlFile(file);
  const checked = read.ok ? checkShape(terminalConfig, read.config) : read;
  if (!checked.ok) throw new HitlineError('CONFIG_INVALID', { faults: checked.faults.map(configFault) });
  const { url, consoleId, ...names } = checked.config;
  const texts = await Promise.all(
    Object.entries(names).map(async ([name, path]) => (path === undefined ? [] : [[name, await readPem(path)]])),
  );
  const tls = Object.fromEntries(texts.flat()) as ConsoleTls;
  return { url, consoleId, ...(Object.keys(tls).length === 0 ? {} : { tls }) };
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new HitlineError('FILE_UNREADABLE', { cause });
  }
}
