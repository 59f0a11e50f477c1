/** The house as the tidy test sees it: which files there are, what is in them, and what is larger than it may be. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, folderSizes, sizes, type TextFile } from './rules.ts';
import { openParser, type SourceFacts } from './syntax.ts';

const root = join(import.meta.dirname, '../..');
const codeFolders = ['src', 'test', 'bin'];
const otherFolders = ['docs', 'fixtures', '.ci'];
const textFile = /\.(ts|cjs|mjs|js|json|md|txt|yaml|yml|sh)$|^(Dockerfile|run|LICENSE|\.[a-z]+)$/;

export interface House {
  /** Every file of code, from the top of the repository. */
  readonly paths: readonly string[];
  readonly facts: readonly SourceFacts[];
  readonly texts: readonly TextFile[];
}

/** Reads the whole repository. */
export function readHouse(): House {
  const paths = codeFolders.flatMap(filesUnder);
  const parser = openParser();
  const facts = parser.read(new Map(paths.filter((path) => path.endsWith('.ts')).map((path) => [path, read(path)])));
  parser.close();
  const texts = [...paths, ...otherFolders.flatMap(filesUnder), ...filesAtTop()]
    .filter((path) => textFile.test(path.split('/').at(-1) ?? ''))
    .map((path) => ({ path, text: read(path) }));
  return { paths, facts, texts };
}

/** Everything that is larger than the house allows, known or not. */
export function excesses(house: House): readonly Finding[] {
  return [...sizes(house.facts), ...folderSizes(house.paths)];
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

function filesAtTop(): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'package-lock.json')
    .map((entry) => entry.name);
}
