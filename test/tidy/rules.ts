/**
 * The rules of the house (DESIGN.md, section 2; STYLE.md) as functions from facts to findings. Each takes everything it
 * judges as an argument, so that the tests can show it a bad house.
 */
import { basename, dirname, join } from 'node:path/posix';
import type { SourceFacts } from './syntax.ts';

/** A broken rule. `figure` is there for sizes, which may stand in the ratchet until somebody makes them smaller. */
export interface Finding {
  readonly rule: string;
  readonly where: string;
  readonly what: string;
  readonly figure?: number;
}

/** A text file of the repository, whatever its language. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

const fileLinesMax = 400;
const functionLinesMax = 70;
const parametersMax = 3;
const folderFilesMax = 15;

/** What each room may import besides itself. */
const roomImports: Readonly<Record<string, readonly string[]>> = {
  faults: [],
  formats: ['faults'],
  wire: ['faults'],
  host: ['faults'],
  console: ['faults', 'formats'],
  terminal: ['faults', 'formats', 'host', 'console'],
  switch: ['faults', 'formats', 'wire', 'host', 'console'],
  simulator: ['faults', 'formats', 'wire', 'host'],
  practice: ['faults', 'formats', 'wire', 'host', 'console', 'terminal', 'switch', 'simulator'],
  cli: ['faults', 'formats', 'wire', 'host', 'console', 'terminal', 'switch', 'simulator', 'practice'],
};

/** Which folders may import a package: what names a technology stays in one place. Test packages are in no room. */
const packageRooms: Readonly<Record<string, readonly string[]>> = {
  '@cityssm/ncic-lookup': ['src/formats/'],
  blessed: ['src/terminal/'],
  bullmq: ['src/switch/deadlines/', 'src/switch/outbound/'],
  commander: ['src/cli/'],
  'iconv-lite': ['src/wire/'],
  ioredis: ['src/switch/'],
  'json-rpc-2.0': ['src/console/', 'src/switch/doors/'],
  kysely: ['src/switch/ledger/'],
  pg: ['src/switch/ledger/'],
  pino: ['src/host/'],
  ws: ['src/console/', 'src/switch/doors/'],
  yaml: ['src/host/', 'src/simulator/'],
  zod: ['src/'],
};

/** The folders that hold one row of a table per file; they have no limit on files. */
const tableFolders = /(^|\/)(keys|commands|profiles|decisions|samples|fixtures)(\/|$)/;

const bannedWords: ReadonlySet<string> = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'manager', 'misc']);

/** The room of a path: `src/switch/cases/x.ts` is in `switch`. */
function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

/** `@scope/name` or `name` of what an import names. */
export function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Where a relative import leads, as a path from the top. */
function targetOf(path: string, specifier: string): string {
  return join(dirname(path), specifier);
}

/** Imports go only the way the picture of the house shows, and each package is used only in its place. */
export function importDirections(sources: readonly SourceFacts[]): readonly Finding[] {
  return sources.flatMap((source) => {
    if (!source.path.startsWith('src/')) return [];
    const room = roomOf(source.path) ?? '(none)';
    const may = roomImports[room];
    if (may === undefined) return [finding('room', source.path, `there is no room called ${room} in the house`)];
    return source.imports.flatMap(({ specifier, line }) => {
      const where = `${source.path}:${line}`;
      if (specifier.startsWith('node:')) return [];
      if (!specifier.startsWith('.')) {
        const places = packageRooms[packageOf(specifier)] ?? [];
        const allowed = places.some((place) => source.path.startsWith(place));
        return allowed ? [] : [finding('package', where, `${packageOf(specifier)} may not be imported here`)];
      }
      const target = roomOf(targetOf(source.path, specifier));
      if (target === room || (target !== undefined && may.includes(target))) return [];
      return [finding('import direction', where, `${room} may not import ${target ?? 'from outside src'}`)];
    });
  });
}

/** blessed has cures that must be taken before it is used: one file imports it. */
export function oneBlessedFile(sources: readonly SourceFacts[]): readonly Finding[] {
  const users = sources.filter(
    (source) =>
      source.path.startsWith('src/') && source.imports.some((one) => one.specifier === 'blessed' && !one.typeOnly),
  );
  return users.slice(1).map((source) => finding('blessed', source.path, `${users[0]?.path} imports blessed already`));
}

/** What must be pure: the language, every file with a `step…` function, the terminal's model, and all these lean on. */
function pureFiles(sources: readonly SourceFacts[]): ReadonlyMap<string, string> {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const reasons = new Map<string, string>();
  const add = (path: string, reason: string): void => {
    const source = byPath.get(path);
    if (source === undefined || reasons.has(path)) return;
    reasons.set(path, reason);
    for (const { specifier, typeOnly } of source.imports) {
      if (!typeOnly && specifier.startsWith('.')) add(targetOf(path, specifier), `${path} leans on it`);
    }
  };
  for (const { path, functions } of sources) {
    if (!path.startsWith('src/')) continue;
    if (path.startsWith('src/formats/')) add(path, 'the language is pure');
    else if (/(^|-)step(-|\.|$)/.test(basename(path))) add(path, 'a step is pure');
    else if (functions.some((one) => one.exported && /^step([A-Z]|$)/.test(one.name))) add(path, 'a step is pure');
    else if (/^src\/terminal\/(.*\/)?(model|update|present)\.ts$/.test(path)) add(path, 'the model is pure');
  }
  return reasons;
}

/**
 * The one file of the language that reads: the code tables are data files of a package that does not export them, read
 * once when the file is loaded.
 */
const tablesRead: ReadonlySet<string> = new Set(['node:fs', 'node:module', 'node:path']);
const tablesFile = 'src/formats/code-tables.ts';

/** No I/O, clock, chance, timer or log where the design says pure. */
export function purity(sources: readonly SourceFacts[]): readonly Finding[] {
  const reasons = pureFiles(sources);
  return sources.flatMap((source) => {
    const reason = reasons.get(source.path);
    if (reason === undefined) return [];
    const imports = source.imports.filter((one) => {
      if (source.path === tablesFile && tablesRead.has(one.specifier)) return false;
      return !one.typeOnly && one.specifier.startsWith('node:');
    });
    return [
      ...imports.map((one) =>
        finding('purity', `${source.path}:${one.line}`, `${one.specifier} is imported, but ${reason}`),
      ),
      ...source.globals.map((one) =>
        finding('purity', `${source.path}:${one.line}`, `${one.what} is used, but ${reason}`),
      ),
    ];
  });
}

const timeGlobals: ReadonlySet<string> = new Set([
  'Date.now',
  'new Date()',
  'Date()',
  'performance',
  'setTimeout',
  'setInterval',
  'AbortSignal.timeout',
  'Temporal.Now',
]);

/** Time comes through the clock port, which two files make: the host's, and the line's own because wire knows no host. */
export function timeThroughThePort(sources: readonly SourceFacts[]): readonly Finding[] {
  const clocks: ReadonlySet<string> = new Set(['src/host/clock.ts', 'src/wire/clock.ts']);
  return sources.flatMap((source) => {
    if (!source.path.startsWith('src/') || clocks.has(source.path)) return [];
    const imports = source.imports.filter((one) => /^node:(timers|perf_hooks)/.test(one.specifier));
    return [
      ...source.globals.filter((one) => timeGlobals.has(one.what)),
      ...imports.map((one) => ({ what: one.specifier, line: one.line })),
    ].map((one) =>
      finding('time', `${source.path}:${one.line}`, `${one.what} is used; take the time from the Clock port`),
    );
  });
}

/** `any`, enum, namespace, default export, parameter property and module-global state (the last in src only). */
export function holes(sources: readonly SourceFacts[]): readonly Finding[] {
  return sources.flatMap((source) =>
    source.holes
      .filter((one) => one.what !== 'module-global state' || source.path.startsWith('src/'))
      .map((one) => finding('hole', `${source.path}:${one.line}`, `${one.what} is not used in this house`)),
  );
}

const silencers = /@ts-(ignore|expect-error|nocheck)|(biome|eslint)-(ignore|disable)|(v8|c8|istanbul) ignore/g;

/** Nothing is told to look away. */
export function silencedChecks(sources: readonly SourceFacts[]): readonly Finding[] {
  return sources.flatMap((source) =>
    [...source.bare.matchAll(silencers)].map((match) =>
      finding('silenced check', `${source.path}:${lineOf(source.bare, match.index)}`, `${match[0]} hides a mistake`),
    ),
  );
}

/** Tests neither focus nor skip without a condition, and wait for events, never for a time. */
export function testManners(sources: readonly SourceFacts[]): readonly Finding[] {
  const manners: readonly (readonly [RegExp, string])[] = [
    [/\b(test|it|describe|suite)\.(only|todo|skip)\b/g, 'a test may be skipped only with skipIf and a condition'],
    [/new Promise(<[^>]*>)?\(\s*\(?(\w+)[^)=]*\)?\s*=>\s*\{?\s*setTimeout\(\s*\2\b/g, 'a fixed wait'],
  ];
  return sources
    .filter((source) => source.path.startsWith('test/'))
    .flatMap((source) => {
      const timers = source.imports.filter((one) => one.specifier === 'node:timers/promises');
      return [
        ...manners.flatMap(([pattern, what]) =>
          [...source.bare.matchAll(pattern)].map((match) =>
            finding('test manners', `${source.path}:${lineOf(source.bare, match.index)}`, what),
          ),
        ),
        ...timers.map((one) => finding('test manners', `${source.path}:${one.line}`, 'a fixed wait')),
        ...source.imports
          .filter((one) => packageOf(one.specifier) === 'nock' && !/http|webhook/.test(source.path))
          .map((one) =>
            finding('nock', `${source.path}:${one.line}`, 'nock wraps sockets; only a test of HTTP may import it'),
          ),
      ];
    });
}

/** Sizes: each finding carries its figure. */
export function sizes(sources: readonly SourceFacts[]): readonly Finding[] {
  return sources.flatMap((source) => [
    ...(source.lineCount > fileLinesMax
      ? [size('file', source.path, { count: source.lineCount, max: fileLinesMax, unit: 'lines' })]
      : []),
    ...source.functions.flatMap((one) => {
      const where = `${source.path} ${one.name}`;
      return [
        ...(one.lineCount > functionLinesMax
          ? [size('function', where, { count: one.lineCount, max: functionLinesMax, unit: 'lines' })]
          : []),
        ...(one.parameterCount > parametersMax
          ? [size('parameters', where, { count: one.parameterCount, max: parametersMax, unit: 'parameters' })]
          : []),
      ];
    }),
  ]);
}

/** No folder of code with more than 15 files, but for the folders that are tables. */
export function folderSizes(paths: readonly string[]): readonly Finding[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    if (/^(src|test)\//.test(path)) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  }
  return [...counts]
    .filter(([folder, count]) => count > folderFilesMax && !tableFolders.test(folder))
    .map(([folder, count]) => size('folder', folder, { count, max: folderFilesMax, unit: 'files' }));
}

/** File names are kebab-case and say what the file is; a name that fits everything says nothing. */
export function fileNames(paths: readonly string[]): readonly Finding[] {
  return paths
    .filter((path) => /^(src|test|bin)\/.*\.(ts|cjs|mjs|js)$/.test(path))
    .flatMap((path) => {
      const stem = basename(path).replace(/(\.(test|bench|torture|d))?\.[a-z]+$/, '');
      const banned = [...stem.split(/[-_.]/), ...dirname(path).split('/')].find((word) => bannedWords.has(word));
      if (banned !== undefined) return [finding('name', path, `"${banned}" says nothing; name the idea`)];
      return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem) ? [] : [finding('name', path, 'file names are kebab-case')];
    });
}

// Written with character classes, so that this file does not hold what it forbids.
const machinePaths = /(?<![\w.~-])\/(?:roo[t]|wor[k]|hom[e]\/\w+|User[s]\/\w+)\/|[A-Z]:\\User[s]\\/g;
const twoMeanings = /\bCS[O]\b/g;
const unfinished = /\b(?:TOD[O]|FIXM[E])\b|\bnot implemente[d]\b/g;

/** No path of somebody's machine, no letters with two meanings, nothing unfinished. */
export function words(files: readonly TextFile[]): readonly Finding[] {
  const rules: readonly (readonly [string, RegExp, RegExp, string])[] = [
    ['machine path', /./, machinePaths, 'a path of one machine'],
    ['word', /^(src|test|docs|fixtures)\/|\.md$/, twoMeanings, 'say control terminal or CSA'],
    ['unfinished', /^(src|test|bin)\//, unfinished, 'finish it, or say in docs/ that it is not there'],
  ];
  return files.flatMap(({ path, text }) =>
    rules.flatMap(([rule, applies, pattern, what]) =>
      applies.test(path)
        ? [...text.matchAll(pattern)].map((match) => finding(rule, `${path}:${lineOf(text, match.index)}`, what))
        : [],
    ),
  );
}

/**
 * What the ratchet lets stand: a size that is known and has not grown. Everything else comes back, and so does an entry
 * that is larger than the truth, because the figures may only shrink.
 */
export function afterRatchet(
  findings: readonly Finding[],
  ratchet: Readonly<Record<string, number>>,
): readonly Finding[] {
  const found = new Map<string, number>();
  const rest = findings.filter((one) => {
    if (one.figure === undefined) return true;
    const name = `${one.rule} ${one.where}`;
    found.set(name, Math.max(one.figure, found.get(name) ?? 0));
    const known = ratchet[name];
    return known === undefined || one.figure > known;
  });
  const slack = Object.entries(ratchet)
    .filter(([name, known]) => (found.get(name) ?? 0) < known)
    .map(([name, known]) => {
      const figure = found.get(name);
      const mend = figure === undefined ? 'take it out of' : `lower it to ${figure} in`;
      const what = `the ratchet says ${known}; ${mend} test/tidy/ratchet.json (test/tidy/lower-ratchet.ts does it)`;
      return finding('ratchet', name, what);
    });
  return [...rest, ...slack];
}

function finding(rule: string, where: string, what: string): Finding {
  return { rule, where, what };
}

function size(rule: string, where: string, is: { count: number; max: number; unit: string }): Finding {
  return { rule, where, what: `${is.count} ${is.unit}; at most ${is.max}`, figure: is.count };
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
