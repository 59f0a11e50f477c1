/**
 * Fixture files: sections that begin with `# `, each a text and what it should come to.
 *   # good [words]                    parses without a fault
 *   # bad CODE [FIELD], CODE … [: words]   is refused with exactly these faults
 *   # bad among CODE [FIELD]        is refused, and this is among its faults
 *   # warns CODE [FIELD] [: words]    parses, and this warning is among its warnings
 *   # refuses to build CODE [FIELD]   the section holds a message as JSON, and building it gives this fault
 *   # reply warns CODE              the text is a reply, and reading it gives this warning
 * Words in angle brackets stand for characters that an editor would lose: <CR>, <DEL>, <NUL>, <REPEAT text count>.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One section of a fixture file. */
export interface FixtureCase {
  readonly file: string;
  readonly kind: 'good' | 'bad' | 'bad among' | 'warns' | 'refuses to build' | 'reply warns';
  /** `CODE FIELD` or `CODE`, in the order of the file. */
  readonly expected: readonly string[];
  readonly text: string;
}

const folder = join(import.meta.dirname, '../../fixtures');
const headForm = /^# (good|bad among|bad|warns|refuses to build|reply warns)(?: ([^:]*))?(?::.*)?$/;

function unescapeMarks(text: string): string {
  return text
    .replace(/<REPEAT (.+?) (\d+)>/g, (_found, part: string, count: string) => part.repeat(Number(count)))
    .replaceAll('<CR>', '\r')
    .replaceAll('<DEL>', '\u007f')
    .replaceAll('<NUL>', '\u0000');
}

function readSection(file: string, section: string): FixtureCase {
  const end = section.indexOf('\n');
  const head = headForm.exec(section.slice(0, end).trimEnd());
  if (head?.[1] === undefined) throw new Error(`${file}: a section does not say what it should come to`);
  const kind = head[1] as FixtureCase['kind'];
  const words = kind === 'good' ? '' : (head[2] ?? '').trim();
  const expected = words === '' ? [] : words.split(',').map((one) => one.trim());
  return { file, kind, expected, text: unescapeMarks(section.slice(end + 1).replace(/\n$/, '')) };
}

/** The names of the fixture files of a folder, without their ending. */
export function fixtureNames(kind: string): readonly string[] {
  return readdirSync(join(folder, kind))
    .filter((name) => name.endsWith('.txt'))
    .map((name) => name.slice(0, -'.txt'.length))
    .sort();
}

/** The whole text of a fixture file. */
export function fixtureText(kind: string, name: string): string {
  return readFileSync(join(folder, kind, `${name}.txt`), 'utf8');
}

/** The sections of one fixture file. */
export function fixtureCases(kind: string, name: string): readonly FixtureCase[] {
  const file = `${kind}/${name}.txt`;
  const sections = fixtureText(kind, name).split(/^(?=# )/m);
  return sections.filter((section) => section.startsWith('# ')).map((section) => readSection(file, section));
}
