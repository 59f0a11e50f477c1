/** The documents that are made and not written; a test holds the files equal to what is made here. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configDocs } from '../../switch/config.ts';
import { commandsDocs } from './commands-docs.ts';
import { errorsDocs } from './errors-docs.ts';
import { keysDocs } from './keys-docs.ts';

export interface GeneratedDoc {
  /** From the top of the repository. */
  readonly file: string;
  readonly text: string;
}

/** All of them; `root` is the top of the repository. */
export async function generatedDocs(root: string): Promise<readonly GeneratedDoc[]> {
  return [
    { file: 'docs/errors.md', text: errorsDocs() },
    { file: 'docs/keys.md', text: keysDocs() },
    { file: 'docs/config.md', text: configDocs() },
    { file: 'docs/commands.md', text: await commandsDocs() },
    { file: 'README.md', text: withScreen(root) },
  ];
}

const screenPlace = /(<!-- screen[^>]*-->\n```text\n)[\s\S]*?(\n```\n<!-- end of screen -->)/;

/** The README with the picture of the screen that docs/screen.txt holds. */
function withScreen(root: string): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const file = join(root, 'docs/screen.txt');
  if (!existsSync(file)) return readme;
  const screen = readFileSync(file, 'utf8').trimEnd();
  return readme.replace(screenPlace, (_all, before: string, after: string) => `${before}${screen}${after}`);
}
