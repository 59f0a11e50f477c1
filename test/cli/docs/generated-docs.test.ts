import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { generatedDocs } from '../../../src/cli/docs/generated-docs.ts';
import { faultTable } from '../../../src/faults/fault.ts';

const root = join(import.meta.dirname, '../../..');
const docs = await generatedDocs(root);

test.each(docs.map((doc) => [doc.file, doc.text] as const))('%s is what `npm run docs` writes', (file, text) => {
  expect(readFileSync(join(root, file), 'utf8')).toBe(text);
});

test('every code there is stands in docs/errors.md once', () => {
  const errors = docs.find((doc) => doc.file === 'docs/errors.md')?.text ?? '';
  const rows = [...errors.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map((match) => match[1] ?? '');
  expect(rows.toSorted()).toEqual(Object.keys(faultTable).toSorted());
});

test('the documentation points only to files and folders that are there', () => {
  const pages = [
    ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
    ...readdirSync(root),
  ].filter((name) => name.endsWith('.md'));
  expect(pages).toContain('docs/guide.md');
  const broken = pages.flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((match) => join(dirname(page), match[1] ?? ''));
    const named = [...text.matchAll(/`((?:src|test|docs|bin)\/[\w./-]*[\w/])`/g)].map((match) => match[1] ?? '');
    return [...links, ...named].filter((path) => !existsSync(join(root, path))).map((path) => `${page}: ${path}`);
  });
  expect(broken).toEqual([]);
});
