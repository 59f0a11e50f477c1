/** The file that says where a gateway is and which console this is, as the terminal and the tools at a desk take it. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ConsoleTls } from '../console/client.ts';
import { HitlineError } from '../faults/fault.ts';
import { configFault } from './config-faults.ts';

export interface ConsolePlace {
  readonly url: string;
  readonly consoleId: string;
  readonly tls?: ConsoleTls;
}

/** Reads it, and the PEM files it names, whose paths are relative to its folder. Fault: CONFIG_INVALID, every mistake at once. */
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
    Object.entries(names).flatMap(([name, path]) =>
      path === undefined ? [] : [readPem(name, resolve(dirname(file), path))],
    ),
  );
  const unread = texts.filter((one) => typeof one.text !== 'string').map(({ name }) => name);
  if (unread.length > 0) {
    const text = 'This file cannot be read. Paths are relative to the folder of the file that names them.';
    throw new HitlineError('CONFIG_INVALID', { faults: unread.map((path) => configFault({ path, text })) });
  }
  const tls = Object.fromEntries(texts.map(({ name, text }) => [name, text])) as ConsoleTls;
  return { url, consoleId, ...(texts.length === 0 ? {} : { tls }) };
}

async function readPem(
  name: string,
  file: string,
): Promise<{ readonly name: string; readonly text: string | undefined }> {
  return { name, text: await readFile(file, 'utf8').catch(() => undefined) };
}
