/** Reads the files of a second place; none of them need be there. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { HeadSeal } from '../heads.ts';
import { newestFile, newestWriter, readNewest } from './newest.ts';
import { type SecondPlace, type SecondPlaceText, said } from './said.ts';

function orNothing<T>(nothing: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return nothing;
    throw error;
  };
}

/**
 * The second place as it stands, for who has its key later. The newest heads are read last: a line for good says that the head
 * beside it is there already. Throws the file system's own error.
 */
export async function readSecondPlace(headsFile: string): Promise<SecondPlaceText> {
  const lines = await readLines(headsFile);
  const newest = await readAllNewest(headsFile, lines);
  // A chain that began meanwhile wrote its first line before its first newest head.
  const hasBegun = newest.some(({ writer }) => !mentions(lines, writer));
  return { lines: hasBegun ? await readLines(headsFile) : lines, newest };
}

/** Whether a chain is named in these lines. */
export function mentions(lines: string, writer: string): boolean {
  return lines.includes(`"writer":${JSON.stringify(writer)}`);
}

/** The files that the chains of these lines would have. */
function namesIn(headsName: string, lines: string): string[] {
  const writers = lines.matchAll(/"writer":"([^"\\]*)"/g);
  return [...new Set([...writers].map(([, writer = '']) => newestFile(headsName, writer)))];
}

function readLines(headsFile: string): Promise<string> {
  return readFile(headsFile, 'utf8').catch(orNothing(''));
}

async function readAllNewest(headsFile: string, lines: string): Promise<SecondPlaceText['newest']> {
  const folder = dirname(headsFile);
  // A folder that may not be listed may hold the files all the same: the lines tell whose.
  const names = await readdir(folder).catch(() => namesIn(basename(headsFile), lines));
  const newest: { writer: string; slots: readonly string[] }[] = [];
  for (const name of names.sort()) {
    const writer = newestWriter(basename(headsFile), name);
    const slots = writer === undefined ? undefined : await readNewest(join(folder, name));
    if (writer !== undefined && slots !== undefined) newest.push({ writer, slots });
  }
  return newest;
}

/** What the second place says under this key. */
export async function readHeads(headsFile: string, seal: HeadSeal): Promise<SecondPlace> {
  return said(await readSecondPlace(headsFile), seal);
}
