/** The documents that people write: what they point at is there, and what they say to type works. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkConfig } from '../../../src/switch/config.ts';
import { terminalConfig } from '../../../src/terminal/run-terminal.ts';

const root = join(import.meta.dirname, '../../..');
const top = readdirSync(root).filter((name) => name.endsWith('.md'));
const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => join('docs', name));

/** The fenced blocks of this kind, such as `yaml`. */
function blocks(file: string, kind: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1] ?? '');
}

describe('links', () => {
  test.each([...top, ...inDocs])('of %s lead to files that are there', (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const targets = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map((match) => match[1] ?? '');
    const dead = targets.filter((target) => !existsSync(join(root, dirname(file), target)));
    expect(dead).toEqual([]);
  });

  test.each([...top, ...inDocs])('and the paths that %s names in code type are there', (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const named = [...text.matchAll(/`((?:src|test|docs|bin|fixtures)\/[\w./-]*\w)\/?`/g)].map(
      (match) => match[1] ?? '',
    );
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe('docs/install.md', () => {
  const [gateway = '', terminal = ''] = blocks('docs/install.md', 'yaml');

  test('has a configuration that a live gateway takes', () => {
    const checked = checkConfig(parse(gateway), '/etc/hitline');
    expect(checked.ok ? [] : checked.faults).toEqual([]);
  });

  test('and one with what stands there in comments, in place of the lines beside it', () => {
    const remarked = gateway.replace(/^( +)# (postgres:) .*$/m, '$1$2').replace(/^( +)# {3}(\w)/gm, '$1  $2');
    const checked = checkConfig(parse(remarked), '/etc/hitline');
    expect(checked.ok ? [] : checked.faults).toEqual([]);
    expect(checked.ok && checked.config.ledger.postgres?.caFile).toBe('/etc/hitline/database-ca.pem');
  });

  test('has the file of a console', () => {
    expect(terminalConfig.safeParse(parse(terminal)).success).toBe(true);
  });

  test('has a unit that starts what is there, and reloads as the gateway reloads', () => {
    const [unit = ''] = blocks('docs/install.md', 'ini');
    const started = /^ExecStart=\/usr\/bin\/node \/opt\/hitline\/(\S+) gateway --config (\S+)$/m.exec(unit);
    expect(existsSync(join(root, started?.[1] ?? 'none'))).toBe(true);
    expect(started?.[2]).toBe('/etc/hitline/gateway.yaml');
    expect(unit).toMatch(/^ExecReload=\/bin\/kill -USR2 \$MAINPID$/m);
  });
});
